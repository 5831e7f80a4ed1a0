/**
 * The order of a sorted list of documents, which is not quite that of a sorted search: a document with numbers and texts
 * comes twice, and one whose value is neither (null, an empty list) does not come at all. The engine does the same.
 */
import type { DocSet } from "../doc-set.ts";
import { compareBytes } from "../index/facet-index.ts";
import { distanceMetres } from "../index/geo.ts";
import type { SearchIndex, StoredDocument } from "../index/search-index.ts";
import { isObject } from "../index/walk-fields.ts";
import type { SortCriterion } from "./sort-criteria.ts";
import { groupsByDistance, groupsByValue } from "./value-rules.ts";

/** Internal ids; without criteria in ascending order. */
export function* sortedDocuments(
  index: SearchIndex,
  universe: DocSet,
  criteria: readonly SortCriterion[],
): Generator<number> {
  const [first, ...rest] = criteria;
  if (first === undefined) yield* universe;
  else for (const group of groups(index, universe, first)) yield* sortedDocuments(index, group, rest);
}

function* groups(index: SearchIndex, universe: DocSet, criterion: SortCriterion): Generator<DocSet> {
  const { ascending } = criterion;
  if (criterion.kind === "geo") {
    let left = universe;
    for (const { documents } of groupsByDistance(index, criterion.target, universe, ascending)) {
      left = left.minus(documents);
      yield documents;
    }
    yield left;
    return;
  }
  const { sortedNumbers, numbers, sortedStrings, strings, exists } = index.facet(criterion.field);
  for (const { documents } of groupsByValue(sortedNumbers, numbers, universe, ascending)) yield documents;
  for (const { documents } of groupsByValue(sortedStrings, strings, universe, ascending)) yield documents;
  yield universe.minus(exists);
}

/** What a document was sorted by, for those who merge lists of several nodes. */
export function sortValues(
  index: SearchIndex,
  internal: number,
  document: StoredDocument,
  criteria: readonly SortCriterion[],
): { weightedScoreValues: readonly unknown[] } {
  const weightedScoreValues = criteria.map((criterion) => {
    const { ascending: asc } = criterion;
    if (criterion.kind === "geo") {
      const geo = document.value["_geo"];
      const { lat, lng } = isObject(geo) ? geo : {};
      const isPoint = typeof lat === "number" && typeof lng === "number";
      return { geoSort: { asc, distance: isPoint ? distanceMetres(criterion.target, { lat, lng }) : null } };
    }
    const values = index.facet(criterion.field).byDocument.get(internal);
    const best = <V>(sorted: readonly V[] = []): V | undefined => (asc ? sorted[0] : sorted.at(-1));
    const value = best(values?.numbers) ?? best([...(values?.strings.keys() ?? [])].sort(compareBytes)) ?? null;
    return { sort: { asc, value } };
  });
  return { weightedScoreValues };
}
