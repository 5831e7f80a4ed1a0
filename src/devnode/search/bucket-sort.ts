/**
 * Sorts documents by a list of ranking rules: each rule cuts the buckets of the one before, the last bucket is emitted
 * in order of internal ids. Every document emitted has been through all rules, so its list of scores is complete.
 */
import { DocSet } from "../doc-set.ts";
import type { FacetIndex } from "../index/facet-index.ts";
import type { QueryGraph } from "./query-graph.ts";
import type { RankingRule } from "./ranking-rule.ts";
import { globalScore, type ScoreDetail } from "./score-details.ts";

export interface RankedDocument {
  readonly id: number;
  readonly details: readonly ScoreDetail[];
}

export interface BucketSortInput {
  readonly universe: DocSet;
  readonly rules: readonly RankingRule[];
  readonly graph: QueryGraph | null;
  /** How many documents are wanted. */
  readonly count: number;
  /** How many are looked at so that the number of matches is right; at least `count`. */
  readonly evaluated: number;
  /** Values by which only the best document each is kept. */
  readonly distinct: FacetIndex | null;
  readonly threshold: number | null;
}

export interface BucketSortResult {
  readonly documents: readonly RankedDocument[];
  /** What counts as found: all but what distinct and the threshold have been seen to exclude. */
  readonly candidates: DocSet;
}

export function bucketSort(input: BucketSortInput): BucketSortResult {
  const { rules, distinct, threshold, count, evaluated } = input;
  const documents: RankedDocument[] = [];
  const universes: DocSet[] = rules.map(() => new DocSet());
  const scores: ScoreDetail[] = [];
  let candidates = input.universe;
  let level = 0;

  const emit = (bucket: DocSet): void => {
    let kept = bucket;
    if (distinct !== null) {
      const { remaining, excluded } = applyDistinct(bucket, distinct);
      kept = remaining;
      for (let at = 0; at < universes.length; at += 1) universes[at] = universes[at]?.minus(excluded) ?? new DocSet();
      candidates = candidates.minus(excluded).or(remaining);
    }
    for (const id of kept) {
      if (documents.length >= evaluated) return;
      documents.push({ id, details: [...scores] });
    }
  };

  if (rules.length === 0) return unsorted(input);
  universes[0] = input.universe;
  rules[0]?.start(input.universe, input.graph);
  while (documents.length < evaluated) {
    const universe = universes[level] ?? new DocSet();
    const bucket = universe.isEmpty ? null : (rules[level]?.next(universe) ?? null);
    if (bucket === null) {
      if (level === 0) break;
      universes[level] = new DocSet();
      level -= 1;
      scores.pop();
      continue;
    }
    scores.push(bucket.score);
    universes[level] = universe.minus(bucket.documents);
    const isBelow = threshold !== null && globalScore(scores) < threshold;
    if (isBelow) {
      candidates = candidates.minus(bucket.documents).minus(universes[level] ?? new DocSet());
      scores.pop();
    } else if (level === rules.length - 1) {
      emit(bucket.documents);
      scores.pop();
    } else {
      level += 1;
      universes[level] = bucket.documents;
      rules[level]?.start(bucket.documents, bucket.graph);
    }
  }
  return { documents: documents.slice(0, count), candidates };
}

/** Without rules documents come by their ids, and only those that come are compared for distinct values. */
function unsorted({ universe, distinct, count }: BucketSortInput): BucketSortResult {
  const documents: RankedDocument[] = [];
  let excluded = new DocSet();
  for (const id of universe) {
    if (documents.length >= count) break;
    if (excluded.has(id)) continue;
    documents.push({ id, details: [] });
    if (distinct !== null) excluded = excluded.or(applyDistinct(DocSet.of([id]), distinct).excluded);
  }
  return { documents, candidates: universe.minus(excluded).or(DocSet.of(documents.map(({ id }) => id))) };
}

/** The first document of each value, and every document that shares a value with one of them. */
export function applyDistinct(documents: DocSet, facet: FacetIndex): { remaining: DocSet; excluded: DocSet } {
  let excluded = new DocSet();
  const remaining = new DocSet();
  for (const id of documents) {
    if (excluded.has(id)) continue;
    remaining.add(id);
    const values = facet.byDocument.get(id);
    for (const text of values?.strings.keys() ?? []) excluded = excluded.or(facet.strings.get(text) ?? new DocSet());
    for (const number of values?.numbers ?? []) excluded = excluded.or(facet.numbers.get(number) ?? new DocSet());
  }
  return { remaining, excluded };
}
