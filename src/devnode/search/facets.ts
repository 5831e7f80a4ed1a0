/** Counts of the values of fields among the found documents, in the engine's order. */
import type { DocSet } from "../doc-set.ts";
import {
  coversField,
  isFilterable,
  matchingRule,
  patternCovers,
  patternsAllowing,
  type FilterableRule,
} from "../index/attribute-patterns.ts";
import { compareBytes, type FacetIndex } from "../index/facet-index.ts";
import type { SearchIndex } from "../index/search-index.ts";
import { NodeError } from "../node-error.ts";

export interface FacetResult {
  readonly facetDistribution: Readonly<Record<string, unknown>>;
  readonly facetStats: Readonly<Record<string, { readonly min: number; readonly max: number }>>;
}

/** From more candidates on, numbers are listed by value instead of by their text. */
const BY_DOCUMENT_MAX = 3000;

export function facetResult(index: SearchIndex, requested: readonly string[], candidates: DocSet): FacetResult {
  checkFacets(index, requested);
  const rules = index.settings.filterableAttributes;
  const fields = index.fields.filter((name) => {
    if (!isFaceted(name, rules)) return false;
    return requested.some((pattern) => coversField(pattern, name) || patternCovers(pattern, name));
  });
  const facetDistribution: Record<string, unknown> = {};
  const facetStats: Record<string, { min: number; max: number }> = {};
  for (const name of fields.sort(compareBytes)) {
    const facet = index.facet(name);
    facetDistribution[name] = distribution(
      facet,
      candidates,
      orderOf(index, name),
      index.settings.faceting.maxValuesPerFacet,
    );
    const found = facet.sortedNumbers.filter((value) => facet.numbers.get(value)?.intersects(candidates) === true);
    const [min, max] = [found[0], found.at(-1)];
    if (min !== undefined && max !== undefined) facetStats[name] = { min, max };
  }
  return { facetDistribution, facetStats };
}

export function orderOf(index: SearchIndex, field: string): "alpha" | "count" {
  const orders = index.settings.faceting.sortFacetValuesBy;
  return orders[field] ?? orders["*"] ?? "alpha";
}

function isFaceted(name: string, rules: readonly FilterableRule[]): boolean {
  const rule = matchingRule(name, rules);
  return rule !== null && isFilterable(rule.features);
}

function checkFacets(index: SearchIndex, requested: readonly string[]): void {
  const rules = index.settings.filterableAttributes;
  for (const pattern of requested) {
    if (pattern === "*") continue;
    const rule = matchingRule(pattern, rules);
    if (rule !== null && isFilterable(rule.features)) continue;
    if (pattern.includes("*") && index.fields.some((name) => patternCovers(pattern, name) && isFaceted(name, rules))) {
      continue;
    }
    const available = patternsAllowing(rules, isFilterable);
    const reason =
      rule !== null
        ? `Attribute \`${pattern}\` matched rule #${rule.position} in filterableAttributes, but this rule does not enable filtering.\nHint: enable filtering in rule #${rule.position} by modifying the features.filter object\nHint: prepend another rule matching \`${pattern}\` with appropriate filter features before rule #${rule.position}`
        : available.length === 0
          ? `Pattern \`${pattern}\` is not filterable. This index does not have configured filterable attributes.`
          : `Pattern \`${pattern}\` is not filterable. Available filterable attributes patterns are: \`${available.join(", ")}\`.`;
    throw new NodeError("invalid_search_facets", `Invalid facet distribution: ${reason}`);
  }
}

function distribution(
  facet: FacetIndex,
  candidates: DocSet,
  order: "alpha" | "count",
  max: number,
): ReadonlyMap<string, number> {
  const numbers = counted(facet.sortedNumbers, (value) => facet.numbers.get(value), candidates).map(
    ({ value, count }) => ({ shown: String(value), count }),
  );
  const strings = counted(facet.sortedStrings, (value) => facet.strings.get(value), candidates).map(
    ({ value, count, first }) => ({
      shown: facet.byDocument.get(first)?.strings.get(value) ?? value,
      count,
    }),
  );
  const counts = new Map<string, number>();
  if (order === "alpha" && candidates.size <= BY_DOCUMENT_MAX) {
    numbers.sort((a, b) => compareBytes(a.shown, b.shown));
    for (const { shown, count } of numbers.slice(0, max)) counts.set(shown, count);
    for (const { shown, count } of strings.slice(0, Math.max(0, max - counts.size))) counts.set(shown, count);
    return counts;
  }
  for (const list of [numbers, strings]) {
    if (order === "count") list.reverse().sort((a, b) => b.count - a.count);
    for (const { shown, count } of list) {
      counts.set(shown, count);
      if (counts.size === max) break;
    }
  }
  return counts;
}

function counted<V>(
  values: readonly V[],
  documentsOf: (value: V) => DocSet | undefined,
  candidates: DocSet,
): { value: V; count: number; first: number }[] {
  return values.flatMap((value) => {
    const found = documentsOf(value)?.and(candidates);
    if (found === undefined || found.isEmpty) return [];
    const [first = 0] = found;
    return [{ value, count: found.size, first }];
  });
}
