/**
 * Do two totals differ because of documents that a score threshold has taken out in front of the page's end? Where a
 * field decides in front of relevancy, the engine takes those off that it has met. Miroir has the nodes list them, which
 * they do no further than they list hits.
 */
import { pageWindow } from "../../src/core/merge/merge-spec.ts";
import { nodeRequest } from "../support/nodes.ts";
import { normal } from "./compare.ts";
import { without, type Exact } from "./exact-json.ts";
import { answersAlike } from "./judge-distinct.ts";
import type { Comparison } from "./verdict.ts";
import type { Target } from "./witness.ts";

type Body = Readonly<Record<string, unknown>>;

export interface ThresholdQuestion {
  readonly index: string;
  readonly body: Body;
  readonly maxTotalHits: number;
  readonly nodes: readonly Target[];
}

/** The search without its threshold has to be answered alike, and some node to find more than it lists. */
export async function endsBeforePage(
  { index, body, maxTotalHits, nodes }: ThresholdQuestion,
  compare: (body: Body) => Promise<Comparison>,
): Promise<boolean> {
  if ((body["rankingScoreThreshold"] ?? null) === null) return false;
  const { rankingScoreThreshold: _threshold, ...rest } = body;
  if (!answersAlike(await compare(rest))) return false;
  const listed = Math.min(2 * pageEnd(body, maxTotalHits) + LOOKED_AT_MIN, maxTotalHits);
  const { page: _page, hitsPerPage: _hits, offset: _offset, ...asked } = rest;
  const found = await Promise.all(
    nodes.map(async (node) => {
      const answer = await nodeRequest(node, "POST", `/indexes/${index}/search`, { ...asked, facets: null, limit: 1 });
      return Number(answer.body?.estimatedTotalHits ?? 0);
    }),
  );
  return found.some((total) => total > listed);
}

export interface FederatedThresholds {
  readonly left: Exact;
  readonly right: Exact;
  readonly queries: readonly Body[];
  readonly federation: Body;
  /** Of each query: does a field decide in front of relevancy? */
  readonly sortsFirst: readonly boolean[];
}

/** The same of a federation: the hits are alike, and with a page that holds all hits so are totals and facets. */
export async function federationEndsBeforePage(
  { left, right, queries, federation, sortsFirst }: FederatedThresholds,
  compare: (body: Body) => Promise<Comparison>,
): Promise<boolean> {
  if (!queries.some((query, i) => sortsFirst[i] === true && (query["rankingScoreThreshold"] ?? null) !== null)) {
    return false;
  }
  if (normal(without(left, COUNTED)) !== normal(without(right, COUNTED))) return false;
  const { page: _page, hitsPerPage: _hits, offset: _offset, ...rest } = federation;
  return answersAlike(await compare({ queries, federation: { ...rest, limit: LIMIT_OF_ALL } }));
}

/** How many hits there are up to the end of the page, at most. */
export function pageEnd({ page, hitsPerPage, offset, limit }: Body, maxTotalHits: number): number {
  const paged = (page ?? null) !== null || (hitsPerPage ?? null) !== null;
  return pageWindow(
    paged
      ? { mode: "page", page: Number(page ?? 1), hitsPerPage: Number(hitsPerPage ?? 20) }
      : { mode: "offset", offset: Number(offset ?? 0), limit: Number(limit ?? 20) },
    maxTotalHits,
  ).to;
}

const COUNTED: ReadonlySet<string> = new Set([
  "estimatedTotalHits",
  "totalHits",
  "totalPages",
  "facetsByIndex",
  "facetDistribution",
  "facetStats",
]);
const LIMIT_OF_ALL = 1_000;
/** As Miroir asks. */
const LOOKED_AT_MIN = 1_000;
