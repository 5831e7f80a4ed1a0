/**
 * Several searches in one request, without federation: each is planned on its own, all run at once, and the answers
 * stand in the order of the queries. The first query that fails decides the error, as in the engine.
 */
import { ApiError, apiError } from "../../core/errors/api-error.ts";
import { readSearchRequest } from "../../core/search/search-request.ts";
import { INDEX_UID } from "./index-uid.ts";
import { judgeByNode, type Judgement } from "./judge-by-node.ts";
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
  const queries = readQueries(input.body);
  if (typeof queries === "string") return judgeByNode(deps.relay, input.judgement, queries, signal);
  if (queries.federated) throw apiError("miroir_not_supported", FEDERATED);
  for (const [position, { indexUid }] of queries.queries.entries()) {
    if (!input.authority.allowsIndex(indexUid)) {
      throw atPosition(apiError("invalid_api_key", "The provided API key is invalid."), position);
    }
  }
  const requestUid = deps.random.uuidV7();
  const results = await Promise.allSettled(
    queries.queries.map(({ indexUid, parameters }) =>
      search(
        deps,
        {
          indexUid,
          parameters,
          judgement: input.judgement,
          forcedFilter: input.authority.forcedFilter(indexUid),
          includeMetadata: input.includeMetadata,
          requestUid,
          route: "multi_search",
        },
        signal,
      ),
    ),
  );
  return combine(queries.queries, results);
}

interface Query {
  readonly indexUid: string;
  readonly parameters: Readonly<Record<string, unknown>>;
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

/** The engine says which query it speaks of, and has 400 for an index that a single search reports with 404. */
function atPosition(error: unknown, position: number): unknown {
  if (!(error instanceof ApiError)) return error;
  const prefix = `Inside \`.queries[${position}]\`: `;
  if (error.body.message.startsWith(prefix)) return error;
  const status = error.code === "index_not_found" ? 400 : error.status;
  const { retryAfterSeconds } = error;
  return new ApiError(
    status,
    { ...error.body, message: prefix + error.body.message },
    { cause: error, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
  );
}

/** A text: what could not be made sense of. */
function readQueries(body: unknown): { readonly queries: readonly Query[]; readonly federated: boolean } | string {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return "the body";
  const { queries, federation, ...rest } = body as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) return unknown;
  if (!Array.isArray(queries)) return "queries";
  const read: Query[] = [];
  for (const query of queries as readonly unknown[]) {
    if (typeof query !== "object" || query === null || Array.isArray(query)) return "queries";
    const { indexUid, federationOptions, ...parameters } = query as Readonly<Record<string, unknown>>;
    if (typeof indexUid !== "string" || !INDEX_UID.test(indexUid)) return "indexUid";
    const federated = federation !== undefined && federation !== null;
    if (federationOptions !== undefined && federationOptions !== null && !federated) return "federationOptions";
    const readable = readSearchRequest(parameters, "multi_search");
    if (readable.kind === "judge") return readable.parameter;
    read.push({ indexUid, parameters });
  }
  return { queries: read, federated: federation !== undefined && federation !== null };
}

const FEDERATED =
  "Federated multi-search (`federation`) is not in this version of Miroir. Send the queries without `federation` and merge their answers in the application.";
