/** The merge strategies by name. A new one is a file of its own and a row here. */
import { reciprocalRankStrategy } from "./by-reciprocal-rank.ts";
import { scoreStrategy } from "./by-score.ts";
import { detailsStrategy, type MergeStrategy } from "./merge-strategy.ts";
import type { Ranking } from "./ranking.ts";
import type { RankKey } from "./score-details.ts";

/** undefined: the exact one. */
export function strategyOf(ranking: Ranking | undefined): MergeStrategy<RankKey> {
  switch (ranking?.strategy) {
    case "score":
      return scoreStrategy;
    case "rrf":
      return reciprocalRankStrategy(ranking.rrfK);
    // What is global about `dfs` happens before the merge.
    case "dfs":
    case "details":
    case undefined:
      return detailsStrategy;
  }
}

/** Do the nodes have to send `_rankingScoreDetails` for it? */
export function needsDetails(ranking: Ranking): boolean {
  return ranking.strategy === "details" || ranking.strategy === "dfs";
}
