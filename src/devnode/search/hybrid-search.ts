/**
 * Words and meaning together: the search by words, and the search by vector unless the words found enough that is good.
 * The two lists are merged by their scores, each weighed with its part of the ratio.
 */
import { DocSet } from "../doc-set.ts";
import { compareBytes, type FacetIndex } from "../index/facet-index.ts";
import { applyDistinct, type RankedDocument } from "./bucket-sort.ts";
import { combined, globalScore, rankOf, type Rank, type ScoreDetail } from "./score-details.ts";

/** What the weighed score of every hit by words must reach so that no vector is looked at. */
const GOOD_ENOUGH_SCORE = 0.45;

interface RankedList {
  readonly ranked: readonly RankedDocument[];
  readonly candidates: DocSet;
}

export interface HybridInput<L extends RankedList> {
  readonly words: L;
  readonly vectors: () => RankedList;
  /** How much the vectors count, from 0 to 1. */
  readonly ratio: number;
  readonly count: number;
  readonly distinct: FacetIndex | null;
}

export function mergeHybrid<L extends RankedList>(input: HybridInput<L>): L {
  const { words, count, distinct } = input;
  const ratio = Math.fround(input.ratio);
  const wordRatio = Math.fround(1 - ratio);
  const isGood = ({ details }: RankedDocument): boolean => globalScore(details) * wordRatio >= GOOD_ENOUGH_SCORE;
  if (words.ranked.length >= count && words.ranked.every(isGood)) return words;

  const vectors = input.vectors();
  const ranked: RankedDocument[] = [];
  let excluded = new DocSet();
  for (const document of inOrder(vectors.ranked, words.ranked, ratio, wordRatio)) {
    if (ranked.length >= count) break;
    if (excluded.has(document.id)) continue;
    ranked.push(document);
    const own = DocSet.of([document.id]);
    excluded = excluded.or(distinct === null ? own : applyDistinct(own, distinct).excluded.or(own));
  }
  const all = words.candidates.or(vectors.candidates);
  const shown = DocSet.of(ranked.map(({ id }) => id));
  return { ...words, ranked, candidates: distinct === null ? all : all.minus(excluded).or(shown) };
}

/** The better of the two heads first; of equal ones that of the vectors. */
function* inOrder(
  vectors: readonly RankedDocument[],
  words: readonly RankedDocument[],
  ratio: number,
  wordRatio: number,
): Generator<RankedDocument> {
  let at = 0;
  for (const vector of vectors) {
    const values = scoreValues(vector.details, ratio);
    for (let word = words[at]; word !== undefined; word = words[at]) {
      if (compare(values, scoreValues(word.details, wordRatio)) >= 0) break;
      yield word;
      at += 1;
    }
    yield vector;
  }
  yield* words.slice(at);
}

type ScoreValue = number | Extract<ScoreDetail, { ascending: boolean }>;

/** Ranks that follow each other are one score; what is sorted by stands between them. */
function scoreValues(details: readonly ScoreDetail[], weight: number): ScoreValue[] {
  const values: ScoreValue[] = [];
  let ranks: Rank[] = [];
  const endRanks = (): void => {
    if (ranks.length > 0) values.push(combined(ranks) * weight);
    ranks = [];
  };
  for (const detail of details) {
    const rank = rankOf(detail);
    if (rank !== null) {
      ranks.push(rank);
      continue;
    }
    endRanks();
    if (detail.kind === "vector") values.push((detail.similarity ?? 0) * weight);
    else if ("ascending" in detail) values.push(detail);
  }
  endRanks();
  return values;
}

/** Positive when the left is better. A score stands before what is sorted by, unless it is nothing. */
function compare(left: readonly ScoreValue[], right: readonly ScoreValue[]): number {
  for (let at = 0; ; at += 1) {
    const [a, b] = [left[at], right[at]];
    if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
    let order: number;
    if (typeof a === "number" && typeof b === "number") order = Math.abs(a - b) <= Number.EPSILON ? 0 : a - b;
    else if (typeof a === "number") return a === 0 ? -1 : 1;
    else if (typeof b === "number") return b === 0 ? 1 : -1;
    else order = compareSorted(a, b);
    if (order !== 0) return order;
  }
}

function compareSorted(left: Exclude<ScoreValue, number>, right: Exclude<ScoreValue, number>): number {
  const [a, b] = [sortedBy(left), sortedBy(right)];
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a !== typeof b) return typeof a === "number" ? 1 : -1;
  const order = typeof a === "number" ? a - Number(b) : compareBytes(a, String(b));
  return left.ascending ? -order : order;
}

function sortedBy(detail: Exclude<ScoreValue, number>): number | string | null {
  return detail.kind === "geo" ? detail.distance : detail.value;
}
