/**
 * How the engine compares hits of different queries: each hit is a list of elements, one per run of relevancy rules
 * (its score times the query's weight) and one per sort criterion, compared element by element. What the element of a
 * run is, the engine shows only where a hit has a single run; for several it is put together again from the rules.
 */
import { compareText } from "../json/compare-text.ts";
import { groupScores, type RankStep } from "./federate-groups.ts";
import { isHiddenRule } from "./score-details.ts";

export type ScoreElement =
  | { readonly kind: "score"; readonly score: number }
  | { readonly kind: "sort"; readonly ascending: boolean; readonly value: number | string | null }
  | { readonly kind: "geo"; readonly ascending: boolean; readonly distance: number | null };

export interface WeightedScore {
  readonly elements: readonly ScoreElement[];
  /** The ranking score of the hit times the weight of its query. */
  readonly total: number;
}

/** `score`: the hit's `_rankingScore`. null: not what the engine writes. */
export function readWeightedScore(details: string, score: number, weight: number): WeightedScore | null {
  const parts = readParts(details);
  if (parts === null) return null;
  const runs: (readonly RankStep[])[] = parts.flatMap((part) => (part.kind === "run" ? [part.steps] : []));
  // A vector's similarity is the hit's score, whatever else decides; then there are no relevancy rules beside it.
  const scores = runs.length === 1 ? [score] : groupScores(runs, score);
  let run = 0;
  const elements = parts.map((part): ScoreElement => {
    if (part.kind === "run") return { kind: "score", score: scores[run++]! * weight };
    return part.kind === "vector" ? { kind: "score", score: score * weight } : part;
  });
  return { elements, total: score * weight };
}

/** Negative: `a` goes first. */
export function compareWeightedScores(a: WeightedScore, b: WeightedScore): number {
  const length = Math.max(a.elements.length, b.elements.length);
  for (let i = 0; i < length; i++) {
    const left = a.elements[i];
    const right = b.elements[i];
    // The list that ends first loses.
    if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
    const difference = compareElements(left, right);
    // Elements that cannot be compared: more elements win, and then the whole scores.
    if (difference === null) return b.elements.length - a.elements.length || b.total - a.total;
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareElements(a: ScoreElement, b: ScoreElement): number | null {
  if (a.kind === "score" && b.kind === "score") {
    return Math.abs(a.score - b.score) <= Number.EPSILON ? 0 : b.score - a.score;
  }
  if (a.kind === "sort" && b.kind === "sort") {
    return a.ascending === b.ascending ? compareSortValues(a.value, b.value, a.ascending ? 1 : -1) : null;
  }
  if (a.kind === "geo" && b.kind === "geo") {
    if (a.ascending !== b.ascending) return null;
    // The engine forgets the direction here and puts the farthest first; nobody can have wanted that.
    return compareDistances(a.distance, b.distance, a.ascending ? 1 : -1);
  }
  return null;
}

/** Numbers, then strings, then nothing, whatever the direction. */
function compareSortValues(a: number | string | null, b: number | string | null, direction: number): number {
  if (typeof a === "number" && typeof b === "number") return direction * (a - b);
  if (typeof a === "string" && typeof b === "string") return direction * compareText(a, b);
  return sortKind(a) - sortKind(b);
}

function sortKind(value: number | string | null): number {
  return typeof value === "number" ? 0 : value === null ? 2 : 1;
}

function compareDistances(a: number | null, b: number | null, direction: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return Math.abs(a - b) <= Number.EPSILON ? 0 : direction * (a - b);
}

type Part = { readonly kind: "run"; readonly steps: RankStep[] } | { readonly kind: "vector" } | SortPart;
type SortPart = Exclude<ScoreElement, { readonly kind: "score" }>;

function readParts(text: string): readonly Part[] | null {
  const rules = rulesInOrder(text);
  if (rules === null) return null;
  const parts: Part[] = [];
  for (const [name, detail] of rules) {
    if (isHiddenRule(name) || name === "pin") continue;
    if (name === "vectorSort") {
      parts.push({ kind: "vector" });
      continue;
    }
    const sort = sortPart(name, detail);
    if (sort !== null) {
      parts.push(sort);
      continue;
    }
    const last = parts.at(-1);
    if (last?.kind === "run") last.steps.push(...rankSteps(name, detail));
    else parts.push({ kind: "run", steps: rankSteps(name, detail) });
  }
  return parts;
}

type Detail = Readonly<Record<string, unknown>>;

function rulesInOrder(text: string): readonly (readonly [string, Detail])[] | null {
  let details: unknown;
  try {
    details = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(details)) return null;
  const rules = Object.entries(details);
  if (!rules.every((rule): rule is [string, Detail] => isObject(rule[1]))) return null;
  return rules.sort(([, a], [, b]) => Number(a["order"]) - Number(b["order"]));
}

function sortPart(name: string, detail: Detail): SortPart | null {
  const ascending = name.endsWith(":asc");
  if (!ascending && !name.endsWith(":desc")) return null;
  if (name.startsWith("_geoPoint(")) {
    const distance = detail["distance"];
    return { kind: "geo", ascending, distance: typeof distance === "number" ? distance : null };
  }
  const value = detail["value"];
  return { kind: "sort", ascending, value: typeof value === "number" || typeof value === "string" ? value : null };
}

/** Rules made of two count as two. */
function rankSteps(name: string, detail: Detail): RankStep[] {
  const value = (member: string): number => Number(detail[member] ?? 0);
  switch (name) {
    case "words":
      return [{ rule: "words", rank: value("matchingWords"), max: value("maxMatchingWords") }];
    case "typo": {
      const max = value("maxTypoCount") + 1;
      return [{ rule: "typo", rank: Math.max(0, max - value("typoCount")), max }];
    }
    case "proximity":
      return [{ rule: "proximity", score: value("score") }];
    case "attributeRank":
      return [{ rule: "attribute", score: value("score") }];
    case "wordPosition":
      return [{ rule: "position", score: value("score") }];
    case "attribute":
      return [
        { rule: "attribute", score: value("attributeRankingOrderScore") },
        { rule: "position", score: value("queryWordDistanceScore") },
      ];
    case "exactness":
      return exactnessSteps(detail);
    case "skipped":
      return [{ rule: "skipped", rank: 0, max: 1 }];
    default:
      return [{ rule: "unknown", score: value("score") }];
  }
}

/** An attribute that matches as a whole has all the words exactly, which the engine does not repeat. */
function exactnessSteps(detail: Detail): RankStep[] {
  const type = { rule: "exact", rank: MATCH_TYPES[String(detail["matchType"])] ?? 1, max: 3 } as const;
  const words = detail["matchingWords"];
  const wordsMax = detail["maxMatchingWords"];
  if (typeof words !== "number" || typeof wordsMax !== "number") return [type, { rule: "exact", score: 1 }];
  return [type, { rule: "exact", rank: words + 1, max: wordsMax + 1 }];
}

function isObject(value: unknown): value is Detail {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const MATCH_TYPES: Readonly<Record<string, number>> = { exactMatch: 3, matchesStart: 2, noExactMatch: 1 };
