/**
 * The facets of documents whose values are known, as if a node had counted them. Which keys are numbers and which are texts
 * that look like numbers is known as well.
 */
import { compareText } from "../json/compare-text.ts";
import { facetValues, type DistinctValue } from "./distinct.ts";
import type { FacetRange, FacetValue } from "./facet-text.ts";
import type { TypedCount } from "./facet-types.ts";
import type { FacetPart } from "./facets.ts";
import type { Hit } from "./hit-cursor.ts";

export interface PartOfHits {
  readonly part: FacetPart;
  /** By field: its keys that are numbers or look like them. */
  readonly types: ReadonlyMap<string, ReadonlyMap<string, TypedCount>>;
}

/** `fields`: of which the hits hold every value. */
export function facetPartOfHits(hits: readonly Hit[], fields: readonly string[]): PartOfHits {
  const distribution = [];
  const stats = new Map<string, FacetRange>();
  const types = new Map<string, ReadonlyMap<string, TypedCount>>();
  for (const field of fields) {
    const counted = count(hits.map((hit) => countedValues(hit, field)));
    const typed = new Map<string, TypedCount>();
    const values = new Map<string, FacetValue>();
    // Two spellings of a text are one value, but a number and a text share a key without being one.
    for (const { key, text: written, documents } of counted) {
      const isNumber = key.startsWith("n");
      const text = isNumber ? withoutExponent(written) : written;
      const before = typed.get(text) ?? { numbers: 0, texts: 0 };
      typed.set(text, isNumber ? { ...before, numbers: documents } : { ...before, texts: documents });
      values.set(text, { value: text, quoted: JSON.stringify(text), count: documents });
    }
    distribution.push({ field, values: [...values.values()].sort((a, b) => compareText(a.value, b.value)) });
    types.set(field, typed);
    const numbers = counted.filter(({ key }) => key.startsWith("n")).map(({ text }) => Number(text));
    if (numbers.length > 0) stats.set(field, rangeOf(numbers));
  }
  return { part: { distribution, stats, candidates: hits.length }, types };
}

/** An empty text is a value to a distinct attribute, but to no facet. */
export function countedValues(hit: Hit, field: string): readonly DistinctValue[] {
  return facetValues(hit, field).filter(({ text }) => text !== "");
}

interface CountedValue extends DistinctValue {
  readonly documents: number;
}

function count(documents: readonly (readonly DistinctValue[])[]): readonly CountedValue[] {
  const counted = new Map<string, CountedValue>();
  for (const value of documents.flat()) {
    const before = counted.get(value.key);
    counted.set(value.key, { ...(before ?? value), documents: (before?.documents ?? 0) + 1 });
  }
  return [...counted.values()];
}

function rangeOf(numbers: readonly number[]): FacetRange {
  const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
  return { min, max, minText: asFloat(min), maxText: asFloat(max) };
}

/** As the engine prints the keys of numbers. */
export function withoutExponent(text: string): string {
  const [, sign = "", whole = "", fraction = "", power] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (power === undefined) return text;
  const digits = whole + fraction;
  const point = 1 + Number(power);
  return point > 0 ? sign + digits.padEnd(point, "0") : `${sign}0.${"0".repeat(-point)}${digits}`;
}

/** As the engine prints what it has computed with: as a fraction, and with an exponent where it would be long. */
export function asFloat(number: number): string {
  if (number === 0) return Object.is(number, -0) ? "-0.0" : "0.0";
  const exponential = number.toExponential();
  const [mantissa = "", power = ""] = exponential.split("e");
  // So many digits stand in front of the point.
  const point = Number(power) + 1;
  if (point > LONGEST || point <= SHORTEST) return exponential;
  if (Math.abs(number) < 1) return number.toFixed(mantissa.replace(/^-?\d\.?/, "").length - Number(power));
  const plain = String(number);
  return plain.includes(".") ? plain : `${plain}.0`;
}

const LONGEST = 16;
const SHORTEST = -5;
