/** The durable catalog of indexes. Small: read whole at start, written through at every change. */
import type { IndexEntry } from "../core/catalog/index-entry.ts";

export interface CatalogStore {
  all(): Promise<readonly IndexEntry[]>;
  get(uid: string): Promise<IndexEntry | undefined>;
  /** Compare-and-set: false, and nothing has changed, when the entry is no longer as `expected`. */
  replace(expected: IndexEntry, next: IndexEntry): Promise<boolean>;
  put(entry: IndexEntry): Promise<void>;
  /** Several puts and removals in one atomic step: a swap or a rename is never half done. */
  change(change: { readonly put: readonly IndexEntry[]; readonly remove: readonly string[] }): Promise<void>;
  remove(uid: string): Promise<void>;
}
