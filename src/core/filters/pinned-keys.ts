/**
 * Which documents a filter can possibly be about, when it says so by primary key. A search is then sent only to the
 * shards of those keys, so a key too many costs a little and a key too few loses hits: whatever is not certain is not
 * narrowed.
 */
import type { Filter } from "./filter.ts";
import { parseFilter } from "./parse-filter.ts";

/**
 * Every document that matches `clientFilter` (any JSON form of a filter) has one of the returned keys, as they are
 * stored. null when that cannot be said, or with more than `keysMax` keys; never an empty list.
 */
export function pinnedKeys(clientFilter: unknown, primaryKey: string, keysMax: number): readonly string[] | null {
  const keys = Array.isArray(clientFilter)
    ? ofElements(clientFilter as readonly unknown[], primaryKey)
    : ofText(clientFilter, primaryKey);
  return keys === null || keys.size === 0 || keys.size > keysMax ? null : [...keys];
}

/** null: any key. */
type Keys = ReadonlySet<string> | null;

/** The elements of an array are ANDed, those of an inner array are alternatives; blank texts do not count. */
function ofElements(elements: readonly unknown[], primaryKey: string): Keys {
  const parts = elements.map((element) => {
    if (!Array.isArray(element)) return ofText(element, primaryKey);
    const alternatives = (element as readonly unknown[]).filter((text) => !isBlank(text));
    return anyOf(alternatives.map((text) => ofText(text, primaryKey)));
  });
  return allOf(parts);
}

function ofText(text: unknown, primaryKey: string): Keys {
  if (typeof text !== "string") return null;
  const parsed = parseFilter(text);
  return parsed.ok && parsed.filter !== null ? ofFilter(parsed.filter, primaryKey) : null;
}

function ofFilter(filter: Filter, primaryKey: string): Keys {
  switch (filter.kind) {
    case "and":
      return allOf(filter.parts.map((part) => ofFilter(part, primaryKey)));
    case "or":
      return anyOf(filter.parts.map((part) => ofFilter(part, primaryKey)));
    case "compare":
      return filter.field === primaryKey && filter.operator === "=" ? keysEqualTo([filter.value]) : null;
    case "in":
      return filter.field === primaryKey ? keysEqualTo(filter.values) : null;
    case "not":
    case "between":
    case "exists":
    case "isNull":
    case "isEmpty":
    case "contains":
    case "startsWith":
    case "vectorExists":
    case "geoRadius":
    case "geoBoundingBox":
    case "geoPolygon":
    case "foreign":
      return null;
  }
}

/** One part that pins is enough; the one with the fewest keys is taken. */
function allOf(parts: readonly Keys[]): Keys {
  let best: Keys = null;
  for (const keys of parts) if (keys !== null && (best === null || keys.size < best.size)) best = keys;
  return best;
}

function anyOf(parts: readonly Keys[]): Keys {
  const union = new Set<string>();
  for (const keys of parts) {
    if (keys === null) return null;
    for (const key of keys) union.add(key);
  }
  return union.size === 0 ? null : union;
}

function keysEqualTo(values: readonly string[]): Keys {
  return values.every(isOnlySpelling) ? new Set(values) : null;
}

/**
 * True when a document whose key equals `value` for the engine can only have the key `value` itself. The engine
 * compares without regard to case and compatibility forms, so a value with a letter has other spellings: `abc` finds
 * the document `ABC`, which lies in another shard. It also compares as numbers: `007` finds the document 7, and beyond
 * 2^53 neighbouring integers are one. What is left are plain integers, and digits with dashes or underscores that make
 * no number; stored values are cut at 468 bytes before they are compared, so long ones are out as well.
 */
function isOnlySpelling(value: string): boolean {
  return PLAIN_INTEGER.test(value) || (DIGITS_AND_MARKS.test(value) && !ANY_INTEGER.test(value));
}

/** At most 15 digits: far below 2^53. */
const PLAIN_INTEGER = /^(?:0|-?[1-9][0-9]{0,14})$/;
const ANY_INTEGER = /^-?[0-9]+$/;
const DIGITS_AND_MARKS = /^[0-9_-]{1,200}$/;

function isBlank(text: unknown): boolean {
  return typeof text === "string" && /^\p{White_Space}*$/u.test(text);
}
