/**
 * What a comparison can come to. The listed ones are differences that no router can avoid; each has its line in
 * `docs/differences.md` and is counted apart, and only after the nodes themselves have confirmed the cause.
 */
export const VERDICTS = [
  "equal",
  "errors_equal",
  "equal_up_to_ties",
  // Listed differences.
  "formatted_local",
  "score_local",
  "facet_ties",
  "facet_spelling",
  "facet_mixed",
  "facet_lost",
  "distinct_estimate",
  "threshold_estimate",
  "documents_sort",
  "federated_geo",
  "vector_ties",
  "vector_recall",
  "similar_depth",
  "similar_sorted",
  "facet_search_distinct",
  "frequency_local",
  "pins_far",
  "pins_distinct",
  "engine_fault",
  // Refused with a clear error.
  "not_supported",
  // A node judged a document differently.
  "engine_local",
  "different",
] as const;

export type Verdict = (typeof VERDICTS)[number];

export interface Comparison {
  readonly verdict: Verdict;
  /** What differs first, in a sentence; empty when nothing does. */
  readonly difference: string;
}

export const EQUAL: Comparison = { verdict: "equal", difference: "" };

/** Of several parts of one answer the worst decides. */
export function worst(comparisons: readonly Comparison[]): Comparison {
  return comparisons.reduce((a, b) => (VERDICTS.indexOf(b.verdict) > VERDICTS.indexOf(a.verdict) ? b : a), EQUAL);
}
