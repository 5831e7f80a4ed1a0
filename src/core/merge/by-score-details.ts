/**
 * The engine's own order of two documents, rebuilt from what it says about each of them. Documents that are equal on
 * every visible rule are ordered by the hidden last rule, their place in insertion order; so two documents of one
 * index are never equal unless time ran out or the hidden rule is off.
 */
import { compareText } from "../json/compare-text.ts";
import { isHiddenRule, type RankKey, type RuleKey } from "./score-details.ts";

/** Negative: `a` goes first. */
export function byScoreDetails(a: RankKey, b: RankKey): number {
  const length = Math.max(a.length, b.length);
  for (let order = 0; order < length; order++) {
    const difference = compareRule(a[order], b[order]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Without the hidden rule. A document that no visible rule judges ties with none: nothing but its place counts then. */
export function tiedOnVisibleRules(a: RankKey, b: RankKey): boolean {
  const [left, right] = [a, b].map((key) => key.filter((rule) => rule === undefined || !isHiddenRule(rule.name)));
  return left!.length > 0 && byScoreDetails(left!, right!) === 0;
}

function compareRule(a: RuleKey | undefined, b: RuleKey | undefined): number {
  if (a === undefined || a.kind === "skipped") return b === undefined || b.kind === "skipped" ? 0 : 1;
  if (b === undefined || b.kind === "skipped") return -1;
  // Only settings in the middle of a change can make rules differ; any fixed order will do then.
  if (a.name !== b.name) return a.kind === "pin" ? -1 : b.kind === "pin" ? 1 : compareText(a.name, b.name);
  switch (a.kind) {
    case "rank":
    case "pin":
      return b.first - a.first || b.second - a.second;
    case "vector":
      return missingLast(a.first, b.first) ?? b.first - a.first;
    case "sort_asc":
    case "sort_desc":
      return compareSortValue(a, b, a.kind === "sort_asc" ? 1 : -1);
    case "geo_asc":
    case "geo_desc":
      return compareDistance(a.first, b.first, a.kind === "geo_asc" ? 1 : -1);
  }
}

/** Numbers, then strings, then nothing, whatever the direction. */
function compareSortValue(a: RuleKey, b: RuleKey, direction: number): number {
  const kinds = sortKind(a) - sortKind(b);
  if (kinds !== 0) return kinds;
  if (a.text !== null && b.text !== null) return direction * compareText(a.text, b.text);
  return Number.isNaN(a.first) ? 0 : direction * (a.first - b.first);
}

function sortKind(rule: RuleKey): number {
  if (rule.text !== null) return 1;
  return Number.isNaN(rule.first) ? 2 : 0;
}

/**
 * The engine gathers points whose distances differ by at most a metre and lets the next rule order them.
 */
function compareDistance(a: number, b: number, direction: number): number {
  const missing = missingLast(a, b);
  if (missing !== undefined) return missing;
  const difference = a - b;
  return Math.abs(difference) <= GEO_MARGIN_METRES ? 0 : direction * difference;
}

function missingLast(a: number, b: number): number | undefined {
  const aMissing = Number.isNaN(a);
  const bMissing = Number.isNaN(b);
  return aMissing || bMissing ? Number(aMissing) - Number(bMissing) : undefined;
}

const GEO_MARGIN_METRES = 1;
