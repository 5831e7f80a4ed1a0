/**
 * Federated multi-search: every query is planned and merged over all shards as a search of its own, and the lists are
 * then merged as one engine merges the queries of a federation. Nodes never federate hits: their hidden last rule
 * makes them refuse queries that one engine takes, and they would compare scores whose denominators are local.
 */
import { apiError } from "../../core/errors/api-error.ts";
import { splitAnswer, type AnswerList } from "../../core/merge/answer-list.ts";
import { renderFederation } from "../../core/merge/federate-answer.ts";
import { federateHits, type FederatedHits } from "../../core/merge/federate-hits.ts";
import { pageWindow } from "../../core/merge/merge-spec.ts";
import { SCORE_FIELD, type HitView } from "../../core/merge/render-hit.ts";
import { misplacedParameter, type FederationRequest } from "../../core/search/federation-request.ts";
import { indexView } from "../../core/search/index-view.ts";
import { readKind } from "../../core/search/search-request.ts";
import { countIndexes } from "./federation-indexes.ts";
import { mergeFacets } from "./federation-facets.ts";
import { runQueries, type FederatedQuery, type QueryRun } from "./federation-queries.ts";
import { judgeByNode, type Judgement } from "./judge-by-node.ts";
import type { SearchDeps } from "./search.ts";

export interface FederatedSearchInput {
  readonly federation: FederationRequest;
  readonly queries: readonly FederatedQuery[];
  /** The whole request as the client sent it. */
  readonly judgement: Judgement;
  readonly includeMetadata: boolean;
}

export interface FederatedSearchResult {
  readonly text: string;
  readonly missingShards: readonly number[];
  readonly nodesAsked: number;
}

export async function federatedSearch(
  deps: SearchDeps,
  input: FederatedSearchInput,
  signal: AbortSignal,
): Promise<FederatedSearchResult> {
  const { federation, queries } = input;
  for (const { parameters } of queries) {
    const misplaced = misplacedParameter(parameters, federation);
    if (misplaced !== null) return judgeByNode(deps.relay, input.judgement, misplaced, signal);
  }
  const requestUid = deps.random.uuidV7();
  const runs = await runQueries(deps, { ...input, requestUid, depth: depthOf(federation) }, signal);
  const indexes = await countIndexes(deps, { federation, runs, depth: depthOf(federation) }, signal);
  const lists = runs.map((run) => readRun(run));
  const federated = federateRuns(deps, federation, runs, lists);
  const facets = await mergeFacets(deps, { federation, runs, indexes, rejected: federated.rejected }, signal);
  const text = renderFederation({
    page: federated.page,
    counted: federated.counted,
    viewOf: (position) => viewOf(runs[position]!),
    paging: federation.paging,
    total: Math.max(0, indexes.reduce((sum, { total }) => sum + total, 0) - federated.rejected.length),
    queryVectors: vectorsOf(queries, lists),
    processingTimeMs: Math.max(0, ...lists.map(processingTime), ...indexes.map((index) => index.processingTimeMs)),
    facets,
    requestUid,
    metadata: input.includeMetadata ? runs.map((run) => metadataOf(deps, run)) : null,
    semantic: queries.some(({ parameters }) => readKind(parameters) !== "keyword"),
    performanceDetails: federation.showPerformanceDetails ? slowestDetails(lists) : null,
  });
  return {
    text,
    missingShards: union([...runs.map(({ result }) => result.missingShards), ...indexes.map((i) => i.missingShards)]),
    nodesAsked: [...runs.map(({ result }) => result), ...indexes].reduce((sum, { nodesAsked }) => sum + nodesAsked, 0),
  };
}

/** How far into each query's list the page can reach. */
function depthOf({ paging }: FederationRequest): number {
  return pageWindow(paging, Number.MAX_SAFE_INTEGER).to;
}

/** An answer that the router itself has just merged. */
function readRun({ result }: QueryRun): AnswerList {
  const list = splitAnswer(result.text, "hits", "query");
  if (list === null) throw garbled();
  return list;
}

function federateRuns(
  deps: Pick<SearchDeps, "pinsOf">,
  federation: FederationRequest,
  runs: readonly QueryRun[],
  lists: readonly AnswerList[],
): FederatedHits {
  const maxTotalHits = new Map(runs.map(({ entry, query }) => [query.indexUid, indexView(entry).maxTotalHits]));
  const depth = depthOf(federation);
  const federated = federateHits({
    lists: runs.map(({ query }, position) => ({
      ...query,
      position,
      hits: lists[position]!,
      hasPins: deps.pinsOf?.(query.indexUid) !== undefined,
    })),
    depthOf: (indexUid) => Math.min(depth, maxTotalHits.get(indexUid) ?? 0),
    ...pageWindow(federation.paging, Number.MAX_SAFE_INTEGER),
    distinct: federation.distinct,
  });
  if (federated === null) throw garbled();
  return federated;
}

function garbled(): Error {
  return apiError("miroir_node_unavailable", "A node answered a search without the scores that a federation needs.");
}

/** As the client asked for it; the score was asked for by the router. */
function viewOf({ result, query }: QueryRun): HitView {
  const { untouched: _untouched, ...view } = result.view;
  const added = query.parameters["showRankingScore"] === true ? [] : [SCORE_FIELD];
  return { ...view, dropFields: [...view.dropFields, ...added, FEDERATION_FIELD] };
}

function vectorsOf(
  queries: readonly FederatedQuery[],
  lists: readonly AnswerList[],
): ReadonlyMap<number, string> | null {
  if (!queries.some(({ parameters }) => parameters["retrieveVectors"] === true)) return null;
  const vectors = new Map<number, string>();
  for (const [position, { members }] of lists.entries()) {
    const vector = members.get("queryVector");
    if (vector !== undefined && queries[position]!.parameters["retrieveVectors"] === true)
      vectors.set(position, vector);
  }
  return vectors;
}

function metadataOf({ random }: SearchDeps, { query, entry }: QueryRun): string {
  const { q } = query.parameters;
  return JSON.stringify({
    queryUid: random.uuidV7(),
    indexUid: query.indexUid,
    ...(entry.primaryKey === null ? {} : { primaryKey: entry.primaryKey }),
    ...(typeof q === "string" ? { query: q } : {}),
  });
}

function processingTime({ members }: AnswerList): number {
  return Number(members.get("processingTimeMs") ?? 0);
}

function slowestDetails(lists: readonly AnswerList[]): string {
  const slowest = lists.toSorted((a, b) => processingTime(b) - processingTime(a))[0];
  return slowest?.members.get("performanceDetails") ?? "{}";
}

function union(lists: readonly (readonly number[])[]): readonly number[] {
  return [...new Set(lists.flat())].sort((a, b) => a - b);
}

const FEDERATION_FIELD = "_federation";
