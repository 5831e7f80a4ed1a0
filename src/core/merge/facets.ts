/**
 * Facets of several shards as one: counts are added per value, then ordered and cut as the engine does it for one
 * index. The nodes send more values than the client's limit, so that the cut is made here and only here.
 */
import { compareText } from "../json/compare-text.ts";
import { looksLikeNumber, type FacetTypes, type MixedField, type TypedCount } from "./facet-types.ts";
import { MARKER_PREFIX } from "../markers/fields.ts";
import type { FacetField, FacetRange, FacetValue } from "./facet-text.ts";
import { rangesLeft, takeOut } from "./facets-without.ts";
import type { Hit } from "./hit-cursor.ts";
import { raisedMaxValuesPerFacet } from "../settings/node-form.ts";
import { normalizeValue } from "./normalize-value.ts";

export interface FacetRules {
  /** The client's `maxValuesPerFacet`. */
  readonly valuesMax: number;
  readonly orderOf: (field: string) => FacetOrder;
}

export type FacetOrder = "alpha" | "count";

/** One shard's share. */
export interface FacetPart {
  readonly distribution: readonly FacetField[];
  readonly stats: ReadonlyMap<string, FacetRange>;
  /** How many documents the node counted over. Decides in which order it listed its values. */
  readonly candidates: number;
}

export interface MergedFacets {
  /** JSON texts. */
  readonly distribution: string;
  readonly stats: string;
  /** Listed values that the shards spell differently; at most `DISPUTES_MAX`. */
  readonly disputes: readonly SpellingDispute[];
  /** Fields of which it is not known which keys are numbers. */
  readonly mixed: readonly MixedField[];
}

/** One value in several spellings. The engine shows that of the document that was inserted first. */
export interface SpellingDispute {
  readonly field: string;
  /** By position of the part: its spelling, quoted. */
  readonly spellings: ReadonlyMap<number, string>;
}

/** Settles disputes: the position of the part whose spelling is shown; undefined: the first that has the value. */
export type SpellingChoice = (dispute: SpellingDispute) => number | undefined;

export interface FacetSettlement {
  readonly spelling?: SpellingChoice | undefined;
  readonly types?: FacetTypes | undefined;
  /** Documents that were counted and that do not count. */
  readonly gone?: readonly Hit[];
}

export function mergeFacets(
  parts: readonly FacetPart[],
  rules: FacetRules,
  { spelling: choose = () => undefined, types = () => undefined, gone = [] }: FacetSettlement = {},
): MergedFacets {
  const candidates = parts.reduce((sum, part) => sum + part.candidates, 0);
  const fields = new Map<string, MergedField>();
  for (const [position, part] of parts.entries()) {
    for (const { field, values } of part.distribution) {
      if (field.startsWith(MARKER_PREFIX)) continue;
      let merged = fields.get(field);
      if (merged === undefined)
        fields.set(field, (merged = { numbers: new Map(), strings: new Map(), perhaps: new Map() }));
      const order = listingOrder(rules.orderOf(field), part.candidates);
      addValues(merged, values, {
        position,
        range: part.stats.get(field),
        order,
        types: types(position, field),
      });
    }
  }
  const mixed = mixedFields(fields);
  const lessened = gone.length === 0 ? NONE : takeOut(fields, gone);
  const names = [...fields.keys()].sort(compareText);
  const disputes: SpellingDispute[] = [];
  const distribution = names.map((field) => {
    const listed = list(fields.get(field)!, listingOrder(rules.orderOf(field), candidates), rules.valuesMax);
    const printed = listed.map((value) => {
      if (!value.disputed) return `${value.quoted}:${value.count}`;
      const dispute = { field, spellings: value.spellings };
      if (disputes.length < DISPUTES_MAX) disputes.push(dispute);
      return `${value.spellings.get(choose(dispute) ?? -1) ?? value.quoted}:${value.count}`;
    });
    return `${JSON.stringify(field)}:{${printed.join(",")}}`;
  });
  return {
    distribution: `{${distribution.join(",")}}`,
    stats: statsText(rangesLeft(mergeStats(parts), fields, whole(lessened, parts, rules))),
    disputes,
    mixed,
  };
}

