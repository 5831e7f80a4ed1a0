/** What nodes answer when they are asked how many documents of one index several queries find together. */
import { countMember, splitAnswer } from "./answer-list.ts";
import { compareText } from "../json/compare-text.ts";
import { floatText } from "../documents/document-problem.ts";
import { createDistinctFilter } from "./distinct.ts";
import { readFacetDistribution, readFacetStats, type FacetRange, type FacetValue } from "./facet-text.ts";
import type { Hit } from "./hit-cursor.ts";
import type { FacetTypes, MixedField } from "./facet-types.ts";
import { mergeFacets, type FacetPart, type FacetRules, type SpellingChoice, type SpellingDispute } from "./facets.ts";
import type { IndexFacets } from "./federate-facets.ts";
import { normalizeValue } from "./normalize-value.ts";
import { decodeKey, MALFORMED, readObject, skipSpace } from "../json/scan.ts";

export interface UnionAnswer {
  readonly total: number;
  readonly processingTimeMs: number;
  /** null: no facets were asked for. */
  readonly facets: FacetPart | null;
}

/** null: not the answer of an engine to a federation. */
export function readUnionAnswer(text: string): UnionAnswer | null {
  const split = splitAnswer(text, "hits", "processingTimeMs");
  if (split === null) return null;
  const { members } = split;
  const total = countMember(members, "estimatedTotalHits") ?? countMember(members, "totalHits");
  const processingTimeMs = countMember(members, "processingTimeMs");
  if (total === null || processingTimeMs === null) return null;
  const byIndex = members.get("facetsByIndex");
  if (byIndex === undefined) return { total, processingTimeMs, facets: null };
  const facets = readIndexFacets(byIndex, total);
  return facets === null ? null : { total, processingTimeMs, facets };
}

export interface MergedUnion {
  readonly total: number;
  readonly facets: IndexFacets | null;
  /** Facet values that `answers` spell differently. */
  readonly disputes: readonly SpellingDispute[];
  /** Fields of `answers` of which it is not known which keys are numbers. */
  readonly mixed: readonly MixedField[];
}

/** The parts have no document in common, so that everything is a sum. */
export function mergeUnion(
  indexUid: string,
  answers: readonly UnionAnswer[],
  rules: FacetRules,
  choose?: SpellingChoice,
  types?: FacetTypes,
): MergedUnion {
  const total = answers.reduce((sum, answer) => sum + answer.total, 0);
  const parts = answers.flatMap(({ facets }) => (facets === null ? [] : [facets]));
  if (parts.length === 0) return { total, facets: null, disputes: [], mixed: [] };
  const { distribution, stats, disputes, mixed } = mergeFacets(parts, rules, { spelling: choose, types });
  return { total, facets: { indexUid, distribution, stats }, disputes, mixed };
}

/** How many different values of a field there are, and how often they were counted. */
export function countValues(
  answers: readonly UnionAnswer[],
  field: string,
): { readonly values: number; readonly counted: number } {
  const values = new Set<string>();
  let counted = 0;
  for (const { facets } of answers) {
    for (const { value, count } of facets?.distribution.find((facet) => facet.field === field)?.values ?? []) {
      values.add(normalizeValue(value));
      counted += count;
    }
  }
  return { values: values.size, counted };
}

/** Documents that the router has itself, as a node would answer for them; of fields that the client retrieves. */
export function countHits(hits: readonly Hit[], fields: readonly string[] | null, rules: FacetRules): UnionAnswer {
  const total = hits.length;
  if (fields === null) return { total, processingTimeMs: 0, facets: null };
  const stats = new Map<string, FacetRange>();
  const distribution = fields
    .filter((field) => !field.includes("*"))
    .map((field) => ({ field, values: countField(hits, field, rules.orderOf(field) === "count", stats) }))
    // Whether an index that has no value of a field shows it, the nodes tell.
    .filter(({ values }) => values.length > 0);
  return { total, processingTimeMs: 0, facets: { distribution, stats, candidates: total } };
}

/** Numbers first, as a node lists them. */
function countField(
  hits: readonly Hit[],
  field: string,
  byCount: boolean,
  stats: Map<string, FacetRange>,
): readonly FacetValue[] {
  const counts = new Map<string, { readonly text: string; count: number }>();
  for (const hit of hits) {
    for (const { key, text } of createDistinctFilter(field).judge(hit).values) {
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { text, count: 1 });
      else known.count += 1;
    }
  }
  const listed = [...counts].sort(
    ([a, left], [b, right]) =>
      compareText(a[0]!, b[0]!) || (byCount ? right.count - left.count : 0) || compareText(a, b),
  );
  const numbers = listed.filter(([key]) => key.startsWith("n")).map(([, { text }]) => Number(text));
  if (numbers.length > 0) {
    const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
    stats.set(field, { min, max, minText: floatText(min), maxText: floatText(max) });
  }
  return listed.map(([, { text, count }]) => ({ value: text, quoted: JSON.stringify(text), count }));
}

/** Of the only index that was asked about. */
function readIndexFacets(text: string, candidates: number): FacetPart | null {
  const index = membersOf(text);
  const [facets] = index?.values() ?? [];
  const members = facets === undefined ? null : membersOf(facets);
  const distribution = readFacetDistribution(members?.get("distribution") ?? "");
  const stats = readFacetStats(members?.get("stats") ?? "");
  return distribution === null || stats === null ? null : { distribution, stats, candidates };
}

function membersOf(text: string): ReadonlyMap<string, string> | null {
  const bounds: number[] = [];
  if (readObject(text, skipSpace(text, 0), bounds) === MALFORMED) return null;
  const members = new Map<string, string>();
  for (let i = 0; i < bounds.length; i += 4) {
    members.set(decodeKey(text, bounds[i]!, bounds[i + 1]!) ?? "", text.slice(bounds[i + 2], bounds[i + 3]));
  }
  return members;
}
