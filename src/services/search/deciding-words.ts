/** Of a search by words, what decides which documents have them, whatever their order, score and looks. */
import type { NodeQuery } from "../../core/search/search-plan.ts";

export function decidingWords({ base }: Pick<NodeQuery, "base">): Readonly<Record<string, unknown>> {
  const parameters = JSON.parse(base) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(DECIDING.filter((name) => name in parameters).map((name) => [name, parameters[name]]));
}

const DECIDING = ["q", "matchingStrategy", "attributesToSearchOn", "locales"] as const;

/** What counts the documents that a search finds good enough, each value of a distinct attribute once. */
export function decidingCount({ base }: Pick<NodeQuery, "base">): Readonly<Record<string, unknown>> {
  const parameters = JSON.parse(base) as Readonly<Record<string, unknown>>;
  const kept = COUNTING.filter((name) => name in parameters).map((name) => [name, parameters[name]]);
  return { ...Object.fromEntries(kept), page: 1, hitsPerPage: 0 };
}

const COUNTING = [...DECIDING, "vector", "hybrid", "rankingScoreThreshold", "distinct"] as const;