const NONE: ReadonlySet<string> = new Set();

/** Fields of which no node has left out values. */
function whole(
  fields: ReadonlySet<string>,
  parts: readonly FacetPart[],
  { valuesMax }: FacetRules,
): ReadonlySet<string> {
  const listedMax = raisedMaxValuesPerFacet(valuesMax);
  const isCut = (name: string): boolean =>
    parts.some(({ distribution }) =>
      distribution.some(({ field, values }) => field === name && values.length >= listedMax),
    );
  return new Set([...fields].filter((field) => !isCut(field)));
}

export interface MergedValue {
  readonly key: string;
  readonly quoted: string;
  count: number;
  readonly spellings: Map<number, string>;
  disputed: boolean;
}

export interface MergedField {
  readonly numbers: Map<string, MergedValue>;
  readonly strings: Map<string, MergedValue>;
  /** By position: keys that may be numbers. */
  readonly perhaps: Map<number, readonly string[]>;
}

function mixedFields(fields: ReadonlyMap<string, MergedField>): readonly MixedField[] {
  return [...fields].flatMap(([field, { strings, perhaps }]) =>
    strings.size > 0 && perhaps.size > 0 ? [{ field, keys: perhaps }] : [],
  );
}

/** Small candidate sets are listed value by value in text order, larger ones from the facet tree. */
type ListingOrder = "alpha_small" | "alpha_large" | "count";

function listingOrder(order: FacetOrder, candidates: number): ListingOrder {
  if (order === "count") return "count";
  return candidates <= SMALL_CANDIDATES_MAX ? "alpha_small" : "alpha_large";
}

interface Listing {
  readonly position: number;
  readonly range: FacetRange | undefined;
  readonly order: ListingOrder;
  readonly types: ReadonlyMap<string, TypedCount> | undefined;
}

function addValues(merged: MergedField, values: readonly FacetValue[], listing: Listing): void {
  const { position, range, order, types } = listing;
  const mayBe = ({ value }: FacetValue): boolean => range !== undefined && isNumberIn(value, range);
  const possible = values.filter(mayBe);
  if (possible.length > 0) {
    merged.perhaps.set(
      position,
      possible.map(({ value }) => value),
    );
  }
  const leading = types === undefined && range !== undefined ? countNumbers(values, range, order) : 0;
  for (const [i, found] of values.entries()) {
    const { value, count } = found;
    const isNumber = types === undefined ? i < leading : mayBe(found);
    if (!isNumber) addValue(merged.strings, normalizeValue(value), found, position);
    else {
      const typed = countsOf(types?.get(value), count);
      if (typed.numbers > 0) addValue(merged.numbers, value, { ...found, count: typed.numbers }, position);
      if (typed.texts > 0) addValue(merged.strings, normalizeValue(value), { ...found, count: typed.texts }, position);
    }
  }
}

function countsOf(typed: TypedCount | undefined, count: number): TypedCount {
  if (typed === undefined) return { numbers: count, texts: 0 };
  if (typed.kindOnly !== true) return typed;
  return typed.texts > 0 ? { numbers: typed.numbers, texts: count } : { numbers: count, texts: 0 };
}

function addValue(into: Map<string, MergedValue>, key: string, { quoted, count }: FacetValue, position: number): void {
  const known = into.get(key);
  if (known === undefined) {
    into.set(key, { key, quoted, count, spellings: new Map([[position, quoted]]), disputed: false });
    return;
  }
  known.count += count;
  known.spellings.set(position, quoted);
  known.disputed ||= known.quoted !== quoted;
}

