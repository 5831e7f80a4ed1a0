/**
 * Facets whose numbers a node has cut off by another order than that of the whole. Of few documents the engine lists
 * numbers as texts, 10 in front of 9, of many by their size: where all nodes together have many and one of them few, what
 * that node lists first is not what is shown first.
 */
import type { FacetValue } from "./facet-text.ts";
import { isNumberIn, SMALL_CANDIDATES_MAX, type FacetPart, type FacetRules } from "./facets.ts";

export interface CutNumbers {
  /** Of the part. */
  readonly position: number;
  readonly field: string;
}

/** `listedMax`: how many values a node lists at most. */
export function cutNumbers(parts: readonly FacetPart[], rules: FacetRules, listedMax: number): readonly CutNumbers[] {
  const candidates = parts.reduce((sum, part) => sum + part.candidates, 0);
  // With a limit of none the engine lists all numbers, which no node does here.
  if (candidates <= SMALL_CANDIDATES_MAX || rules.valuesMax === 0) return [];
  return parts.flatMap((part, position) => {
    if (part.candidates > SMALL_CANDIDATES_MAX) return [];
    const cut = part.distribution.filter(
      ({ field, values }) => rules.orderOf(field) === "alpha" && endsInNumbers(part, field, values, listedMax),
    );
    return cut.map(({ field }) => ({ position, field }));
  });
}

/** Numbers stand in front of texts, so a full list that ends in one may lack others. */
export function endsInNumbers(
  { stats }: Pick<FacetPart, "stats">,
  field: string,
  values: readonly FacetValue[],
  listedMax: number,
): boolean {
  const range = stats.get(field);
  const last = values.at(-1);
  return values.length >= listedMax && range !== undefined && last !== undefined && isNumberIn(last.value, range);
}

/** No number above this is shown: that many are known up to it. */
export function lastShown(parts: readonly FacetPart[], field: string, valuesMax: number): string | undefined {
  const known = new Map<number, string>();
  for (const { distribution, stats } of parts) {
    const range = stats.get(field);
    if (range === undefined) continue;
    for (const { value } of distribution.find((one) => one.field === field)?.values ?? []) {
      if (isNumberIn(value, range)) known.set(Number(value), value);
    }
  }
  const inOrder = [...known.keys()].sort((a, b) => a - b);
  return known.get(inOrder[Math.min(valuesMax, inOrder.length) - 1] ?? Number.NaN);
}

/** The part with these values of a field in the place of those that it listed. */
export function withValues(part: FacetPart, field: string, values: readonly FacetValue[]): FacetPart {
  return { ...part, distribution: part.distribution.map((one) => (one.field === field ? { field, values } : one)) };
}
