/**
 * What decides the place of a hit: the engine's rules for it and, behind them, its place in insertion order. That is
 * the hidden last rule where the nodes have it; where they do not, or ran out of time, the stored field takes its place.
 */
import { decodeKey } from "../json/scan.ts";
import { SEQUENCE_FIELD, SEQUENCE_RULE } from "../markers/fields.ts";
import { memberText, type Hit } from "./hit-cursor.ts";
import { DETAILS_FIELD } from "./render-hit.ts";
import { isHiddenRule, readScoreDetails, type RankKey, type RuleKey } from "./score-details.ts";

/** null: the hit is not what the engine writes. */
export function readRankKey(hit: Hit): RankKey | null {
  const details = memberText(hit, DETAILS_FIELD);
  const rules = details === null ? null : readScoreDetails(details);
  return rules === null ? null : withPlace(rules, hit);
}

/** The rules with the place in insertion order behind them, if the hit tells it at all. */
export function withPlace(rules: RankKey, hit: Hit): RankKey {
  if (isHiddenRule(rules.at(-1)?.name ?? "")) return rules;
  const stored = storedSequence(hit);
  return stored === null ? rules : [...rules, stored];
}

/** The stored place in insertion order, in the form of the hidden rule; null: the hit does not carry it. */
export function storedSequence(hit: Hit): RuleKey | null {
  const quoted = memberText(hit, SEQUENCE_FIELD);
  const text = quoted === null ? undefined : decodeKey(quoted, 0, quoted.length - 1);
  return text === undefined ? null : { name: SEQUENCE_RULE, kind: "sort_asc", first: Number.NaN, second: 0, text };
}
