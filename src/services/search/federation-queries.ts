/**
 * Runs the queries of a federation, each as a search of its own, all at once. Where several fail, the one decides that
 * one engine would have met first: index by index in the order of their names, and in an index query by query.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { ApiError, apiError } from "../../core/errors/api-error.ts";
import { isMalformed } from "../../core/filters/parse-filter.ts";
import { cleanNodeError } from "../../core/search/clean-node-error.ts";
import { planCount } from "../../core/search/federation-count.ts";
import { rulesConflict } from "../../core/search/federation-rules.ts";
import type { FederationRequest } from "../../core/search/federation-request.ts";
import { fingerprint } from "../../core/search/fingerprint.ts";
import { indexView } from "../../core/search/index-view.ts";
import { atPosition } from "./at-position.ts";
import { throwRefusal, type Judgement } from "./judge-by-node.ts";
import { exactFilters } from "./known-fields.ts";
import { withinQuery } from "./multi-limits.ts";
import { search, type SearchDeps, type SearchResult } from "./search.ts";

export interface FederatedQuery {
  readonly indexUid: string;
  /** The search parameters, without what belongs to the federation. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly weight: number;
  readonly forcedFilter: unknown;
}

export interface QueryRun {
  readonly query: FederatedQuery;
  readonly entry: IndexEntry;
  readonly result: SearchResult;
  /** Of the nodes that all queries of the index are asked of. */
  readonly fingerprint: number;
}

export interface RunQueriesInput {
  readonly federation: FederationRequest;
  readonly queries: readonly FederatedQuery[];
  readonly judgement: Judgement;
  readonly requestUid: string;
  readonly depth: number;
}

/** By position of the query. */
export async function runQueries(
  deps: SearchDeps,
  input: RunQueriesInput,
  signal: AbortSignal,
): Promise<readonly QueryRun[]> {
  const order = executionOrder(input.queries);
  const found = order.map((position) => ({ position, entry: entryOf(deps, input.queries[position]!.indexUid) }));
  const conflict = rulesConflict(
    found.flatMap(({ position, entry }) =>
      entry instanceof ApiError ? [] : [{ ...input.queries[position]!, position, entry }],
    ),
  );
  const prints = fingerprints(input.queries);
  const settled = await Promise.allSettled(
    found.map(async ({ position, entry }) => {
      if (entry instanceof ApiError) throw entry;
      return { position, run: await runQuery(deps, input, { position, entry, print: prints.get(entry.uid)! }, signal) };
    }),
  );
  const failures = settled.flatMap((result, i): readonly Failure[] => {
    const { position } = found[i]!;
    const reason: unknown = result.status === "rejected" ? result.reason : null;
    if (conflict?.position === position && !isBeforeRules(reason)) {
      return [{ position, error: apiError("invalid_multi_search_query_ranking_rules", conflict.message) }];
    }
    return reason === null ? [] : [{ position, error: reason }];
  });
  if (failures.length > 0) await throwFirst(deps, input, failures, signal);
  const runs: QueryRun[] = [];
  for (const result of settled) if (result.status === "fulfilled") runs[result.value.position] = result.value.run;
  return runs;
}

/** By index: one for all its queries, so that they are asked of the same nodes. */
function fingerprints(queries: readonly FederatedQuery[]): ReadonlyMap<string, number> {
  return new Map(
    [...Map.groupBy(queries, ({ indexUid }) => indexUid)].map(([uid, own]) => [uid, fingerprint(JSON.stringify(own))]),
  );
}

/** Of one query the engine reads embedder and sort first, then holds its rules against the others', then does the rest. */
function isBeforeRules(error: unknown): boolean {
  if (error === null) return false;
  if (!(error instanceof ApiError)) return true;
  return (
    !FOUND_LATER.has(error.code) && !(error.code === "invalid_search_sort" && NOT_SORTABLE.test(error.body.message))
  );
}

const FOUND_LATER: ReadonlySet<string> = new Set([
  "invalid_search_filter",
  "invalid_search_attributes_to_search_on",
  "invalid_search_distinct",
  "invalid_search_facets",
]);
/** What can be read as a sort, and cannot be carried out. */
const NOT_SORTABLE = /is not sortable|You must specify where `sort` is listed/;

interface Failure {
  readonly position: number;
  readonly error: unknown;
}

/** Filters are parsed before anything else is looked at, so with several failures a node is asked which comes first. */
async function throwFirst(
  deps: SearchDeps,
  { judgement, federation, queries }: RunQueriesInput,
  failures: readonly Failure[],
  signal: AbortSignal,
): Promise<never> {
  const unread = failures.some((failure) => isMalformed(queries[failure.position]!.parameters["filter"]));
  const verdict = failures.length > 1 || unread ? await verdictOfNode(deps, { judgement, queries }, signal) : null;
  const same = verdict === null ? undefined : failures.find((failure) => isSame(failure, verdict));
  // A node does not read on in a filter of which nothing is left; whoever has the document of `id = 1 AND …` does.
  const named = same !== undefined && !unread && isFiltering(same) ? failures.find(isFiltering) : same;
  if (verdict !== null && named === undefined) throw verdict;
  const { position, error } = named ?? firstOf(failures, queries);
  const { indexUid } = queries[position]!;
  if (
    !(error instanceof ApiError) ||
    error.code !== "invalid_search_facets" ||
    !federation.facetsByIndex.has(indexUid)
  ) {
    throw atPosition(error, position);
  }
  throw facetError(
    error,
    indexUid,
    queries.findIndex((query) => query.indexUid === indexUid),
  );
}

/** A filter that can be read, and cannot be carried out: met query by query. */
function isFiltering({ error }: Failure): boolean {
  return error instanceof ApiError && error.code === "invalid_search_filter";
}

