/**
 * The answer of a hybrid search from the answers to its two halves. What the engine decides about the whole index is
 * decided here on the merged lists: whether the words settle it alone, in which list a document counts, and what
 * totals and facets are counted over.
 */
import type { FacetTypes, MixedField } from "./facet-types.ts";
import type { FacetPart, MergedFacets, SpellingChoice, SpellingDispute } from "./facets.ts";
import { spelledAs } from "./facet-spelling.ts";
import { droppedHits } from "./dropped-hits.ts";
import { placeOf, type HybridKept } from "./hybrid-distinct.ts";
import { memberText, readHits, type Hit } from "./hit-cursor.ts";
import { hybridHits, hybridStrategy, type HybridHit, type HybridKey, type VectorlessPlace } from "./hybrid-hits.ts";
import { GOOD_ENOUGH_SCORE, type HybridRatio } from "./hybrid-ratio.ts";
import { inOrder } from "./in-order.ts";
import { mergeHits, type GarbledAnswer, type MergedHit, type MergedHits } from "./merge-hits.ts";
import { combineFacets, readFacetPart, renderSearch } from "./merge-search.ts";
import { pageWindow, stopsWhenFull, type MergeSpec } from "./merge-spec.ts";
import type { NodeAnswer } from "./node-answer.ts";
import { isPinned, pinnedHits } from "./pinned-hits.ts";
import { SCORE_FIELD } from "./render-hit.ts";
import { lookTwice } from "./second-look.ts";
import { placeByPosition, walk } from "./place-pins.ts";

export type HybridSide = "keyword" | "semantic";

export interface HybridList {
  /** At least one. */
  readonly answers: readonly NodeAnswer[];
  /** The same search without score threshold and hits, where that was asked for as well. */
  readonly withoutThreshold: readonly NodeAnswer[] | null;
}

export interface MergeHybridInput {
  readonly keyword: HybridList;
  readonly semantic: HybridList;
  readonly ratio: HybridRatio;
  readonly spec: MergeSpec;
  /** Where documents without a vector stand in the list by meaning; null: nowhere, as a score threshold leaves them out. */
  readonly vectorless?: VectorlessPlace | null;
  /** Does no rule ask for nearness? */
  readonly byFieldsAlone?: boolean;
  readonly requestUid: string;
  /** JSON text of the `metadata` member; null: not asked for. */
  readonly metadata: string | null;
  /** All documents with the words and those close enough in meaning, counted together, once that was asked for. */
  readonly union?: CountedUnion;
  /** With a distinct attribute by which documents can be chosen: the total, once that was asked for; null: not to be had. */
  readonly distinctTotal?: number | null;
  /** The facets of the same documents; absent: those of the answers. */
  readonly distinctFacets?: Pick<MergedFacets, "distribution" | "stats"> | null;
  readonly spelling?: SpellingChoice;
  readonly types?: FacetTypes;
}

export interface CountedUnion {
  readonly total: number;
  readonly facets: Pick<MergedFacets, "distribution" | "stats"> | null;
}

export interface MergedHybrid {
  readonly kind: "merged";
  /** The whole answer. */
  readonly text: string;
  /** Facet values that the answers to the list by meaning, or those without its threshold, spell differently. */
  readonly disputes: readonly SpellingDispute[];
  /** Fields of these answers of which it is not known which keys are numbers. */
  readonly mixed: readonly MixedField[];
  /** Are the facets those of the list by meaning without its threshold, so that both speak of these answers? */
  readonly ignoresThreshold: boolean;
  /** Which of the lists ended with the page, so that what was not looked at counts whatever its score. */
  readonly full: Readonly<Record<HybridSide, boolean>>;
  /** The hits of either list. */
  readonly lists: Readonly<Record<HybridSide, readonly MergedHit<HybridKey>[]>>;
  /** The hits of both up to the end of the page. */
  readonly taken: readonly Hit[];
}

/** `union`, `distinct`: the input needs one, or a total. */
export type HybridOutcome =
  MergedHybrid | GarbledSide | { readonly kind: "union" } | { readonly kind: "distinct"; readonly kept: HybridKept };

export interface GarbledSide extends GarbledAnswer {
  readonly side: HybridSide;
}

