/** Walks the fields of a document under their dotted names, in the order and with the repetitions of the engine. */
import { RawText } from "../exact-json.ts";

/** Called with each named value; `inArray` when the value is an element of an array and not the field's own value. */
export type FieldVisitor = (field: string, value: unknown, inArray: boolean) => void;

/** Fields that are never searched for words or facets as ordinary fields. */
export const RESERVED_FIELDS: readonly string[] = ["_vectors", "_geo", "_geojson"];

/** Every leaf and container below the top level, then the leaves of the top level; words are read in this order. */
export function walkLeaves(document: Readonly<Record<string, unknown>>, visit: FieldVisitor): void {
  for (const [field, value] of Object.entries(document)) {
    if (RESERVED_FIELDS.includes(field)) continue;
    if (isObject(value)) walkObject(value, field, false, visit);
    else if (Array.isArray(value)) walkArray(value, field, false, visit);
    else visit(field, value, false);
  }
}

/** As `walkLeaves`, and the top-level containers themselves: what facets are read from. */
export function walkValues(document: Readonly<Record<string, unknown>>, visit: FieldVisitor): void {
  walkLeaves(document, visit);
  for (const [field, value] of Object.entries(document)) {
    if (!RESERVED_FIELDS.includes(field) && value !== null && typeof value === "object") visit(field, value, false);
  }
}

/** The value at a dotted path, every branch of an array followed; plain members with dots in their name count too. */
export function valuesAt(value: unknown, path: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => (isObject(item) ? valuesAt(item, path) : []));
  if (!isObject(value)) return [];
  const found: unknown[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (key === path) found.push(member);
    else if (path.startsWith(`${key}.`)) found.push(...valuesAt(member, path.slice(key.length + 1)));
  }
  return found;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof RawText);
}

function walkObject(
  value: Readonly<Record<string, unknown>>,
  base: string,
  inArray: boolean,
  visit: FieldVisitor,
): void {
  const entries = Object.entries(value);
  if (entries.length === 0) visit(base, value, inArray);
  for (const [key, member] of entries) {
    const field = base === "" ? key : `${base}.${key}`;
    visit(field, member, false);
    if (isObject(member)) walkObject(member, field, false, visit);
    else if (Array.isArray(member)) walkArray(member, field, false, visit);
  }
}

function walkArray(values: readonly unknown[], base: string, inArray: boolean, visit: FieldVisitor): void {
  if (values.length === 0) visit(base, values, inArray);
  for (const value of values) {
    if (isObject(value)) walkObject(value, base, true, visit);
    else if (Array.isArray(value)) walkArray(value, base, true, visit);
    else visit(base, value, true);
  }
}
