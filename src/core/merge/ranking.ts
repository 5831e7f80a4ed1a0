/** How the lists of the nodes become one list, as data: chosen by configuration, or by a request for itself. */

/**
 * `details`: rule by rule, exact. `score`: by `_rankingScore`. `rrf`: by the places in the nodes' lists. `dfs`: like
 * `details`, and what depends on which words a node has seen is decided by the words of all nodes.
 */
export const MERGE_STRATEGIES = ["details", "score", "rrf", "dfs"] as const;

export type MergeStrategyName = (typeof MERGE_STRATEGIES)[number];

export interface Ranking {
  readonly strategy: MergeStrategyName;
  /** The constant of `rrf`. */
  readonly rrfK: number;
}

export const BY_DETAILS: Ranking = { strategy: "details", rrfK: 60 };

export function isMergeStrategy(name: string): name is MergeStrategyName {
  return (MERGE_STRATEGIES as readonly string[]).includes(name);
}