export function mergeHybrid(input: MergeHybridInput): HybridOutcome {
  const { spec } = input;
  const window = pageWindow(spec.paging, spec.maxTotalHits);
  const keyword = mergeSide("keyword", input.keyword.answers, input);
  if (keyword.kind === "garbage") return { ...keyword, side: "keyword" };
  const semantic = mergeSide("semantic", input.semantic.answers, input);
  if (semantic.kind === "garbage") return { ...semantic, side: "semantic" };
  const taken = hybridHits(semantic.page, keyword.page, { to: window.to, distinct: spec.distinct?.field ?? null });
  const looked = spec.distinct?.looksTwice === true ? lookTwice(taken, spec.distinct.field) : null;
  const { page, shown } = placeTaken(input, { keyword, semantic, taken: looked?.shown ?? taken });
  const counts = countHybrid(input, keyword, semantic);
  if (counts.kind !== "counts") return counts;
  if (spec.distinct?.filterable === true && input.distinctTotal === undefined) {
    const kept = {
      field: spec.distinct.field,
      semantic: semantic.page.map(({ hit }) => hit),
      keyword: keyword.page.map(({ hit }) => hit),
      // For an empty page the engine does not merge its lists.
      taken: taken.map(({ hit }) => hit),
      rejected: (looked?.rejected ?? []).map(({ hit }) => hit),
      semanticFull: semantic.taken === window.to,
      keywordFull: keyword.taken === window.to,
    };
    return { kind: "distinct", kept };
  }
  const text = renderSearch({
    page,
    total: input.distinctTotal ?? counts.total,
    facets: input.distinctFacets ? spelledAs(input.distinctFacets, counts.facets) : counts.facets,
    semanticHitCount: shown.filter((hit) => hit.semantic).length,
    answers: [...input.keyword.answers, ...input.semantic.answers],
    spec,
    requestUid: input.requestUid,
    metadata: input.metadata,
  });
  const full = { keyword: isFull(keyword, spec), semantic: isMeaningFull(input, semantic) };
  return {
    kind: "merged",
    text,
    disputes: counts.disputes,
    mixed: counts.mixed,
    ignoresThreshold: counts.ignoresThreshold,
    full,
    lists: { keyword: keyword.page, semantic: semantic.page },
    taken: taken.map(({ hit }) => hit),
  };
}

interface Taken {
  readonly keyword: MergedHits<HybridKey>;
  readonly semantic: MergedHits<HybridKey>;
  readonly taken: readonly HybridHit[];
}

interface PlacedHybrid {
  readonly page: readonly Hit[];
  /** The hits of which those by meaning are counted. */
  readonly shown: readonly HybridHit[];
}

/** Both lists have the same pins; one that has its place in either has it in the answer. */
function placeTaken({ keyword: words, spec }: MergeHybridInput, { keyword, semantic, taken }: Taken): PlacedHybrid {
  const window = pageWindow(spec.paging, spec.maxTotalHits);
  const pins = spec.pins === undefined ? [] : pinnedHits(words.answers, spec.pins);
  if (pins.length === 0) {
    const shown = taken.slice(window.from);
    return { page: shown.map(({ hit }) => hit), shown };
  }
  const reached = [keyword, semantic].map((list) => walk<unknown>(list.page, pins, window.to).pins);
  const visible = pins.slice(0, Math.max(...reached));
  const hits = taken.map(({ hit }) => hit);
  const { page, counted } = placeByPosition(hits, visible, window);
  return { page, shown: taken.slice(counted.from, counted.to) };
}

/** Do the words settle it, whatever the vectors say? Garbage does not. The score of a pinned document is 1. */
export function areWordsEnough(answers: readonly NodeAnswer[], ratio: HybridRatio, spec: MergeSpec): boolean {
  const merged = mergeSide("keyword", answers, { ratio, spec });
  if (merged.kind === "garbage") return false;
  const { to } = pageWindow(spec.paging, spec.maxTotalHits);
  const pins = spec.pins === undefined ? [] : pinnedHits(answers, spec.pins);
  const reached = walk<unknown>(merged.page, pins, to);
  const scores = merged.page.slice(0, reached.organic).map(({ key }) => key.weighted.total);
  if (reached.pins > 0) scores.push(ratio.keyword);
  return reached.hits.length === to && scores.every((score) => score >= GOOD_ENOUGH_SCORE);
}

type SideInput = Pick<MergeHybridInput, "ratio" | "spec" | "vectorless" | "byFieldsAlone">;

/** The whole list up to the end of the page. */
function mergeSide(
  side: HybridSide,
  answers: readonly NodeAnswer[],
  { ratio, spec, vectorless = null, byFieldsAlone = false }: SideInput,
): MergedHits<HybridKey> | GarbledAnswer {
  const strategy = hybridStrategy({ list: side, weight: ratio[side], vectorless, byFieldsAlone });
  // A node prints documents with the words and without a vector in front of others without one, wherever these stand.
  const mayBeMixed = side === "semantic" && vectorless !== null;
  return mergeHits({
    lists: answers.map(({ hits }) => (mayBeMixed ? inOrder(hits, strategy) : hits)),
    strategy,
    from: 0,
    to: pageWindow(spec.paging, spec.maxTotalHits).to,
    distinct: spec.distinct?.field ?? null,
    ...(spec.pins === undefined ? {} : { apart: isPinned }),
  });
}

function isFull({ taken }: MergedHits<HybridKey>, spec: MergeSpec): boolean {
  return stopsWhenFull(spec) && taken === pageWindow(spec.paging, spec.maxTotalHits).to;
}