/** The facets of an index come when all its queries have run, whichever of them they were asked with. */
function firstOf(failures: readonly Failure[], queries: readonly FederatedQuery[]): Failure {
  const { indexUid } = queries[failures[0]!.position]!;
  const own = failures.filter(({ position }) => queries[position]!.indexUid === indexUid);
  return own.find(({ error }) => !(error instanceof ApiError && error.code === "invalid_search_facets")) ?? own[0]!;
}

/** Nodes show everything, so they name attributes that the index of the query hides. */
function withoutHidden({ catalog }: SearchDeps, queries: RunQueriesInput["queries"], error: ApiError): ApiError {
  const [, position] = /^Inside `\.queries\[(\d+)\]`/.exec(error.body.message) ?? [];
  const query = position === undefined ? undefined : queries[Number(position)];
  if (query === undefined || !FOUND_LATER.has(error.code)) return error;
  try {
    const { displayed } = indexView(catalog.visible(query.indexUid));
    return new ApiError(error.status, cleanNodeError(error.body, displayed), { cause: error });
  } catch {
    // A filter that cannot be read is told before an index that is not there.
    return error;
  }
}

/** null: nothing, or only that the hidden rules do not go together. */
async function verdictOfNode(
  deps: SearchDeps,
  { judgement, queries }: Pick<RunQueriesInput, "judgement" | "queries">,
  signal: AbortSignal,
): Promise<ApiError | null> {
  try {
    await throwRefusal(deps.relay, judgement, signal);
    return null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.code === "invalid_multi_search_query_ranking_rules" ? null : withoutHidden(deps, queries, error);
  }
}

/** Our own words for the same are better: the node does not know what the client may see. */
function isSame({ position, error }: Failure, verdict: ApiError): boolean {
  const there = verdict.body.message.startsWith(`Inside \`.queries[${position}]\``);
  return there && error instanceof ApiError && error.code === verdict.code;
}

/** What is wrong with the facets of an index is said of its first query. */
export function facetError(error: ApiError, indexUid: string, firstPosition: number): unknown {
  const message = `Inside \`.federation.facetsByIndex.${indexUid}\`: ${error.body.message}`;
  return atPosition(new ApiError(error.status, { ...error.body, message }, { cause: error }), firstPosition);
}

function executionOrder(queries: readonly FederatedQuery[]): readonly number[] {
  const positions = queries.map((_, position) => position);
  const uid = (position: number): string => queries[position]!.indexUid;
  return positions.sort((a, b) => (uid(a) === uid(b) ? a - b : uid(a) < uid(b) ? -1 : 1));
}

function entryOf(deps: SearchDeps, indexUid: string): IndexEntry | ApiError {
  try {
    return deps.catalog.visible(indexUid);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

async function runQuery(
  deps: SearchDeps,
  input: RunQueriesInput,
  { position, entry, print }: { readonly position: number; readonly entry: IndexEntry; readonly print: number },
  signal: AbortSignal,
): Promise<QueryRun> {
  const { federation, depth, requestUid } = input;
  const query = input.queries[position]!;
  const parameters = {
    ...searchParameters(query.parameters),
    ...(federation.paging.mode === "page" ? { page: 1, hitsPerPage: depth } : { offset: 0, limit: depth }),
    ...(federation.distinct === null ? {} : { distinct: federation.distinct }),
    ...facetsFor(input, position, entry),
    ...(federation.showPerformanceDetails ? { showPerformanceDetails: true } : {}),
    showRankingScore: true,
  };
  const one = {
    indexUid: query.indexUid,
    parameters,
    judgement: { method: "POST", path: `/indexes/${query.indexUid}/search`, body: JSON.stringify(parameters) },
    forcedFilter: query.forcedFilter,
    includeMetadata: false,
    requestUid,
    route: "multi_search",
    forFederation: true,
    fingerprint: print,
  } as const;
  const result = await withinQuery(deps.multi, signal, (ending) => search(deps, one, ending));
  const { filter } = query.parameters;
  const forced = query.forcedFilter;
  const [exact, exactForced] = await exactFilters(deps.knownFields, entry, [filter, forced], signal);
  // What is counted later has to be what was searched.
  const counted = { ...query.parameters, ...(filter === undefined ? {} : { filter: exact }), ...result.widest };
  return { query: { ...query, parameters: counted, forcedFilter: exactForced }, entry, result, fingerprint: print };
}

/** Null where only a query of a multi-search may have it. */
function searchParameters(parameters: FederatedQuery["parameters"]): Record<string, unknown> {
  const { offset: _offset, limit: _limit, facets: _facets, showPerformanceDetails: _details, ...rest } = parameters;
  return rest;
}

/** An index has its facets from the query whose answer tells of all of them, if there is one. */
function facetsFor(
  { federation, queries }: RunQueriesInput,
  position: number,
  entry: IndexEntry,
): { readonly facets?: readonly string[] } {
  const { indexUid } = queries[position]!;
  const facets = federation.facetsByIndex.get(indexUid) ?? null;
  if (facets === null || facets.length === 0) return {};
  const positions = queries.flatMap((query, at) => (query.indexUid === indexUid ? [at] : []));
  const plan = planCount(
    positions.map((at) => countedQuery(queries[at]!)),
    federation.distinct ?? indexView(entry).distinctAttribute,
  );
  return plan.kind === "own" && positions[plan.at] === position ? { facets } : {};
}

export function countedQuery({ parameters, forcedFilter }: FederatedQuery): {
  readonly parameters: FederatedQuery["parameters"];
  readonly forced: readonly unknown[];
} {
  return { parameters, forced: forcedFilter === undefined ? [] : [forcedFilter] };
}
