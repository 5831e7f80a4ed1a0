/**
 * Reciprocal rank fusion over the nodes' lists: a hit is worth 1 / (k + its place). Nothing but the places is looked
 * at, so that the best hit of every node counts the same, however good it is. Each document stands in one list only;
 * the sum over lists has one term, and k changes what a hit is worth but not the order.
 */
import { byScoreDetails, tiedOnVisibleRules } from "./by-score-details.ts";
import { rankedBy } from "./by-score.ts";
import type { MergeStrategy } from "./merge-strategy.ts";
import type { RankKey } from "./score-details.ts";

export function reciprocalRankStrategy(k: number): MergeStrategy<RankKey> {
  return {
    readKey: (hit, position) => rankedBy("reciprocalRank", 1 / (k + position + 1), hit),
    compare: byScoreDetails,
    tied: tiedOnVisibleRules,
  };
}
