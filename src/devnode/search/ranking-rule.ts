/** What the ranking rules share: a rule cuts a set of documents into buckets, best first, each with its score. */
import type { DocSet } from "../doc-set.ts";
import type { QueryGraph } from "./query-graph.ts";
import type { ScoreDetail } from "./score-details.ts";

export interface Bucket {
  readonly documents: DocSet;
  /** The reading of the query that later rules go on with. */
  readonly graph: QueryGraph | null;
  readonly score: ScoreDetail;
}

export interface RankingRule {
  /** Begins with the documents of one bucket of the rule before. */
  start(universe: DocSet, graph: QueryGraph | null): void;
  /** The next bucket among the documents that are left, null when the rule has no more. */
  next(universe: DocSet): Bucket | null;
}
