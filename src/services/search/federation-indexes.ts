/** What each index of a federation contributes to its total and its facets, whatever the number of queries over it. */
import { splitAnswer, countMember } from "../../core/merge/answer-list.ts";
import type { IndexFacets } from "../../core/merge/federate-facets.ts";
import { hasThreshold, planCount, planUnion, type CountedQuery } from "../../core/search/federation-count.ts";
import type { FederationRequest } from "../../core/search/federation-request.ts";
import { indexView } from "../../core/search/index-view.ts";
import { countMixture } from "./count-mixture.ts";
import type { IndexShare } from "./federation-count.ts";
import { countDistinct, hitsOf, type Union } from "./federation-distinct.ts";
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
): Promise<readonly IndexShare[]> {
  const indexes = [...new Set(input.runs.map(({ query }) => query.indexUid))].sort();
  return Promise.all(indexes.map((indexUid) => countIndex(deps, input, indexUid, signal)));
}

async function countIndex(
  deps: SearchDeps,
  { federation, runs, depth }: CountIndexesInput,
  indexUid: string,
  signal: AbortSignal,
): Promise<IndexShare> {
  const own = runs.filter(({ query }) => query.indexUid === indexUid);
  const { entry } = own[0]!;
  const view = indexView(entry);
  const asked = federation.facetsByIndex.get(indexUid) ?? null;
  const facets = asked !== null && asked.length > 0 ? asked : null;
  const counted = own.map(({ query }) => countedQuery(query));
  const plan = planCount(counted, federation.distinct ?? view.distinctAttribute);
  if (plan.kind === "own") return fromAnswer(own[plan.at]!, asked);
  const union: Union = {
    entry,
    runs: own,
    full: Math.min(depth, view.maxTotalHits),
    exhaustive: federation.paging.mode === "page",
    fieldOf: ({ query }) => federation.distinct ?? stringOf(query.parameters["distinct"]) ?? view.distinctAttribute,
    facets,
    fingerprint: own[0]!.fingerprint,
  };
  const fields = own.flatMap((run) => union.fieldOf(run) ?? []);
  // Documents cannot be chosen by the values of an attribute that nobody may filter by; then all of them are counted.
  const isDistinct = fields.length > 0 && fields.every(view.isFilterable);
  const plain = (run: QueryRun): readonly CountedQuery[] => plainForms(union, run);
  const share = await (isDistinct ? countDistinct(deps, union, plain, signal) : countAll(deps, union, signal)).catch(
    (error: unknown) => {
      if (!(error instanceof ApiError) || error.code !== "invalid_search_facets") throw error;
      const first = runs.findIndex(({ query }) => query.indexUid === indexUid);
      throw facetError(error, indexUid, first);
    },
  );
  return { ...share, facets: share.facets ?? noFacets(indexUid, asked) };
}

function countAll(deps: SearchDeps, union: Union, signal: AbortSignal): Promise<IndexShare> {
  const { entry, full, exhaustive, facets } = union;
  const queries = union.runs.flatMap((run) => plainForms(union, run));
  const looks = queries.some(hasThreshold);
  const options = { indexUid: entry.uid, depth: looks ? full : 0, exhaustive, facets };
  return countMixture(deps, entry, { requests: planUnion(queries), options }, signal);
}

/** A query that found a full page stopped there, and then its threshold takes nothing off the total. */
function plainForms({ entry, full, exhaustive }: Union, run: QueryRun): readonly CountedQuery[] {
  const { parameters, forced } = countedQuery(run.query);
  const forms = run.result.countedAs ?? [{}];
  // Of a search with two lists the forms themselves say which of them stopped.
  const mayStop = forms.length === 1 && (!exhaustive || full === indexView(entry).maxTotalHits);
  const found = run.result.taken ?? hitsOf(run).length;
  const stopped = mayStop && found >= full ? { rankingScoreThreshold: null } : {};
  return forms.map((form) => ({ parameters: { ...parameters, ...form, ...stopped }, forced }));
}

function fromAnswer({ query, result }: QueryRun, asked: readonly string[] | null): IndexShare {
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

function stringOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