/**
 * A node lists numbers first, then strings, and prints both as keys; a string may look like a number. The numbers seem
 * to end at the first key that cannot be one: by its form, by the range the node states, or by breaking the numbers'
 * order. A string that took the place of a number breaks it too early, which is why nodes are asked in such a case.
 */
function countNumbers(values: readonly FacetValue[], range: FacetRange, order: ListingOrder): number {
  for (let i = 0; i < values.length; i++) {
    const { value, count } = values[i]!;
    if (!isNumberIn(value, range)) return i;
    const before = values[i - 1];
    if (before === undefined) continue;
    const broken =
      order === "count"
        ? count > before.count
        : order === "alpha_small"
          ? value <= before.value
          : Number(value) <= Number(before.value);
    if (broken) return i;
  }
  return values.length;
}

/** Can this key be one of the numbers that lie in the range? */
export function isNumberIn(value: string, { min, max }: FacetRange): boolean {
  return looksLikeNumber(value) && Number(value) >= min && Number(value) <= max;
}

/** One object: a text that looks like a number which is listed takes its place, with its own count. */
function list(field: MergedField, order: ListingOrder, valuesMax: number): readonly MergedValue[] {
  const numbers = [...field.numbers.values()].sort(NUMBER_ORDER[order]);
  const strings = [...field.strings.values()].sort(STRING_ORDER[order]);
  // The engine stops when its list has exactly the maximum, which it never has with none, or with texts behind that
  // many numbers.
  const small = order === "alpha_small";
  const listed = new Map<string, MergedValue>();
  for (const value of small || valuesMax > 0 ? numbers.slice(0, valuesMax) : numbers) listed.set(value.quoted, value);
  const room = small ? Math.max(0, valuesMax - listed.size) : strings.length;
  for (const value of strings.slice(0, room)) {
    listed.set(value.quoted, value);
    if (!small && listed.size === valuesMax) break;
  }
  return [...listed.values()];
}

type Order = (a: MergedValue, b: MergedValue) => number;

const byText: Order = (a, b) => compareText(a.key, b.key);
const byNumber: Order = (a, b) => Number(a.key) - Number(b.key);
/** Among equal counts the larger value mostly comes first; the engine leaves it to the shape of its tree. */
const byCount =
  (tie: Order): Order =>
  (a, b) =>
    b.count - a.count || tie(b, a);

const NUMBER_ORDER: Readonly<Record<ListingOrder, Order>> = {
  alpha_small: byText,
  alpha_large: byNumber,
  count: byCount(byNumber),
};
const STRING_ORDER: Readonly<Record<ListingOrder, Order>> = {
  alpha_small: byText,
  alpha_large: byText,
  count: byCount(byText),
};

function mergeStats(parts: readonly FacetPart[]): ReadonlyMap<string, FacetRange> {
  const ranges = new Map<string, FacetRange>();
  for (const { stats } of parts) {
    for (const [field, range] of stats) {
      if (field.startsWith(MARKER_PREFIX)) continue;
      const known = ranges.get(field);
      ranges.set(field, known === undefined ? range : union(known, range));
    }
  }
  return ranges;
}

function statsText(ranges: ReadonlyMap<string, FacetRange>): string {
  const listed = [...ranges].sort(([a], [b]) => compareText(a, b));
  return `{${listed.map(([field, { minText, maxText }]) => `${JSON.stringify(field)}:{"min":${minText},"max":${maxText}}`).join(",")}}`;
}

function union(a: FacetRange, b: FacetRange): FacetRange {
  const low = b.min < a.min ? b : a;
  const high = b.max > a.max ? b : a;
  return { min: low.min, minText: low.minText, max: high.max, maxText: high.maxText };
}

/** Of so many documents at most the engine lists values in the order of their texts. */
export const SMALL_CANDIDATES_MAX = 3000;
/** Each costs the nodes one more small request; values beyond keep the first spelling. */
const DISPUTES_MAX = 16;
