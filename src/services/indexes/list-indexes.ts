/** `GET /indexes` and `GET /indexes/{uid}`: from the catalog, so that times and order are the same whoever is asked. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { Catalog } from "../catalog/catalog.ts";

export interface IndexView {
  readonly uid: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly primaryKey: string | null;
}

export interface IndexPage {
  readonly results: readonly IndexView[];
  readonly offset: number;
  readonly limit: number;
  readonly total: number;
}

export interface ListIndexesInput {
  readonly offset: number;
  readonly limit: number;
  /** A restricted key sees its own indexes only. */
  readonly allows: (uid: string) => boolean;
}

export function listIndexes(deps: { readonly catalog: Pick<Catalog, "list"> }, input: ListIndexesInput): IndexPage {
  const { offset, limit } = input;
  const seen = deps.catalog.list().filter((entry) => input.allows(entry.uid));
  return { results: seen.slice(offset, offset + limit).map(indexView), offset, limit, total: seen.length };
}

export function getIndex(deps: { readonly catalog: Pick<Catalog, "visible"> }, uid: string): IndexView {
  return indexView(deps.catalog.visible(uid));
}

function indexView(entry: IndexEntry): IndexView {
  return {
    uid: entry.uid,
    createdAt: new Date(entry.createdAt).toISOString(),
    updatedAt: new Date(entry.updatedAt).toISOString(),
    primaryKey: entry.primaryKey,
  };
}
