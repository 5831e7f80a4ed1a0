/**
 * The catalog of indexes: in memory for reads, written through to the store for changes. One instance per router; all
 * decisions about which index exists, its primary key and its shard count come from here.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";

export interface CatalogChange {
  readonly put: readonly IndexEntry[];
  readonly remove: readonly string[];
}

export interface Catalog {
  /** The entry whatever its state, for decisions about writes. */
  get(uid: string): IndexEntry | undefined;
  /** The entry a client may see (`ready` or `deleting`), or `ApiError` `index_not_found` in the engine's words. */
  visible(uid: string): IndexEntry;
  /** Indexes that writers may use and no client sees yet. */
  creating(): readonly string[];
  /** Every entry, whatever its state. */
  all(): readonly IndexEntry[];
  /** Entries a client may see, sorted by uid. */
  list(): readonly IndexEntry[];
  /** For the `createdAt` of a new index: this moment, or the next that no other index has; it tells indexes apart. */
  birth(nowMs: number): number;
  /** Stores first, then shows it to readers. */
  put(entry: IndexEntry): Promise<void>;
  /**
   * One atomic change of several entries, by a pure function of their newest values that touches no entry but those of
   * `uids`; serialised per index.
   */
  change(uids: readonly string[], change: (entries: ReadonlyMap<string, IndexEntry>) => CatalogChange): Promise<void>;
  /**
   * Changes one entry by a pure function of its newest value; serialised per index. Nothing is stored when there is no entry,
   * or when the function returns the one it was given.
   */
  update(uid: string, change: (entry: IndexEntry) => IndexEntry): Promise<IndexEntry | undefined>;
  /**
   * As `update`, of what must not stay as it is: shown to this router's readers at once, and stored as soon as the store
   * takes it. Rejects while it does not.
   */
  correct(uid: string, change: (entry: IndexEntry) => IndexEntry): Promise<void>;
  /** What was corrected is not stored yet: after a crash the entry is again what it was before. */
  owes(uid: string): boolean;
  /** Stores what the store has not taken yet of what was corrected. */
  settle(): Promise<void>;
  /** Takes the entry away if its newest value is the one meant, also from a store that has one this router does not know. */
  remove(uid: string, isMeant: (entry: IndexEntry | undefined) => boolean): Promise<void>;
}
