/**
 * What the nodes are asked for documents like a given one: no node but its owner knows the document, so each is asked
 * for what is near its vectors. Unlike such a search the engine's own route goes by nothing but nearness: no ranking
 * rule of the index takes part, and no attribute is distinct.
 */
import type { IndexEntry } from "../catalog/index-entry.ts";
import { NO_FIELD } from "../markers/fields.ts";
import { SCORE_FIELD } from "../merge/render-hit.ts";
import type { CoverPart } from "../routing/shard-map.ts";
import { indexView } from "./index-view.ts";
import { sortsBeforeVector } from "./vector-place.ts";
import { planSearch, type PlanSearchInput } from "./plan-search.ts";
import type { SearchRequest } from "./search-request.ts";
import { nodeBody, type SearchPlan } from "./search-plan.ts";
import type { SimilarRequest } from "./similar-request.ts";

export interface PlanSimilarInput extends Omit<PlanSearchInput, "request"> {
  readonly request: SimilarRequest;
  /** The document's own, as JSON texts; without any the nodes only count what the filter lets through. */
  readonly vectors: readonly string[];
}

export interface SimilarPlan {
  readonly search: SearchPlan;
  /** How many searches a node is asked for in one request: one for each vector. */
  readonly queries: number;
  readonly body: (part: CoverPart) => string;
}

/** A text: what the index lacks, said to the client. */
export function planSimilar(input: PlanSimilarInput): SimilarPlan | string {
  const { request, vectors, entry, ...rest } = input;
  const sortsBefore = vectors.length === 0 ? 0 : sortsBeforeVector(entry, null);
  if (sortsBefore === null) return NO_RELEVANCY;
  const undistinct = withoutDistinct(entry);
  // The document itself is the nearest of all, and is left out.
  const wanted = request.offset + request.limit + 1;
  // Behind a rule that sorts, the nearest may stand anywhere in a node's list.
  const limit = sortsBefore === 0 ? wanted : Math.max(wanted, indexView(entry).maxTotalHits);
  const planned = planSearch({
    ...rest,
    entry: undistinct.entry,
    request: searchFor(request, limit),
    tellApart: true,
  });
  if (planned.kind === "unsupported") return planned.message;
  const { plan } = planned;
  const { vector: _placeholder, hybrid, ...base } = JSON.parse(plan.query.base) as Record<string, unknown>;
  const head = JSON.stringify({ indexUid: entry.uid, ...base, ...undistinct.parameters });
  const near = (vector: string): string =>
    `${head.slice(0, -1)},"hybrid":${JSON.stringify(hybrid)},"vector":${vector}}`;
  const bases =
    vectors.length === 0 ? [JSON.stringify({ ...(JSON.parse(head) as object), limit: 0 })] : vectors.map(near);
  const { view } = plan.merge;
  const dropFields = request.showRankingScore ? view.dropFields : [...view.dropFields, SCORE_FIELD];
  return {
    search: { ...plan, merge: { ...plan.merge, view: { ...view, keepDetails: false, dropFields } } },
    queries: bases.length,
    body: (part) => `{"queries":[${bases.map((base) => nodeBody(plan.query, part, base)).join(",")}]}`,
  };
}

/** A search by vector alone. */
function searchFor(request: SimilarRequest, limit: number): SearchRequest {
  const { embedder, filter, attributesToRetrieve, retrieveVectors, showPerformanceDetails } = request;
  return {
    body: {
      vector: [],
      hybrid: { embedder, semanticRatio: 1 },
      showRankingScore: true,
      ...(attributesToRetrieve === null ? {} : { attributesToRetrieve }),
      ...(retrieveVectors ? { retrieveVectors } : {}),
      ...(showPerformanceDetails ? { showPerformanceDetails } : {}),
    },
    paging: { mode: "offset", offset: 0, limit },
    kind: "semantic",
    filter,
    attributesToRetrieve,
    attributesToHighlight: null,
    attributesToCrop: null,
    showMatchesPosition: false,
    showRankingScoreDetails: false,
    facets: [],
    distinct: null,
    hasThreshold: false,
  };
}

interface Undistinct {
  readonly entry: IndexEntry;
  readonly parameters: { readonly distinct?: string };
}

/** A search can name another distinct attribute, one that no document has. */
function withoutDistinct(entry: IndexEntry): Undistinct {
  const { settings } = entry;
  if ((settings["distinctAttribute"] ?? null) === null) return { entry, parameters: {} };
  return {
    entry: { ...entry, settings: { ...settings, distinctAttribute: null } },
    parameters: { distinct: NO_FIELD },
  };
}

const NO_RELEVANCY =
  "Documents like a given one cannot be found over several nodes in an index whose `rankingRules` have no rule about relevancy. Add `words` to them.";
