/**
 * Reads `facetDistribution` and `facetStats` from their text, in the order of the text. An object would not do:
 * JavaScript moves keys that look like integers to the front, and the order is part of the answer.
 */
import { decodeKey, MALFORMED, readObject } from "../json/scan.ts";

export interface FacetValue {
  /** As the node spells it. */
  readonly value: string;
  /** The same, quoted, as it stands in the text. */
  readonly quoted: string;
  readonly count: number;
}

export interface FacetField {
  readonly field: string;
  readonly values: readonly FacetValue[];
}

export interface FacetRange {
  readonly min: number;
  readonly max: number;
  /** The numbers as the node prints them. */
  readonly minText: string;
  readonly maxText: string;
}

/** As a node writes it. */
export function distributionText(fields: readonly FacetField[]): string {
  return `{${fields.map(({ field, values }) => `${JSON.stringify(field)}:${valuesText(values)}`).join(",")}}`;
}

/** The values of one field, as a node writes them. */
export function valuesText(values: readonly Pick<FacetValue, "quoted" | "count">[]): string {
  return `{${values.map(({ quoted, count }) => `${quoted}:${count}`).join(",")}}`;
}

/** null: malformed. */
export function readFacetDistribution(text: string): readonly FacetField[] | null {
  const bounds: number[] = [];
  if (readObject(text, 0, bounds) === MALFORMED) return null;
  const fields: FacetField[] = [];
  for (let i = 0; i < bounds.length; i += 4) {
    const field = decodeKey(text, bounds[i]!, bounds[i + 1]!);
    const values = readValues(text, bounds[i + 2]!);
    if (field === undefined || values === null) return null;
    fields.push({ field, values });
  }
  return fields;
}

function readValues(text: string, at: number): readonly FacetValue[] | null {
  const bounds: number[] = [];
  if (readObject(text, at, bounds) === MALFORMED) return null;
  const values: FacetValue[] = [];
  for (let i = 0; i < bounds.length; i += 4) {
    const value = decodeKey(text, bounds[i]!, bounds[i + 1]!);
    const count = Number(text.slice(bounds[i + 2], bounds[i + 3]));
    if (value === undefined || !Number.isInteger(count) || count < 0) return null;
    values.push({ value, quoted: text.slice(bounds[i], bounds[i + 1]! + 1), count });
  }
  return values;
}

/** By field. null: malformed. */
export function readFacetStats(text: string): ReadonlyMap<string, FacetRange> | null {
  const bounds: number[] = [];
  if (readObject(text, 0, bounds) === MALFORMED) return null;
  const stats = new Map<string, FacetRange>();
  for (let i = 0; i < bounds.length; i += 4) {
    const field = decodeKey(text, bounds[i]!, bounds[i + 1]!);
    const range = readRange(text, bounds[i + 2]!);
    if (field === undefined || range === null) return null;
    stats.set(field, range);
  }
  return stats;
}

function readRange(text: string, at: number): FacetRange | null {
  const bounds: number[] = [];
  if (readObject(text, at, bounds) === MALFORMED) return null;
  const numbers = new Map<string, string>();
  for (let i = 0; i < bounds.length; i += 4) {
    numbers.set(decodeKey(text, bounds[i]!, bounds[i + 1]!) ?? "", text.slice(bounds[i + 2], bounds[i + 3]));
  }
  const minText = numbers.get("min");
  const maxText = numbers.get("max");
  if (minText === undefined || maxText === undefined) return null;
  const min = Number(minText);
  const max = Number(maxText);
  return Number.isNaN(min) || Number.isNaN(max) ? null : { min, max, minText, maxText };
}
