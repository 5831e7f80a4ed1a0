/** `GET /indexes` and `GET /indexes/{uid}`: from the catalog, but for the time of the last change, which nodes know. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { rfc3339 } from "../../core/tasks/time-text.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { newestChanges, type NewestChangesDeps } from "../broadcast/newest-changes.ts";

export interface ListIndexesDeps extends NewestChangesDeps {
  readonly catalog: Pick<Catalog, "list" | "visible">;
}

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

export async function listIndexes(
  deps: NewestChangesDeps,
  input: ListIndexesInput,
  signal?: AbortSignal,
): Promise<IndexPage> {
  const { offset, limit } = input;
  const seen = deps.catalog.list().filter((entry) => input.allows(entry.uid));
  const page = seen.slice(offset, offset + limit);
  const newest = await newestChanges(deps, page, signal);
  return { results: page.map((entry) => indexView(entry, newest)), offset, limit, total: seen.length };
}

export async function getIndex(deps: ListIndexesDeps, uid: string, signal?: AbortSignal): Promise<IndexView> {
  const entry = deps.catalog.visible(uid);
  return indexView(entry, await newestChanges(deps, [entry], signal));
}

function indexView(entry: IndexEntry, newest: ReadonlyMap<string, string>): IndexView {
  return {
    uid: entry.uid,
    createdAt: rfc3339(entry.createdAt),
    updatedAt: newest.get(entry.uid) ?? rfc3339(entry.updatedAt),
    primaryKey: entry.primaryKey,
  };
}
