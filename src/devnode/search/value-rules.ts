/** Ranking by values of the documents: a field, the distance from a point, or the likeness of vectors. */
import { DocSet } from "../doc-set.ts";
import { compareBytes, type FacetIndex } from "../index/facet-index.ts";
import { distanceMetres, type Point } from "../index/geo.ts";
import type { SearchIndex } from "../index/search-index.ts";
import type { Embedder } from "../index/settings.ts";
import { similarity } from "../index/vectors.ts";
import type { QueryGraph } from "./query-graph.ts";
import type { RankingRule } from "./ranking-rule.ts";
import type { ScoreDetail } from "./score-details.ts";

/** Points this near to the first of a bucket belong to the same bucket. */
const SAME_PLACE_METRES = 1;
const SAME_PLACE_MAX = 1000;
/** From so many documents on, the field's sorted values are read instead of sorting the documents' own. */
const OWN_VALUES_MAX = 500;

interface Group {
  readonly documents: DocSet;
  readonly score: ScoreDetail;
}

/** Numbers before strings in both directions, documents without a value last. */
export function sortRule(index: SearchIndex, field: string, ascending: boolean): RankingRule {
  const displayed = index.settings.displayedAttributes;
  const isHidden = !displayed.includes("*") && !displayed.includes(field);
  const score = (value: number | string | null): ScoreDetail => ({ kind: "sort", field, ascending, value, isHidden });
  return groupRule(function* (universe) {
    const facet = index.facet(field);
    for (const { value, documents } of sortedGroups(facet, universe, ascending))
      yield { documents, score: score(value) };
  }, score(null));
}

/** Nearest first or farthest first; documents without a point last. */
export function geoRule(index: SearchIndex, target: Point, ascending: boolean): RankingRule {
  const score = (value: Point | null): ScoreDetail => ({
    kind: "geo",
    target,
    ascending,
    value,
    distance: value === null ? null : distanceMetres(target, value),
  });
  return groupRule(function* (universe) {
    for (const { value, documents } of groupsByDistance(index, target, universe, ascending))
      yield { documents, score: score(value) };
  }, score(null));
}

/** Documents that have a point, in groups as large as the accuracy of the engine's sort. */
export function* groupsByDistance(
  index: SearchIndex,
  target: Point,
  universe: DocSet,
  ascending: boolean,
): Generator<{ readonly value: Point; readonly documents: DocSet }> {
  const placed = [...universe].flatMap((id) => {
    const point = index.documents.get(id)?.point ?? null;
    return point === null ? [] : [{ id, point, metres: distanceMetres(target, point) }];
  });
  placed.sort((a, b) => Math.trunc(a.metres) - Math.trunc(b.metres));
  if (!ascending) placed.reverse();
  for (let at = 0; at < placed.length;) {
    const first = placed[at];
    if (first === undefined) return;
    const documents = new DocSet();
    const begin = at;
    while (
      at < placed.length &&
      at - begin < SAME_PLACE_MAX &&
      Math.abs((placed[at]?.metres ?? 0) - first.metres) <= SAME_PLACE_METRES
    ) {
      documents.add(placed[at]?.id ?? 0);
      at += 1;
    }
    yield { value: first.point, documents };
  }
}

/** How alike a document's vectors are to what is looked for; it has at least one vector. */
export type Likeness = (embeddings: readonly (readonly number[])[]) => number;

/** Likeness to one vector: the best of a document's vectors counts. */
export function likenessTo(target: readonly number[], embedder: Embedder): Likeness {
  return (embeddings) => Math.max(...embeddings.map((embedding) => similarity(embedding, target, embedder)));
}

/** Most alike first; documents without a vector last. */
export function vectorRule(index: SearchIndex, name: string, likeness: Likeness): RankingRule {
  return groupRule(
    function* (universe) {
      const byLikeness = new Map<number, DocSet>();
      for (const id of universe) {
        const embeddings = index.documents.get(id)?.vectors.get(name)?.embeddings ?? [];
        if (embeddings.length === 0) continue;
        const value = likeness(embeddings);
        byLikeness.set(value, (byLikeness.get(value) ?? new DocSet()).or(DocSet.of([id])));
      }
      for (const [value, documents] of [...byLikeness].sort(([a], [b]) => b - a)) {
        yield { documents, score: { kind: "vector", similarity: value } };
      }
    },
    { kind: "vector", similarity: null },
  );
}

function groupRule(groups: (universe: DocSet) => Generator<Group>, rest: ScoreDetail): RankingRule {
  let pending: Generator<Group> | null = null;
  let current: QueryGraph | null = null;
  return {
    start(universe, graph) {
      pending = groups(universe);
      current = graph;
    },
    next(universe) {
      const group = pending?.next();
      if (group === undefined || group.done === true) return { documents: universe, graph: current, score: rest };
      return { documents: group.value.documents.and(universe), graph: current, score: group.value.score };
    },
  };
}

function* sortedGroups(
  facet: FacetIndex,
  universe: DocSet,
  ascending: boolean,
): Generator<{ value: number | string; documents: DocSet }> {
  const values =
    universe.size <= OWN_VALUES_MAX
      ? ownValues(facet, universe)
      : { numbers: facet.sortedNumbers, strings: facet.sortedStrings };
  let left = universe;
  for (const { value, documents } of groupsByValue(values.numbers, facet.numbers, universe, ascending)) {
    left = left.minus(documents);
    yield { value, documents };
  }
  yield* groupsByValue(values.strings, facet.strings, left, ascending);
}

/** Each document with the first of its values in the order asked for. */
export function* groupsByValue<V>(
  values: readonly V[],
  holders: ReadonlyMap<V, DocSet>,
  universe: DocSet,
  ascending: boolean,
): Generator<{ readonly value: V; readonly documents: DocSet }> {
  let left = universe;
  for (const value of ascending ? values : values.toReversed()) {
    const documents = holders.get(value)?.and(left) ?? new DocSet();
    if (documents.isEmpty) continue;
    left = left.minus(documents);
    yield { value, documents };
  }
}

function ownValues(facet: FacetIndex, universe: DocSet): { numbers: number[]; strings: string[] } {
  const numbers = new Set<number>();
  const strings = new Set<string>();
  for (const id of universe) {
    const values = facet.byDocument.get(id);
    for (const number of values?.numbers ?? []) numbers.add(number);
    for (const text of values?.strings.keys() ?? []) strings.add(text);
  }
  return { numbers: [...numbers].sort((a, b) => a - b), strings: [...strings].sort(compareBytes) };
}
