/** A new index begins: what is remembered of an older one of its name goes first. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { Catalog } from "./catalog.ts";
import type { NodeVersions } from "./node-versions.ts";

export interface NewEntryDeps {
  readonly catalog: Pick<Catalog, "put">;
  readonly versions: Pick<NodeVersions, "forget">;
}

export async function putNewEntry({ catalog, versions }: NewEntryDeps, entry: IndexEntry): Promise<void> {
  await versions.forget(entry.uid);
  await catalog.put(entry);
}
