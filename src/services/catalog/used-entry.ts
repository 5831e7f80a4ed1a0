/**
 * Has somebody else come to use what a task has put into the catalog for the index that it makes? Then the task must not
 * take the index away again when it fails: documents and settings of others would go with it.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { Catalog } from "./catalog.ts";

/** There is nothing of that name, or what the task has put there, as it was put. */
export function isUnused(entry: IndexEntry | undefined, createdAt: number): boolean {
  return entry === undefined || (entry.createdAt === createdAt && entry.updatedAt === createdAt);
}

/** Called before anything of whoever uses it is told to a node. Told by its time, which every store keeps. */
export async function markUsed(
  catalog: Pick<Catalog, "update">,
  uid: string,
  nowMs: number,
): Promise<IndexEntry | undefined> {
  return catalog.update(uid, (entry) => {
    if (entry.state !== "creating" || !isUnused(entry, entry.createdAt)) return entry;
    return { ...entry, updatedAt: Math.max(nowMs, entry.createdAt + 1) };
  });
}
