/**
 * The part of `_rankingScoreDetails` that decides order, one rule after the other. Raw counts are read wherever the
 * engine gives them: its scores divide by maxima that depend on the words a shard happens to hold.
 */
import { SEQUENCE_RULE } from "../markers/fields.ts";

export type RuleKind = "rank" | "sort_asc" | "sort_desc" | "geo_asc" | "geo_desc" | "vector" | "skipped" | "pin";

export interface RuleKey {
  /** The key in the details, which names the rule: `typo`, `price:asc`, … */
  readonly name: string;
  readonly kind: RuleKind;
  /** Higher goes first for `rank`; the number, distance or similarity otherwise. NaN: there is none. */
  readonly first: number;
  /** Decides when `first` is equal, for rules made of two. Higher goes first. */
  readonly second: number;
  /** A sort value that is a string; null: it is a number or missing. */
  readonly text: string | null;
}

/** Rules by `order`. A hole is a rule the engine left out because its time was over. */
export type RankKey = readonly (RuleKey | undefined)[];

/** null: not what the engine writes. */
export function readScoreDetails(text: string): RankKey | null {
  let details: unknown;
  try {
    details = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(details)) return null;
  const rules: (RuleKey | undefined)[] = [];
  for (const name in details) {
    const detail = details[name];
    if (!isObject(detail)) return null;
    const order = detail["order"];
    if (typeof order !== "number" || !(order >= 0 && order < RULES_MAX)) return null;
    const rule = readRule(name, detail);
    if (rule === null) return null;
    rules[order] = rule;
  }
  return rules;
}

function readRule(name: string, detail: Readonly<Record<string, unknown>>): RuleKey | null {
  switch (name) {
    case "words":
      return rank(name, detail["matchingWords"]);
    case "typo":
      return rank(name, negative(detail["typoCount"]));
    case "proximity":
    case "attributeRank":
    case "wordPosition":
      return rank(name, detail["score"]);
    case "attribute":
      return rank(name, detail["attributeRankingOrderScore"], detail["queryWordDistanceScore"]);
    case "exactness":
      return rank(name, MATCH_TYPES[String(detail["matchType"])], detail["matchingWords"] ?? 0);
    case "vectorSort":
      return number(name, "vector", detail["similarity"]);
    case "skipped":
      return { name, kind: "skipped", first: 0, second: 0, text: null };
    case "pin":
      return rank(name, negative(detail["position"]));
    default:
      return readSort(name, detail);
  }
}

function readSort(name: string, detail: Readonly<Record<string, unknown>>): RuleKey | null {
  const ascending = name.endsWith(":asc");
  // A rule this version does not know: its score is the best there is, and without one nothing can be said.
  if (!ascending && !name.endsWith(":desc")) return rank(name, detail["score"]);
  if (name.startsWith("_geoPoint(")) {
    return number(name, ascending ? "geo_asc" : "geo_desc", detail["distance"]);
  }
  const kind = ascending ? "sort_asc" : "sort_desc";
  const value = detail["value"];
  if (typeof value === "string") return { name, kind, first: Number.NaN, second: 0, text: value };
  return number(name, kind, value);
}

function rank(name: string, first: unknown, second: unknown = 0): RuleKey | null {
  if (typeof first !== "number" || typeof second !== "number") return null;
  return { name, kind: name === "pin" ? "pin" : "rank", first, second, text: null };
}

function number(name: string, kind: RuleKind, value: unknown): RuleKey | null {
  if (value === null || value === undefined) return { name, kind, first: Number.NaN, second: 0, text: null };
  return typeof value === "number" ? { name, kind, first: value, second: 0, text: null } : null;
}

function negative(value: unknown): unknown {
  return typeof value === "number" ? -value : value;
}

/** Does the document owe its place to a vector? The engine counts these for `semanticHitCount`. */
export function isSemantic(key: RankKey): boolean {
  return key.some((rule) => rule?.kind === "vector");
}

/** The hidden rule, whose value is the document's sequence. */
export function isHiddenRule(name: string): boolean {
  return name === SEQUENCE_RULE;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const MATCH_TYPES: Readonly<Record<string, number>> = { exactMatch: 2, matchesStart: 1, noExactMatch: 0 };
/** The engine has no more rules than settings can name; this bounds what a broken answer can make us hold. */
const RULES_MAX = 4096;
