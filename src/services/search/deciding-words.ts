/** Of a search by words, what decides which documents have them, whatever their order, score and looks. */
import type { NodeQuery } from "../../core/search/search-plan.ts";

export function decidingWords({ base }: Pick<NodeQuery, "base">): Readonly<Record<string, unknown>> {
  const parameters = JSON.parse(base) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(DECIDING.filter((name) => name in parameters).map((name) => [name, parameters[name]]));
}

const DECIDING = ["q", "matchingStrategy", "attributesToSearchOn", "locales"] as const;

/**
 * What counts the documents that a search finds good enough, each value of a distinct attribute once. By meaning a node
 * counts no further than it looks, which is what the search itself has it do.
 */
export function decidingCount({ base }: Pick<NodeQuery, "base">): Readonly<Record<string, unknown>> {
  const parameters = JSON.parse(base) as Readonly<Record<string, unknown>>;
  const byMeaning = (parameters["vector"] ?? null) !== null;
  const names = byMeaning ? [...COUNTING, ...PAGING] : COUNTING;
  const kept = Object.fromEntries(names.filter((name) => name in parameters).map((name) => [name, parameters[name]]));
  return byMeaning ? { ...kept, attributesToRetrieve: [] } : { ...kept, page: 1, hitsPerPage: 0 };
}

const COUNTING = [...DECIDING, "vector", "hybrid", "rankingScoreThreshold", "distinct"] as const;
const PAGING = ["offset", "limit", "page", "hitsPerPage"] as const;
