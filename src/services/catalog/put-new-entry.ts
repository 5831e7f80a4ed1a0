/** A new index begins: nothing of an older one of its name is remembered of any node. */
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
  // Until then something may have been noted of the older one.
  await versions.forget(entry.uid);
}
