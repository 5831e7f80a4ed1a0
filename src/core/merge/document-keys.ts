/**
 * By what a document stands where it does in a sorted list of one node. The nodes say it of each document, but for two
 * things that they leave to be read from the document: coordinates that are stored as texts, and documents that hold
 * numbers and texts under one criterion. Such a document is listed twice, first under its best number and then under its
 * best text, and once for each combination where several criteria are like that.
 */
import { compareText } from "../json/compare-text.ts";
import { readsBelow, unaskedNames } from "./dotted-names.ts";
import { facetValues } from "./distinct.ts";
import { memberText, parseMember, type Hit } from "./hit-cursor.ts";
import { storedSequence } from "./rank-key.ts";
import type { RankKey, RuleKey } from "./score-details.ts";

/** `point`: the list is sorted by the distance from there; null: by the values of `field`. */
export interface SortCriterion {
  readonly field: string;
  readonly ascending: boolean;
  readonly point: readonly [number, number] | null;
}

/** Criteria that the engine would refuse are read as something, since a node refuses them first. */
export function readSortCriteria(sort: readonly string[]): readonly SortCriterion[] {
  return sort.map((criterion) => {
    const ascending = !criterion.endsWith(":desc");
    const member = criterion.replace(/:(?:asc|desc)$/, "");
    const [, lat, lng] = POINT.exec(member) ?? [];
    const point = lat === undefined ? null : ([Number(lat), Number(lng)] as const);
    return { field: point === null ? member : GEO_FIELD, ascending, point };
  });
}

/** What has to be asked for besides the client's fields, and how it is taken out again. */
export interface SortFields {
  readonly asked: readonly string[];
  /** Names of members that nobody else asked for. */
  readonly drop: readonly string[];
  /** Paths inside objects of which the client reads other parts. */
  readonly cut: readonly string[];
}

/**
 * `fields`: the client's; null: all. A star among several is a name like any other. Of a criterion that is an object the
 * client reads parts of, nothing is needed.
 */
export function sortFields(criteria: readonly SortCriterion[], fields: readonly string[] | null): SortFields {
  const asked: string[] = [];
  const drop: string[] = [];
  const cut: string[] = [];
  for (const { field } of criteria) {
    if (fields === null || fields.includes(field) || readsBelow(fields, field) || asked.includes(field)) continue;
    const [top] = field.split(".");
    asked.push(field);
    if (fields.some((name) => field.startsWith(`${name}.`))) drop.push(...unaskedNames(fields, field));
    else if (readsBelow(fields, top!)) cut.push(field);
    else drop.push(top!, ...unaskedNames(fields, field));
  }
  return { asked, drop, cut };
}

export interface DocumentKeys {
  /** null: the node did not say what it sorted by. To be called once for each document, in the order of the list. */
  read(hit: Hit): RankKey | null;
  /** Was a document listed more than once, so that places in the list are not numbers of documents? */
  repeats(): boolean;
}

/**
 * For one list, or several that have no document in common. `placeStored`: the last thing that nodes sort by is a
 * criterion of the client's, and not the place in insertion order.
 */
export function createDocumentKeys(criteria: readonly SortCriterion[], placeStored = false): DocumentKeys {
  /** How often each document that is listed several times has been read, by its sequence. */
  const turns = new Map<string, number>();
  return {
    read(hit) {
      const values = placeStored ? withStoredPlace(readValues(hit), hit) : readValues(hit);
      if (values === null) return null;
      const sequence = values.at(-1)!;
      // A node that knows no coordinates was asked without the criteria that are about them.
      const withoutPoints = values.length <= criteria.length;
      let next = 0;
      const choices = criteria.map((criterion) => {
        const value = withoutPoints && criterion.point !== null ? {} : values[next++]!;
        return criterion.point === null ? fieldKeys(hit, criterion, value) : [pointKey(hit, criterion, value)];
      });
      const combinations = choices.reduce((count, keys) => count * keys.length, 1);
      let turn = 0;
      if (combinations > 1) {
        const name = String(sequence.sort?.value);
        turn = turns.get(name) ?? 0;
        turns.set(name, turn + 1);
      }
      return [...combination(choices, turn), valueKey(sequence.sort?.value, true)];
    },
    repeats: () => turns.size > 0,
  };
}

