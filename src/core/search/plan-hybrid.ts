/**
 * A hybrid search as two: the list by words and the list by meaning, both asked of the same nodes for the same shards.
 * The nodes' own hybrid answers are of no use, since each would judge by itself whether its keyword hits are enough.
 */
import { hybridRatio, mayBeGoodEnough, type HybridRatio } from "../merge/hybrid-ratio.ts";
import { pageWindow } from "../merge/merge-spec.ts";
import { fingerprint } from "./fingerprint.ts";
import { planSearch, type PlannedSearch, type PlanSearchInput } from "./plan-search.ts";
import type { NodeQuery, SearchPlan } from "./search-plan.ts";
import type { SearchRequest } from "./search-request.ts";

export interface HybridPlan {
  readonly keyword: SearchPlan;
  readonly ratio: HybridRatio;
  /** Then it is worth waiting for their list before anything is embedded. */
  readonly wordsMaySettle: boolean;
}

export type PlannedHybrid =
  { readonly kind: "plan"; readonly plan: HybridPlan } | { readonly kind: "unsupported"; readonly message: string };

/** The list by words, which tells of each hit what the lists are merged by. */
export function planHybrid(input: PlanSearchInput): PlannedHybrid {
  const { body } = input.request;
  const { semanticRatio } = body["hybrid"] as { readonly semanticRatio?: number };
  const ratio = hybridRatio(semanticRatio);
  const words = wordsOnly(input.request);
  const planned = planPart(input, words);
  if (planned.kind === "unsupported") return planned;
  const { merge } = planned.plan;
  const wordsMaySettle = mayBeGoodEnough(ratio, pageWindow(merge.paging, merge.maxTotalHits).to);
  // Facets are those of both lists, unless the words settle it.
  const keyword = wordsMaySettle ? planned : planPart(input, changed(words, ["facets"]));
  if (keyword.kind === "unsupported") return keyword;
  return { kind: "plan", plan: { keyword: keyword.plan, ratio, wordsMaySettle } };
}

/** The list by meaning. `vector`: as the client sent it, or as a node embedded it. */
export function planSemantic(input: PlanSearchInput, vector: unknown): PlannedSearch {
  const { request } = input;
  const { embedder } = request.body["hybrid"] as { readonly embedder: unknown };
  const words = wordsOnly(request);
  // Which attributes are searched for words is of no concern to a vector, and a node may not know them.
  const pure = planPart(
    input,
    changed(words, ["attributesToSearchOn"], { hybrid: { embedder, semanticRatio: 1 }, vector }),
  );
  if (pure.kind === "unsupported" || !needsWords(pure.plan, request)) return pure;
  const both = planPart(input, changed(words, [], { hybrid: { embedder, semanticRatio: NEARLY_ONE }, vector }));
  if (both.kind === "unsupported") return both;
  const withoutThreshold = mayExclude(request) ? lookingOnce(both.plan.query) : pure.plan.query.withoutThreshold;
  return { kind: "plan", plan: { ...both.plan, query: { ...both.plan.query, withoutThreshold } } };
}

/** Without a hit to look for, the words of a hybrid search would be enough for a node. */
function lookingOnce({ withoutThreshold }: NodeQuery): string | null {
  if (withoutThreshold === null) return null;
  const body = JSON.parse(withoutThreshold) as { readonly limit: number };
  return JSON.stringify({ ...body, limit: Math.max(1, body.limit) });
}

function planPart(input: PlanSearchInput, request: SearchRequest): PlannedSearch {
  const { body } = input.request;
  // Page 2 is asked of the same nodes as page 1.
  const { offset: _offset, limit: _limit, page: _page, hitsPerPage: _hits, ...question } = body;
  const print = fingerprint(JSON.stringify([input.entry.uid, question, input.forced]));
  const planned = planSearch({ ...input, request, tellApart: true, fingerprint: print });
  if (planned.kind === "unsupported" || body["showRankingScore"] === true) return planned;
  const { plan } = planned;
  const view = { ...plan.merge.view, dropFields: [...plan.merge.view.dropFields, "_rankingScore"] };
  return { kind: "plan", plan: { ...plan, merge: { ...plan.merge, view } } };
}

function wordsOnly(request: SearchRequest): SearchRequest {
  return changed(request, ["hybrid", "vector", "media"], { showRankingScore: true });
}

function changed(request: SearchRequest, dropped: readonly string[], added: object = {}): SearchRequest {
  const body: Record<string, unknown> = { ...request.body, ...added };
  for (const name of dropped) delete body[name];
  return { ...request, body };
}

/**
 * In a hybrid search the words are marked in all hits, and a threshold, a distinct attribute or an excluded word takes
 * documents out of both lists. Only a node's hybrid search does that; with a ratio just below one its hits by meaning
 * are all there, followed by those by words.
 */
function needsWords({ merge }: SearchPlan, request: SearchRequest): boolean {
  return merge.view.hasDerivedFields || request.hasThreshold || merge.distinct !== null || mayExclude(request);
}

/**
 * The ratio with which a node's hybrid search finds what is near and nothing else that is not found by the words: 1 unless
 * a word may be excluded, as the engine reads no words then. Whether a minus excludes a word is for the node to say.
 */
export function meaningRatio(request: SearchRequest): number {
  return mayExclude(request) ? NEARLY_ONE : 1;
}

export function mayExclude({ body }: SearchRequest): boolean {
  return typeof body["q"] === "string" && body["q"].normalize("NFKD").includes("-");
}

const NEARLY_ONE = 0.999999;
