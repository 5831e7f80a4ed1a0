/** How an index begins in the catalog, whoever makes it. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { NodeForm } from "../../core/settings/node-form.ts";
import type { Catalog } from "./catalog.ts";
import type { NodeVersions } from "./node-versions.ts";

export interface NewEntryForm {
  /** `miroir.shards`: the shard count of a new index. */
  readonly shards: number;
  /** `search.tie_break` */
  readonly form: NodeForm;
}

/** An entry that writes may use at once and that readers do not see yet. */
export function creatingEntry(
  { shards, form }: NewEntryForm,
  { uid, primaryKey, createdAt }: Pick<IndexEntry, "uid" | "primaryKey" | "createdAt">,
): IndexEntry {
  return {
    uid,
    primaryKey,
    shards,
    state: "creating",
    settingsVersion: 0,
    settings: {},
    ...(form.tieBreak === "node" ? { tieBreak: "node" } : {}),
    createdAt,
    updatedAt: createdAt,
  };
}

export interface NewEntryDeps {
  readonly catalog: Pick<Catalog, "put">;
  readonly versions: Pick<NodeVersions, "forget">;
}

/** What is remembered of an older one of its name goes first. */
export async function putNewEntry({ catalog, versions }: NewEntryDeps, entry: IndexEntry): Promise<void> {
  await versions.forget(entry.uid);
  await catalog.put(entry);
}