/** The last criterion changes first. */
function combination(choices: readonly (readonly RuleKey[])[], turn: number): readonly RuleKey[] {
  let rest = turn;
  const chosen: RuleKey[] = [];
  for (const keys of choices.toReversed()) {
    chosen.push(keys[rest % keys.length]!);
    rest = Math.floor(rest / keys.length);
  }
  return chosen.reverse();
}

interface SortValue {
  readonly sort?: { readonly value?: unknown };
  readonly geoSort?: { readonly distance?: number | null };
}

function readValues(hit: Hit): readonly SortValue[] | null {
  const text = memberText(hit, SORT_VALUES);
  if (text === null) return null;
  try {
    const { weightedScoreValues } = JSON.parse(text) as { readonly weightedScoreValues?: readonly SortValue[] };
    return weightedScoreValues === undefined || weightedScoreValues.length === 0 ? null : weightedScoreValues;
  } catch {
    return null;
  }
}

/** A node that was asked to sort by nothing says nothing. */
function withStoredPlace(values: readonly SortValue[] | null, hit: Hit): readonly SortValue[] {
  return [...(values ?? []), { sort: { value: storedSequence(hit)?.text ?? null } }];
}

/**
 * A node names the best value, and numbers are better than texts: so next to a number there may be a text. Of a list in a
 * list it sorts by the values and does not name them.
 */
function fieldKeys(hit: Hit, { field, ascending }: SortCriterion, { sort }: SortValue): readonly RuleKey[] {
  const nested = LIST_IN_LIST.test(memberText(hit, field.split(".")[0]!) ?? "");
  if (typeof sort?.value !== "number" && !nested) return [valueKey(sort?.value, ascending)];
  const values = facetValues(hit, field).map(({ key }) => ({ number: key.startsWith("n"), text: key.slice(1) }));
  const numbers = values.filter(({ number }) => number).map(({ text }) => Number(text));
  const texts = values.filter(({ number }) => !number).map(({ text }) => text);
  const number = nested && numbers.length > 0 ? Math[ascending ? "min" : "max"](...numbers) : sort?.value;
  const best = typeof number === "number" ? [valueKey(number, ascending)] : [];
  if (texts.length === 0) return best.length === 0 ? [valueKey(null, ascending)] : best;
  const first = texts.reduce((a, b) => (compareText(a, b) < 0 === ascending ? a : b));
  return [...best, valueKey(first, ascending)];
}

function valueKey(value: unknown, ascending: boolean): RuleKey {
  const kind = ascending ? "sort_asc" : "sort_desc";
  const first = typeof value === "number" ? value : Number.NaN;
  return { name: kind, kind, first, second: 0, text: typeof value === "string" ? value : null };
}

function pointKey(hit: Hit, { ascending, point }: SortCriterion, { geoSort }: SortValue): RuleKey {
  const kind = ascending ? "geo_asc" : "geo_desc";
  const first = geoSort?.distance ?? distanceFrom(point!, parseMember(hit, GEO_FIELD)) ?? Number.NaN;
  return { name: kind, kind, first, second: 0, text: null };
}

function distanceFrom(from: readonly [number, number], place: unknown): number | null {
  if (typeof place !== "object" || place === null) return null;
  const { lat, lng } = place as { readonly lat?: unknown; readonly lng?: unknown };
  const to = [lat, lng].map((value) => (typeof value === "string" && value.trim() !== "" ? Number(value) : value));
  return to.every((value) => typeof value === "number") ? metres(from, to as [number, number]) : null;
}

/** On a ball, to the millimetre, as the engine measures. */
function metres([lat1, lng1]: readonly [number, number], [lat2, lng2]: readonly [number, number]): number {
  const haversine = (degrees: number): number => (1 - Math.cos(radians(degrees))) / 2;
  const part = haversine(lat2 - lat1) + Math.cos(radians(lat1)) * Math.cos(radians(lat2)) * haversine(lng2 - lng1);
  return Math.round(2 * EARTH_RADIUS_METRES * Math.asin(Math.sqrt(part)) * 1000) / 1000;
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

/** In a text it is harmless, as the values are then read from the document without need. */
const LIST_IN_LIST = /[[,]\s*\[/;
const GEO_FIELD = "_geo";
const POINT = /^_geoPoint\(\s*([^,\s]+)\s*,\s*([^)\s]+)\s*\)$/;
/** Where nodes put the values they sorted by, when they are asked for them. */
export const SORT_VALUES = "_federation";
const EARTH_RADIUS_METRES = 6_371_000;
