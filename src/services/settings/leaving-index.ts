/**
 * A change of settings whose index is deleted before the change has come to its end. Settings make an index where there is
 * none, so a node that was told of them behind its deletion would keep one that nobody knows of.
 */
import type { Catalog } from "../catalog/catalog.ts";

type Deps = { readonly catalog: Pick<Catalog, "get"> };

/** It has been deleted since, and another may have its name. */
export function isGone({ catalog }: Deps, { uid, createdAt }: { uid: string; createdAt: number }): boolean {
  return catalog.get(uid)?.createdAt !== createdAt;
}

/** There is none, or nodes are told to delete it. */
export function isLeaving({ catalog }: Deps, uid: string): boolean {
  const entry = catalog.get(uid);
  return entry === undefined || entry.state === "deleting";
}

/**
 * Also while the next index of that name is being made: a node that was told of settings first would make it by them, and
 * then refuse to make it. To be asked in the instant in which nodes are told.
 */
export function mayNotBeTold(deps: Deps, { uid, createdAt }: { uid: string; createdAt: number }): boolean {
  const entry = deps.catalog.get(uid);
  return isLeaving(deps, uid) || (entry?.state === "creating" && entry.createdAt !== createdAt);
}

/** Until then a deletion has mostly come to its end, and says whether there is anything left to be done. */
export const LEAVING_DELAY_MS = 250;
