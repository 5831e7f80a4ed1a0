/**
 * The answer of a hybrid search from the answers to its two halves. What the engine decides about the whole index is
 * decided here on the merged lists: whether the words alone are good enough, in which list a document counts, and what
 * totals and facets are counted over.
 */
import type { FacetPart, SpellingChoice, SpellingDispute } from "./facets.ts";
import { hybridHits, hybridStrategy, type HybridHit, type HybridKey } from "./hybrid-hits.ts";
import { GOOD_ENOUGH_SCORE, type HybridRatio } from "./hybrid-ratio.ts";
import { mergeHits, type GarbledAnswer, type MergedHits } from "./merge-hits.ts";
import { combineFacets, readFacetPart, renderSearch, type Counted } from "./merge-search.ts";
import { pageWindow, type MergeSpec } from "./merge-spec.ts";
import type { NodeAnswer } from "./node-answer.ts";

export type HybridSide = "keyword" | "semantic";

export interface HybridList {
  /** At least one. */
  readonly answers: readonly NodeAnswer[];
  /** The same search without score threshold and hits, where that was asked for as well. */
  readonly withoutThreshold: readonly NodeAnswer[] | null;
}

export interface MergeHybridInput {
  readonly keyword: HybridList;
  /** null: there is no vector, so the words have to do. */
  readonly semantic: HybridList | null;
  readonly ratio: HybridRatio;
  readonly spec: MergeSpec;
  readonly requestUid: string;
  /** JSON text of the `metadata` member; null: not asked for. */
  readonly metadata: string | null;
  readonly spelling?: SpellingChoice;
}

export interface MergedHybrid {
  readonly kind: "merged";
  /** The whole answer. */
  readonly text: string;
  /** Facet values that the answers of this side spell differently. */
  readonly disputes: readonly SpellingDispute[];
  readonly disputed: HybridSide;
}

export type HybridOutcome = MergedHybrid | GarbledSide;

export interface GarbledSide extends GarbledAnswer {
  readonly side: HybridSide;
}

export function mergeHybrid(input: MergeHybridInput): HybridOutcome {
  const { spec } = input;
  const window = pageWindow(spec.paging, spec.maxTotalHits);
  const keyword = mergeSide("keyword", input.keyword, input);
  if (keyword.kind === "garbage") return { ...keyword, side: "keyword" };
  if (input.semantic === null || isGoodEnough(keyword, window.to)) {
    const page = keyword.page.slice(window.from).map(({ hit }) => ({ hit, semantic: false }));
    const counted = countedOf("keyword", input.keyword, isFull(keyword, spec));
    return finish(input, { page, counted, rejected: keyword.rejected, answers: input.keyword.answers });
  }
  const semantic = mergeSide("semantic", input.semantic, input);
  if (semantic.kind === "garbage") return { ...semantic, side: "semantic" };
  const distinct = spec.distinct?.field ?? null;
  const page = hybridHits(semantic.page, keyword.page, { ...window, distinct });
  const answers = [...input.keyword.answers, ...input.semantic.answers];
  const counted = countedOf("semantic", input.semantic, isFull(semantic, spec));
  return finish(input, { page, counted, rejected: semantic.rejected, answers });
}

/** Do the words settle it, whatever the vectors say? Garbage does not. */
export function areWordsEnough(answers: readonly NodeAnswer[], ratio: HybridRatio, spec: MergeSpec): boolean {
  const merged = mergeSide("keyword", { answers, withoutThreshold: null }, { ratio, spec });
  return merged.kind === "merged" && isGoodEnough(merged, pageWindow(spec.paging, spec.maxTotalHits).to);
}

/** The whole list up to the end of the page. */
function mergeSide(
  side: HybridSide,
  { answers }: HybridList,
  { ratio, spec }: Pick<MergeHybridInput, "ratio" | "spec">,
): MergedHits<HybridKey> | GarbledAnswer {
  const { to } = pageWindow(spec.paging, spec.maxTotalHits);
  return mergeHits({
    lists: answers.map(({ hits }) => hits),
    strategy: hybridStrategy(side, ratio[side]),
    from: 0,
    to,
    distinct: spec.distinct?.field ?? null,
    distinctRequested: spec.distinct?.requested !== false,
  });
}

function isGoodEnough({ page }: MergedHits<HybridKey>, wanted: number): boolean {
  return page.length >= wanted && page.every(({ key }) => key.weighted.total >= GOOD_ENOUGH_SCORE);
}

/** Once it has enough hits the engine stops, unless it pages exactly, and counts what it did not look at. */
function isFull({ taken }: MergedHits<HybridKey>, { paging, maxTotalHits }: MergeSpec): boolean {
  return paging.mode === "offset" && taken === pageWindow(paging, maxTotalHits).to;
}

interface CountedOver {
  readonly over: readonly Counted[];
  /** The side whose answers these are; null: others. */
  readonly disputed: HybridSide | null;
}

function countedOf(side: HybridSide, { answers, withoutThreshold }: HybridList, isFullList: boolean): CountedOver {
  if (isFullList && withoutThreshold !== null) return { over: withoutThreshold, disputed: null };
  return { over: answers, disputed: side };
}

interface Finish {
  readonly page: readonly HybridHit[];
  readonly counted: CountedOver;
  readonly rejected: number;
  readonly answers: readonly NodeAnswer[];
}

function finish(input: MergeHybridInput, { page, counted, rejected, answers }: Finish): HybridOutcome {
  const { spec, requestUid, metadata } = input;
  const parts: FacetPart[] = [];
  for (const [answer, one] of counted.over.entries()) {
    const part = spec.facets === null ? null : readFacetPart(one);
    if (part !== null) parts.push(part);
    else if (spec.facets !== null) return { kind: "garbage", answer, side: counted.disputed ?? "keyword" };
  }
  const facets = spec.facets === null ? null : combineFacets(parts, spec, input.spelling);
  const sum = counted.over.reduce((total, one) => total + one.total, 0);
  const text = renderSearch({
    page: page.map(({ hit }) => hit),
    total: Math.max(0, sum - rejected),
    facets,
    semanticHitCount: page.filter(({ semantic }) => semantic).length,
    answers,
    spec,
    requestUid,
    metadata,
  });
  const disputes = counted.disputed === null ? [] : (facets?.disputes ?? []);
  return { kind: "merged", text, disputes, disputed: counted.disputed ?? "keyword" };
}
