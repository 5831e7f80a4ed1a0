/**
 * How many documents several queries of one index find together, and their facets: a document counts once. Of one
 * query its own answer says it. For more the nodes are asked for the union, as a federation of their own; where they
 * would refuse the mixture, because of their hidden last rule, in two parts that have nothing in common.
 */
import type { CoverPart } from "../routing/shard-map.ts";
import { andFilters } from "../filters/and-filters.ts";
import { notFilter } from "../filters/not-filter.ts";
import { shardFilter } from "../markers/codec.ts";
import type { OwnFacet } from "../merge/own-facet.ts";
import { SEQUENCE_FIELD } from "../markers/fields.ts";
import { readKind } from "./search-request.ts";

export interface CountedQuery {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly forced: readonly unknown[];
}

/** `own`: the answer of the query at that place tells it all. */
export type CountPlan =
  { readonly kind: "own"; readonly at: number } | { readonly kind: "union"; readonly parts: readonly CountRequest[] };

/** One disjoint part of the union. */
export interface CountRequest {
  readonly queries: readonly CountedQuery[];
}

export interface CountOptions {
  readonly indexUid: string;
  /** How many hits are looked for: only a query with a threshold has to look at any. */
  readonly depth: number;
  readonly exhaustive: boolean;
  /** null: none. */
  readonly facets: readonly string[] | null;
  /** A facet that only the router wants. */
  readonly ownFacet?: OwnFacet;
  /** Does the order matter? Then all queries are sorted alike, as they would not be accepted together otherwise. */
  readonly sorted?: boolean;
  /**
   * For nodes that refuse the mixture because their hidden rule stands where another query has `words`: sorted by the
   * same, that rule stands in all queries where `sort` does.
   */
  readonly bySequence?: boolean;
  /** Where they have been asked before. */
  readonly fingerprint?: number;
}

/** `distinctField`: the attribute of which only the first document per value counts; null: none. */
export function planCount(queries: readonly CountedQuery[], distinctField: string | null): CountPlan {
  // Which document is the first depends on the order.
  const sortOf = (query: CountedQuery): unknown => (distinctField === null ? null : query.parameters["sort"]);
  if (new Set(queries.map((query) => JSON.stringify([decisive(query), sortOf(query)]))).size === 1) {
    return { kind: "own", at: 0 };
  }
  const everything = (query: CountedQuery): boolean => isPlaceholder(query) && filterOf(query) === undefined;
  const simple = queries.findIndex((query) => everything(query) && !hasThreshold(query));
  const all = simple === -1 ? queries.findIndex(everything) : simple;
  if (all !== -1 && distinctField === null && !has(queries[all]!, "distinct")) return { kind: "own", at: all };
  return { kind: "union", parts: planUnion(queries) };
}

/** Parts without a document in common, each of which a node takes as one federation. */
export function planUnion(queries: readonly CountedQuery[]): readonly CountRequest[] {
  const placeholders = queries.filter(isPlaceholder);
  const outside = placeholders.map((query) => notFilter(filterOf(query)));
  const others = outside.includes(null)
    ? []
    : queries
        .filter((query) => !isPlaceholder(query))
        .map((query) => ({ ...query, forced: [...query.forced, ...outside] }));
  return [placeholders, others].filter((part) => part.length > 0).map((part) => ({ queries: part }));
}

/**
 * For nodes that refuse the mixture even then, as the ranking rules do not name `sort`. A document that is in both parts
 * counts twice.
 */
export function apartByStrategy(requests: readonly CountRequest[]): readonly CountRequest[] {
  return requests.flatMap(({ queries }) => {
    const needsAll = (query: CountedQuery): boolean => query.parameters["matchingStrategy"] === "all";
    const groups = [queries.filter(needsAll), queries.filter((query) => !needsAll(query))];
    return groups.filter((group) => group.length > 0).map((group) => ({ queries: group }));
  });
}

export function hasThreshold(query: CountedQuery): boolean {
  return has(query, "rankingScoreThreshold");
}

function has({ parameters }: CountedQuery, name: string): boolean {
  return (parameters[name] ?? null) !== null;
}

/** What one node is asked; where order does not matter nothing is sorted, so that mixtures with a sort are accepted. */
export function countBody({ queries }: CountRequest, part: CoverPart, options: CountOptions): string {
  const { indexUid, exhaustive, facets, sorted = false } = options;
  // Without a hit to look for, the words of a hybrid search are enough for a node, and it leaves out what is near.
  const isHybrid = queries.some(({ parameters }) => readKind(parameters) === "hybrid");
  const depth = isHybrid ? Math.max(1, options.depth) : options.depth;
  const shards = part.complete ? [] : [shardFilter(part.shards)];
  return JSON.stringify({
    federation: {
      ...(exhaustive ? { page: 1, hitsPerPage: depth } : { offset: 0, limit: depth }),
      ...(facets === null ? {} : { facetsByIndex: { [indexUid]: facets } }),
    },
    queries: queries.map((query) => ({
      ...decisive(query),
      ...(sorted ? { sort: query.parameters["sort"] ?? null } : {}),
      ...(options.bySequence === true ? { sort: [`${SEQUENCE_FIELD}:asc`] } : {}),
      filter: andFilters(query.parameters["filter"] ?? undefined, [...query.forced, ...shards]),
      indexUid,
      attributesToRetrieve: [SEQUENCE_FIELD],
    })),
  });
}

/** The same documents as far as they meet one more filter. */
export function narrowCount({ queries }: CountRequest, filter: string): CountRequest {
  return { queries: queries.map((query) => ({ ...query, forced: [...query.forced, filter] })) };
}

/** What decides which documents a query finds. */
function decisive({ parameters }: CountedQuery): Readonly<Record<string, unknown>> {
  const kept = Object.entries(parameters).filter(([name, value]) => DECIDES.has(name) && (value ?? null) !== null);
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function filterOf({ parameters, forced }: CountedQuery): unknown {
  return andFilters(parameters["filter"] ?? undefined, forced);
}

function isPlaceholder({ parameters }: CountedQuery): boolean {
  const { q } = parameters;
  return readKind(parameters) === "keyword" && (typeof q !== "string" || q.trim() === "");
}

const DECIDES: ReadonlySet<string> = new Set([
  "q",
  "filter",
  "matchingStrategy",
  "attributesToSearchOn",
  "rankingScoreThreshold",
  "locales",
  "hybrid",
  "vector",
  "media",
  "distinct",
]);
