/**
 * The facets of a federation: of each index apart, or of all together. Counts are added per value as each index spells
 * it, and put in order by that spelling, as the engine does it for indexes (and not for the shards of one).
 */
import { compareText } from "../json/compare-text.ts";
import { readFacetDistribution, readFacetStats, valuesText, type FacetField, type FacetRange } from "./facet-text.ts";
import type { FacetOrder } from "./facets.ts";

/** JSON texts, complete and in order for one index. */
export interface IndexFacets {
  readonly indexUid: string;
  readonly distribution: string;
  readonly stats: string;
}

export interface MergeIndexFacetsInput {
  /** By name of the index. */
  readonly indexes: readonly IndexFacets[];
  /** null: the field was asked for by what is above it only, and then the engine looks up no order. */
  readonly orderOf: (indexUid: string, field: string) => FacetOrder | null;
  /** null: as many as there are. */
  readonly valuesMax: number | null;
}

export interface MergedIndexFacets {
  readonly kind: "facets";
  readonly distribution: string;
  readonly stats: string;
}

/** Two indexes want the values of one field in different orders. */
export interface FacetOrderConflict {
  readonly kind: "conflict";
  readonly indexUid: string;
  readonly message: string;
}

export function mergeIndexFacets(input: MergeIndexFacetsInput): MergedIndexFacets | FacetOrderConflict {
  const fields = new Map<string, MergedField>();
  const stats = new Map<string, FacetRange>();
  for (const { indexUid, distribution, stats: ranges } of input.indexes) {
    for (const { field, values } of readFacetDistribution(distribution) ?? []) {
      const known = fields.get(field) ?? { first: null, values: new Map<string, FacetCount>() };
      const order = input.orderOf(indexUid, field);
      if (order !== null && known.first !== null && input.orderOf(known.first, field) !== order) {
        return orderConflict(input, field, known.first, indexUid);
      }
      if (order !== null) known.first ??= indexUid;
      fields.set(field, known);
      addValues(known.values, values);
    }
    for (const [field, range] of readFacetStats(ranges) ?? []) addRange(stats, field, range);
  }
  const printed = [...fields]
    .sort(([a], [b]) => compareText(a, b))
    .map(([field, { first, values }]) => {
      const order = first === null ? null : input.orderOf(first, field);
      const sorted = [...values.values()].sort(ORDERS[order ?? "alpha"]);
      const listed = input.valuesMax === null ? sorted : sorted.slice(0, input.valuesMax);
      return `${JSON.stringify(field)}:${valuesText(listed)}`;
    });
  return { kind: "facets", distribution: `{${printed.join(",")}}`, stats: printStats(stats) };
}

/** Takes documents off that went because of a value somebody else has. `valuesOf`: normalized, as `distinct` sees them. */
export function withoutDocuments(
  distribution: string,
  valuesOf: (field: string) => readonly string[],
  normalize: (value: string) => string,
): string {
  const fields = readFacetDistribution(distribution) ?? [];
  const printed = fields.map(({ field, values }) => {
    const removed = new Map<string, number>();
    for (const value of valuesOf(field)) removed.set(value, (removed.get(value) ?? 0) + 1);
    const left = values
      .map((value) => ({ ...value, count: Math.max(0, value.count - (removed.get(normalize(value.value)) ?? 0)) }))
      .filter(({ value, count }) => count > 0 || !removed.has(normalize(value)));
    return `${JSON.stringify(field)}:${valuesText(left)}`;
  });
  return `{${printed.join(",")}}`;
}

interface MergedField {
  /** The first index with an order for it. */
  first: string | null;
  readonly values: Map<string, FacetCount>;
}

interface FacetCount {
  readonly value: string;
  readonly quoted: string;
  readonly count: number;
}

function addValues(into: Map<string, FacetCount>, values: FacetField["values"]): void {
  for (const { value, quoted, count } of values) {
    into.set(value, { value, quoted, count: count + (into.get(value)?.count ?? 0) });
  }
}

function addRange(stats: Map<string, FacetRange>, field: string, range: FacetRange): void {
  const known = stats.get(field) ?? range;
  const low = range.min < known.min ? range : known;
  const high = range.max > known.max ? range : known;
  stats.set(field, { min: low.min, minText: low.minText, max: high.max, maxText: high.maxText });
}

function orderConflict(
  { orderOf }: MergeIndexFacetsInput,
  field: string,
  previous: string,
  current: string,
): FacetOrderConflict {
  const words = (indexUid: string): string =>
    `index \`${indexUid}\` orders ${orderOf(indexUid, field) === "count" ? "by count" : "alphabetically"}`;
  const advice =
    " - Hint: Remove `federation.mergeFacets` or change `faceting.sortFacetValuesBy` to be consistent in settings.";
  const message = `Inconsistent order for values in facet \`${field}\`: ${words(previous)}, but ${words(current)}.\n${advice}`;
  return { kind: "conflict", indexUid: current, message };
}

const ORDERS: Readonly<Record<FacetOrder, (a: FacetCount, b: FacetCount) => number>> = {
  alpha: (a, b) => compareText(a.value, b.value),
  count: (a, b) => b.count - a.count,
};

function printStats(stats: ReadonlyMap<string, FacetRange>): string {
  const listed = [...stats].sort(([a], [b]) => compareText(a, b));
  return `{${listed.map(([field, { minText, maxText }]) => `${JSON.stringify(field)}:{"min":${minText},"max":${maxText}}`).join(",")}}`;
}
