/**
 * Merging by `_rankingScore`, as most routers do. Cheap, as nodes need not send the details, and not exact: the maxima
 * that a score divides by depend on the words that a node happens to hold, and different ranks can have equal scores.
 */
import { byScoreDetails, tiedOnVisibleRules } from "./by-score-details.ts";
import { memberText, type Hit } from "./hit-cursor.ts";
import type { MergeStrategy } from "./merge-strategy.ts";
import { storedSequence } from "./rank-key.ts";
import { SCORE_FIELD } from "./render-hit.ts";
import type { RankKey, RuleKey } from "./score-details.ts";

export const scoreStrategy: MergeStrategy<RankKey> = {
  readKey(hit) {
    const score = Number(memberText(hit, SCORE_FIELD) ?? Number.NaN);
    return Number.isNaN(score) ? null : rankedBy("score", score, hit);
  },
  compare: byScoreDetails,
  tied: tiedOnVisibleRules,
};

/** A single number, higher first, and insertion order behind it. */
export function rankedBy(name: string, value: number, hit: Hit): RankKey {
  const rule: RuleKey = { name, kind: "rank", first: value, second: 0, text: null };
  const stored = storedSequence(hit);
  return stored === null ? [rule] : [rule, stored];
}
