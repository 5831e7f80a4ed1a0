/** Of a search by words, what decides which documents have them, whatever their order, score and looks. */
import type { NodeQuery } from "../../core/search/search-plan.ts";

/** By meaning alone nothing: there the engine reads no words, and finds every document that the filter lets through. */
export function decidingWords({ base }: Pick<NodeQuery, "base">): Readonly<Record<string, unknown>> {
  const parameters = JSON.parse(base) as Readonly<Record<string, unknown>>;
  const { semanticRatio } = (parameters["hybrid"] ?? {}) as { readonly semanticRatio?: unknown };
  if (semanticRatio === 1) return {};
  return Object.fromEntries(DECIDING.filter((name) => name in parameters).map((name) => [name, parameters[name]]));
}

const DECIDING = ["q", "matchingStrategy", "attributesToSearchOn", "locales"] as const;

/** What counts the documents that a search finds good enough, each value of a distinct attribute once. */
export function decidingCount({ base }: Pick<NodeQuery, "base">): Readonly<Record<string, unknown>> {
  const parameters = JSON.parse(base) as Readonly<Record<string, unknown>>;
  const kept = Object.fromEntries(
    COUNTING.filter((name) => name in parameters).map((name) => [name, parameters[name]]),
  );
  return { ...kept, attributesToRetrieve: [], page: 1, hitsPerPage: fewestHits(parameters) };
}

/** How many hits a node has to look for so that it counts all: by meaning it looks at nothing for the sake of none. */
export function fewestHits(parameters: Readonly<Record<string, unknown>>): number {
  return (parameters["vector"] ?? null) === null ? 0 : 1;
}

const COUNTING = [...DECIDING, "vector", "hybrid", "rankingScoreThreshold", "distinct"] as const;
