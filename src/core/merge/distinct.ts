/** Keeps the first document per value of one field, as the engine does inside one index. */
import { parseMember, type Hit } from "./hit-cursor.ts";
import { normalizeValue } from "./normalize-value.ts";

export interface DistinctFilter {
  /** False: a document with one of these values went before. A document without a value is always admitted. */
  admits(hit: Hit): boolean;
  judge(hit: Hit): DistinctVerdict;
  rejected(): number;
}

export interface DistinctVerdict {
  readonly admitted: boolean;
  /** The document's values, each once. */
  readonly values: readonly DistinctValue[];
  /**
   * The document is passed over although it has a value that no document before it had. Its node may have passed
   * over others for the sake of that value, which now have to be looked at.
   */
  readonly hides: boolean;
}

export interface DistinctValue {
  /** Equal for equal values; strings and numbers that look alike differ. */
  readonly key: string;
  /** As it is written in a filter, without quotes. */
  readonly text: string;
}

/**
 * `emptyCounts`: is a text without any character a value, equal to another and to one of blanks? It is for an attribute that
 * a request names, as the engine looks through its hits once more then (`second-look.ts`); its index knows of none.
 */
export function createDistinctFilter(path: string, emptyCounts = true): DistinctFilter {
  const seen = new Set<string>();
  const parts = path.split(".");
  let rejected = 0;
  const judge = (hit: Hit): DistinctVerdict => {
    const found = distinctValues(hit, path, parts);
    const values = emptyCounts ? found : found.filter(isIndexed);
    const admitted = !values.some(({ key }) => seen.has(key));
    const hides = !admitted && values.some(({ key }) => !seen.has(key));
    if (admitted) for (const { key } of values) seen.add(key);
    else rejected += 1;
    return { admitted, values, hides };
  };
  return { admits: (hit) => judge(hit).admitted, judge, rejected: () => rejected };
}

/** Does the engine know the value when it tells documents apart? Of texts it knows all but those without any character. */
function isIndexed({ text }: DistinctValue): boolean {
  return text !== "";
}

/** A text of blanks or of nothing. */
export function isBlankText({ key }: DistinctValue): boolean {
  return key === BLANK;
}

const BLANK = "s";

/** The values by which the engine tells documents apart. */
export function indexedValues(hit: Hit, path: string): readonly DistinctValue[] {
  return facetValues(hit, path).filter(isIndexed);
}

/** Everything the engine sees in a field, each value once. */
export function facetValues(hit: Hit, path: string): readonly DistinctValue[] {
  return distinctValues(hit, path, path.split("."));
}

function distinctValues(hit: Hit, path: string, parts: readonly string[]): readonly DistinctValue[] {
  const values = new Map<string, DistinctValue>();
  const flat = parts.length > 1 ? parseMember(hit, path) : undefined;
  if (flat !== undefined) leaves(flat, values);
  walk(parseMember(hit, parts[0]!), parts, 1, values);
  return COORDINATES.has(path) ? [...values.values()].map(asNumber) : [...values.values()];
}

/** The engine reads coordinates that are texts as the numbers they say. */
function asNumber(value: DistinctValue): DistinctValue {
  const number = Number(value.text);
  return Number.isNaN(number) ? value : { key: `n${number}`, text: String(number) };
}

const COORDINATES: ReadonlySet<string> = new Set(["_geo.lat", "_geo.lng"]);

type Values = Map<string, DistinctValue>;

/** Follows the rest of the path through objects; lists are entered wherever they stand. */
function walk(value: unknown, parts: readonly string[], next: number, into: Values): void {
  if (Array.isArray(value)) {
    for (const element of value) walk(element, parts, next, into);
  } else if (next === parts.length) leaves(value, into);
  else if (typeof value === "object" && value !== null) {
    const record = value as Readonly<Record<string, unknown>>;
    // A key of the document may itself contain dots.
    for (let end = next + 1; end <= parts.length; end++) {
      const key = parts.slice(next, end).join(".");
      if (Object.hasOwn(record, key)) walk(record[key], parts, end, into);
    }
  }
}

/** Strings and numbers that look alike are different values; booleans are strings; null and objects are none. */
function leaves(value: unknown, into: Values): void {
  if (Array.isArray(value)) for (const element of value) leaves(element, into);
  else if (typeof value === "string" || typeof value === "boolean") {
    const key = `s${normalizeValue(String(value))}`;
    // Of a text without characters and one of blanks only the second is known.
    if (!into.has(key) || into.get(key)!.text === "") into.set(key, { key, text: String(value) });
  } else if (typeof value === "number") into.set(`n${value}`, { key: `n${value}`, text: String(value) });
}
