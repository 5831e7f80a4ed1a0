/**
 * The list by words and the list by meaning become one, by the engine's rules: weighted scores are compared run by run
 * with the sort values between them, the meaning goes first when they are equal, and a document counts where it is
 * met first.
 */
import { SEQUENCE_FIELD } from "../markers/fields.ts";
import { createDistinctFilter } from "./distinct.ts";
import { memberText, type Hit } from "./hit-cursor.ts";
import { byScoreDetails } from "./by-score-details.ts";
import { compareText } from "../json/compare-text.ts";
import type { MergedHit } from "./merge-hits.ts";
import type { MergeStrategy } from "./merge-strategy.ts";
import { readRankKey } from "./rank-key.ts";
import { DETAILS_FIELD, SCORE_FIELD } from "./render-hit.ts";
import { isSemantic, type RankKey } from "./score-details.ts";
import { asWithoutVector } from "./without-vector.ts";
import { readWeightedScore, type ScoreElement, type WeightedScore } from "./weighted-scores.ts";

export interface HybridKey {
  readonly rank: RankKey;
  readonly weighted: WeightedScore;
  /** The hit as it is shown, where the node printed it otherwise. */
  readonly shown?: Hit;
}

export interface HybridHit {
  readonly hit: Hit;
  readonly semantic: boolean;
}

export interface HybridWindow {
  readonly to: number;
  /** The attribute of which each value is seen once. */
  readonly distinct: string | null;
}

export interface HybridListRules {
  readonly list: "keyword" | "semantic";
  /** For the comparison with the other list; inside a list documents are ordered as in any search. */
  readonly weight: number;
  /** Where a document without a vector stands in the list by meaning; null: nowhere. */
  readonly vectorless?: VectorlessPlace | null;
  /** Does no rule ask for nearness? Then fields alone order the list by meaning, and its hits look like those by words. */
  readonly byFieldsAlone?: boolean;
}

export interface VectorlessPlace {
  /** How many sort criteria decide before nearness does. */
  readonly sortsBefore: number;
}

export function hybridStrategy({
  list,
  weight,
  vectorless = null,
  byFieldsAlone = false,
}: HybridListRules): MergeStrategy<HybridKey> {
  const compare = (a: HybridKey, b: HybridKey): number => byScoreDetails(a.rank, b.rank);
  if (list === "keyword") return { readKey: (hit) => readKey(hit, weight), compare };
  return {
    readKey(hit) {
      const key = readKey(hit, weight);
      if (key === null) return null;
      const shown = vectorless === null || isSemantic(key.rank) ? null : asWithoutVector(hit, vectorless.sortsBefore);
      const instead = shown === null ? null : readKey(shown, weight);
      return shown === null || instead === null ? key : { ...instead, shown };
    },
    compare,
    // Where the list by meaning is taken from a hybrid answer, hits by words stand in it as well.
    ...(byFieldsAlone ? {} : { accepts: ({ rank }: HybridKey) => isSemantic(rank) }),
  };
}

function readKey(hit: Hit, weight: number): HybridKey | null {
  const details = memberText(hit, DETAILS_FIELD);
  const score = Number(memberText(hit, SCORE_FIELD) ?? Number.NaN);
  if (details === null || Number.isNaN(score)) return null;
  const rank = readRankKey(hit);
  const weighted = readWeightedScore(details, score, weight);
  return rank === null || weighted === null ? null : { rank, weighted };
}

/** From the first hit to the end of the page. Both lists ordered, each as long as the engine would have it. */
export function hybridHits(
  semantic: readonly MergedHit<HybridKey>[],
  keyword: readonly MergedHit<HybridKey>[],
  window: HybridWindow,
): readonly HybridHit[] {
  const distinct = window.distinct === null ? null : createDistinctFilter(window.distinct, false);
  const seen = new Set<string | null>();
  const taken: HybridHit[] = [];
  let [s, k] = [0, 0];
  while (taken.length < window.to) {
    const left = semantic[s];
    const right = keyword[k];
    if (left === undefined && right === undefined) break;
    const isLeft =
      right === undefined || (left !== undefined && compareScores(left.key.weighted, right.key.weighted) <= 0);
    if (isLeft) s += 1;
    else k += 1;
    const { hit, key } = (isLeft ? left : right)!;
    const document = memberText(hit, SEQUENCE_FIELD);
    if (seen.has(document)) continue;
    if (document !== null) seen.add(document);
    if (distinct !== null && !distinct.admits(hit)) continue;
    taken.push({ hit: key.shown ?? hit, semantic: isLeft && isSemantic(key.rank) });
  }
  return taken;
}

/** Negative: `a` goes first. */
export function compareScores(a: WeightedScore, b: WeightedScore): number {
  for (let i = 0; ; i++) {
    const left = a.elements[i];
    const right = b.elements[i];
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    const difference = compareElements(left, right);
    if (difference !== 0) return difference;
  }
}

function compareElements(a: ScoreElement, b: ScoreElement): number {
  if (a.kind === "score" && b.kind === "score") {
    return Math.abs(a.score - b.score) <= Number.EPSILON ? 0 : b.score - a.score;
  }
  // A score beats a sort value unless it is nothing.
  if (a.kind === "score") return a.score === 0 ? 1 : -1;
  if (b.kind === "score") return b.score === 0 ? -1 : 1;
  if (a.kind === "geo" && b.kind === "geo") return compareValues(a.distance, b.distance, a.ascending);
  if (a.kind === "sort" && b.kind === "sort") return compareValues(a.value, b.value, a.ascending);
  return 0;
}

/** Numbers, then strings, then nothing, whatever the direction. */
function compareValues(a: number | string | null, b: number | string | null, ascending: boolean): number {
  const direction = ascending ? 1 : -1;
  if (typeof a === "number" && typeof b === "number") return direction * (a - b);
  if (typeof a === "string" && typeof b === "string") return direction * compareText(a, b);
  return kindOf(a) - kindOf(b);
}

function kindOf(value: number | string | null): number {
  return typeof value === "number" ? 0 : value === null ? 2 : 1;
}
