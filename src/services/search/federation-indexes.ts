/** What each index of a federation contributes to its total and its facets, whatever the number of queries over it. */
import { splitAnswer, countMember } from "../../core/merge/answer-list.ts";
import type { IndexFacets } from "../../core/merge/federate-facets.ts";
import { createHitCursor } from "../../core/merge/hit-cursor.ts";
import { planCount } from "../../core/search/federation-count.ts";
import type { FederationRequest } from "../../core/search/federation-request.ts";
import { indexView } from "../../core/search/index-view.ts";
import { countUnion, type CountedIndex } from "./federation-count.ts";
import { ApiError } from "../../core/errors/api-error.ts";
import { countedQuery, facetError, type QueryRun } from "./federation-queries.ts";
import type { SearchDeps } from "./search.ts";

export interface CountIndexesInput {
  readonly federation: FederationRequest;
  /** By position of the query. */
  readonly runs: readonly QueryRun[];
  readonly depth: number;
}

/** In the order of their names. */
export async function countIndexes(
  deps: SearchDeps,
  input: CountIndexesInput,
  signal: AbortSignal,
): Promise<readonly CountedIndex[]> {
  const indexes = [...new Set(input.runs.map(({ query }) => query.indexUid))].sort();
  return Promise.all(indexes.map((indexUid) => countIndex(deps, input, indexUid, signal)));
}

async function countIndex(
  deps: SearchDeps,
  { federation, runs, depth }: CountIndexesInput,
  indexUid: string,
  signal: AbortSignal,
): Promise<CountedIndex> {
  const own = runs.filter(({ query }) => query.indexUid === indexUid);
  const { entry } = own[0]!;
  const asked = federation.facetsByIndex.get(indexUid) ?? null;
  const facets = asked !== null && asked.length > 0 ? asked : null;
  const distinctField = federation.distinct ?? indexView(entry).distinctAttribute;
  const plan = planCount(
    own.map(({ query }) => countedQuery(query)),
    distinctField,
  );
  if (plan.kind === "own") return fromAnswer(own[plan.at]!, asked);
  // A query that found a full page stopped there, and then its threshold takes nothing off the total.
  const full = Math.min(depth, indexView(entry).maxTotalHits);
  const stopped = new Set(own.filter((run) => hitCount(run) >= full).map(({ query }) => query.parameters));
  const requests = plan.parts.map(({ queries }) => ({
    queries: queries.map((query) =>
      federation.paging.mode === "offset" && stopped.has(query.parameters)
        ? { ...query, parameters: { ...query.parameters, rankingScoreThreshold: null } }
        : query,
    ),
  }));
  const looks =
    distinctField !== null || own.some(({ query }) => (query.parameters["rankingScoreThreshold"] ?? null) !== null);
  const options = { indexUid, depth: looks ? full : 0, exhaustive: federation.paging.mode === "page", facets };
  const counted = await countUnion(deps, entry, { requests, options }, signal).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== "invalid_search_facets") throw error;
    throw facetError(
      error,
      indexUid,
      runs.findIndex(({ query }) => query.indexUid === indexUid),
    );
  });
  return { ...counted, facets: counted.facets ?? noFacets(indexUid, asked) };
}

function fromAnswer({ query, result }: QueryRun, asked: readonly string[] | null): CountedIndex {
  const members = splitAnswer(result.text, "hits", "query")?.members ?? new Map<string, string>();
  const total = countMember(members, "estimatedTotalHits") ?? countMember(members, "totalHits") ?? 0;
  const distribution = members.get("facetDistribution");
  const facets =
    distribution === undefined
      ? noFacets(query.indexUid, asked)
      : { indexUid: query.indexUid, distribution, stats: members.get("facetStats") ?? "{}" };
  return { total, facets, processingTimeMs: 0, missingShards: [], nodesAsked: 0 };
}

/** An index that is named without an attribute is answered all the same. */
function noFacets(indexUid: string, asked: readonly string[] | null): IndexFacets | null {
  return asked === null ? null : { indexUid, distribution: "{}", stats: "{}" };
}

function hitCount({ result }: QueryRun): number {
  const list = splitAnswer(result.text, "hits", "query");
  if (list === null) return 0;
  const cursor = createHitCursor(list);
  let count = 0;
  for (let hit = cursor.next(); hit !== null && hit !== "garbage"; hit = cursor.next()) count += 1;
  return count;
}