/** Where a field decides in front, nodes print hits by words between those by meaning, and fewer of the latter. */
function isMeaningFull(input: MergeHybridInput, semantic: MergedHits<HybridKey>): boolean {
  const { spec } = input;
  if (isFull(semantic, spec)) return true;
  return stopsWhenFull(spec) && nearEnough(input).size >= pageWindow(spec.paging, spec.maxTotalHits).to;
}

/** Places of the documents that are found good enough by meaning, as far as nodes have listed them to tell. */
function nearEnough({ spec, semantic }: MergeHybridInput): ReadonlySet<string> {
  const { threshold } = spec;
  if (threshold === undefined) return new Set();
  const listed = (semantic.withoutThreshold ?? []).flatMap(({ hits }) => readHits(hits) ?? []);
  const found = spec.pins === undefined ? listed : listed.filter((hit) => !isPinned(hit));
  const good = found.filter((hit) => Number(memberText(hit, SCORE_FIELD) ?? Number.NaN) >= threshold.score);
  return new Set(good.map(placeOf));
}

type Counts =
  | {
      readonly kind: "counts";
      readonly total: number;
      readonly facets: Pick<MergedFacets, "distribution" | "stats"> | null;
      readonly disputes: readonly SpellingDispute[];
      readonly mixed: readonly MixedField[];
      readonly ignoresThreshold: boolean;
    }
  | GarbledSide
  | { readonly kind: "union" };

/**
 * The documents that either list could have shown. To the list by meaning that is every document that the filter lets
 * through, so that nothing is left for the words to add, unless a threshold has ended that list early.
 */
function countHybrid(input: MergeHybridInput, keyword: MergedHits<HybridKey>, semantic: MergedHits<HybridKey>): Counts {
  const { spec, union } = input;
  const { answers, withoutThreshold } = input.semantic;
  if (union !== undefined) {
    const near = new Set([...semantic.page.map(({ hit }) => placeOf(hit)), ...nearEnough(input)]);
    const gone = droppedBy("keyword", input).filter((hit) => !near.has(placeOf(hit))).length;
    return { ...NOTHING_OPEN, ...union, total: Math.max(0, union.total - gone) };
  }
  const full = isMeaningFull(input, semantic);
  // Nodes whose own lists have ended count what is above the threshold in either; those of words go on here.
  if (withoutThreshold !== null && !full && isFull(keyword, spec)) return { kind: "union" };
  const counted = full && withoutThreshold !== null ? withoutThreshold : answers;
  const dropped = counted === answers ? [] : droppedByMeaning(input, keyword);
  const total = Math.max(0, counted.reduce((sum, one) => sum + one.total, 0) - semantic.rejected - dropped.length);
  if (spec.facets === null) return { ...NOTHING_OPEN, total, facets: null };
  const parts: FacetPart[] = [];
  for (const [answer, one] of counted.entries()) {
    const part = readFacetPart(one);
    if (part === null) return { kind: "garbage", answer, side: "semantic" };
    parts.push(part);
  }
  const { disputes, mixed, ...facets } = combineFacets(parts, spec, { ...input, gone: dropped });
  return { kind: "counts", total, facets, disputes, mixed, ignoresThreshold: counted !== answers };
}

const NOTHING_OPEN = { kind: "counts", disputes: [], mixed: [], ignoresThreshold: false } as const;

/** Documents that the threshold has taken out of the list by meaning before it was full, and that the words do not bring. */
function droppedByMeaning(input: MergeHybridInput, keyword: MergedHits<HybridKey>): readonly Hit[] {
  const brought = wordsCounted(input, keyword);
  return droppedBy("semantic", input).filter((hit) => !brought.has(placeOf(hit)));
}

/** Places of the documents that count for their words: those found or, where the list ended with the page, all that it has not taken out. */
function wordsCounted(input: MergeHybridInput, keyword: MergedHits<HybridKey>): ReadonlySet<string> {
  const places = new Set(keyword.page.map(({ hit }) => placeOf(hit)));
  if (input.spec.threshold === undefined || !isFull(keyword, input.spec)) return places;
  const gone = new Set(droppedBy("keyword", input).map(placeOf));
  const listed = (input.keyword.withoutThreshold ?? []).flatMap(({ hits }) => readHits(hits) ?? []).map(placeOf);
  for (const place of listed) if (!gone.has(place)) places.add(place);
  return places;
}

/** What the threshold has taken out of a list before the end of the page. */
function droppedBy(side: HybridSide, input: MergeHybridInput): readonly Hit[] {
  const { spec, ratio, vectorless = null } = input;
  const answers = input[side].withoutThreshold;
  if (spec.threshold === undefined || answers === null) return [];
  const { score: threshold, asked } = spec.threshold;
  const strategy = hybridStrategy({ list: side, weight: ratio[side], vectorless });
  const { to: accepted } = pageWindow(spec.paging, spec.maxTotalHits);
  return droppedHits({ answers, strategy, asked, threshold, end: { accepted } }) ?? [];
}
