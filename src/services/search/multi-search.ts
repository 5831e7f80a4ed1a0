/**
 * Several searches in one request: each is planned on its own, all run at once, and the answers stand in the order of
 * the queries, unless they are federated. The first query that fails decides the error, as in the engine.
 */
import { andFilters } from "../../core/filters/and-filters.ts";
import { ApiError, apiError } from "../../core/errors/api-error.ts";
import { readFederation, readWeight, type FederationRequest } from "../../core/search/federation-request.ts";
import { readSearchRequest } from "../../core/search/search-request.ts";
import { multiSearched } from "../../telemetry/events/search.ts";
import { atPosition } from "./at-position.ts";
import { federatedSearch } from "./federated-search.ts";
import { INDEX_UID } from "./index-uid.ts";
import { judgeByNode, throwRefusal, type Judgement } from "./judge-by-node.ts";
import { refuseTooMany, withinQuery, withinTotal } from "./multi-limits.ts";
import { search, type SearchDeps, type SearchResult } from "./search.ts";

export interface MultiSearchInput {
  readonly body: unknown;
  readonly judgement: Judgement;
  readonly authority: IndexAuthority;
  readonly includeMetadata: boolean;
}

/** What the caller's credential allows. */
export interface IndexAuthority {
  allowsIndex(indexUid: string): boolean;
  forcedFilter(indexUid: string): unknown;
}

export interface MultiSearchResult {
  readonly text: string;
  readonly missingShards: readonly number[];
  readonly nodesAsked: number;
}

export async function multiSearch(
  deps: SearchDeps,
  input: MultiSearchInput,
  signal: AbortSignal,
): Promise<MultiSearchResult> {
  const count = countQueries(input.body);
  refuseTooMany(deps.multi, count);
  const result = await withinTotal(deps.multi, signal, (ending) => runAll(deps, input, ending));
  deps.emit(multiSearched, { queries: count, complete: result.missingShards.length === 0 });
  return result;
}

function countQueries(body: unknown): number {
  if (typeof body !== "object" || body === null || !("queries" in body)) return 0;
  return Array.isArray(body.queries) ? body.queries.length : 0;
}

async function runAll(deps: SearchDeps, input: MultiSearchInput, signal: AbortSignal): Promise<MultiSearchResult> {
  const queries = readQueries(input.body);
  if (typeof queries === "string") return judgeByNode(deps.relay, input.judgement, queries, signal);
  for (const [position, { indexUid }] of queries.queries.entries()) {
    if (!input.authority.allowsIndex(indexUid)) {
      throw atPosition(apiError("invalid_api_key", "The provided API key is invalid."), position);
    }
  }
  const { federation } = queries;
  if (federation !== null) {
    const federated = queries.queries.map((query) => ({
      ...query,
      forcedFilter: input.authority.forcedFilter(query.indexUid),
    }));
    const { judgement, includeMetadata } = input;
    return federatedSearch(deps, { federation, queries: federated, judgement, includeMetadata }, signal);
  }
  const judgement = withForced(input.judgement, queries.queries, input.authority);
  const requestUid = deps.random.uuidV7();
  const results = await Promise.allSettled(
    queries.queries.map(({ indexUid, parameters }) => {
      const one = {
        indexUid,
        parameters,
        judgement,
        forcedFilter: input.authority.forcedFilter(indexUid),
        includeMetadata: input.includeMetadata,
        requestUid,
        route: "multi_search",
      } as const;
      return withinQuery(deps.multi, signal, (ending) => search(deps, one, ending));
    }),
  );
  const failure = results.find((result) => result.status === "rejected");
  if (failure !== undefined && isAboutReading(failure.reason)) await throwRefusal(deps.relay, input.judgement, signal);
  return combine(queries.queries, results);
}

/** The engine reads all queries before it runs any, and then speaks of a place in the whole body. */
function isAboutReading(error: unknown): boolean {
  return error instanceof ApiError && / at `\.[A-Za-z]/.test(error.body.message);
}

function withForced(judgement: Judgement, queries: readonly Query[], authority: IndexAuthority): Judgement {
  if (queries.every(({ indexUid }) => authority.forcedFilter(indexUid) === undefined)) return judgement;
  const forced = queries.map(({ indexUid, parameters }) => {
    const filter = authority.forcedFilter(indexUid);
    const own = parameters["filter"] ?? undefined;
    return { ...parameters, indexUid, filter: andFilters(own, filter === undefined ? [] : [filter]) };
  });
  return { ...judgement, forced: { method: "POST", path: "/multi-search", body: JSON.stringify({ queries: forced }) } };
}

interface Query {
  readonly indexUid: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly weight: number;
}

interface Queries {
  readonly queries: readonly Query[];
  /** null: the answers stay apart. */
  readonly federation: FederationRequest | null;
}

function combine(queries: readonly Query[], results: readonly PromiseSettledResult<SearchResult>[]): MultiSearchResult {
  const texts: string[] = [];
  const missing = new Set<number>();
  let nodesAsked = 0;
  for (const [position, result] of results.entries()) {
    if (result.status === "rejected") throw atPosition(result.reason, position);
    for (const shard of result.value.missingShards) missing.add(shard);
    nodesAsked += result.value.nodesAsked;
    texts.push(`{"indexUid":${JSON.stringify(queries[position]!.indexUid)},${result.value.text.slice(1)}`);
  }
  const missingShards = [...missing].sort((a, b) => a - b);
  return { text: `{"results":[${texts.join(",")}]}`, missingShards, nodesAsked };
}

/** A text: what could not be made sense of. */
function readQueries(body: unknown): Queries | string {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return "the body";
  const { queries, federation: wanted = null, ...rest } = body as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) return unknown;
  if (!Array.isArray(queries)) return "queries";
  const read: Query[] = [];
  for (const query of queries as readonly unknown[]) {
    if (typeof query !== "object" || query === null || Array.isArray(query)) return "queries";
    const { indexUid, federationOptions, ...parameters } = query as Readonly<Record<string, unknown>>;
    if (typeof indexUid !== "string" || !INDEX_UID.test(indexUid)) return "indexUid";
    const weight = readWeight(federationOptions);
    if (weight === null || ((federationOptions ?? null) !== null && wanted === null)) return "federationOptions";
    const readable = readSearchRequest(parameters, "multi_search");
    if (readable.kind === "judge") return readable.parameter;
    read.push({ indexUid, parameters, weight });
  }
  if (wanted === null) return { queries: read, federation: null };
  const federation = readFederation(wanted);
  return federation.kind === "judge" ? federation.parameter : { queries: read, federation: federation.federation };
}
