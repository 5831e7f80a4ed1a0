/**
 * Asks the nodes which keys of a facet are numbers and which are texts that look like numbers, where a field holds both:
 * first whether there are such texts at all, and only those who have some how often each is which. Whatever cannot be
 * had leaves the keys what they seem to be.
 */
import { andFilters } from "../../core/filters/and-filters.ts";
import {
  numberEqualTo,
  numberLikeTexts,
  textEqualTo,
  type FacetTypes,
  type MixedField,
  type TypedCount,
} from "../../core/merge/facet-types.ts";
import { shardFilter } from "../../core/markers/codec.ts";
import type { NodeQuery } from "../../core/search/search-plan.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { GatherDeps } from "./gather-parts.ts";
import type { SpellingPart } from "./settle-spellings.ts";

export interface MixedFacets {
  readonly indexUid: string;
  readonly query: NodeQuery;
  /** By the positions that `mixed` speaks of. */
  readonly answers: readonly SpellingPart[];
  readonly mixed: readonly MixedField[];
}

export async function settleFacetTypes(
  deps: GatherDeps,
  facets: MixedFacets,
  signal: AbortSignal,
): Promise<FacetTypes> {
  const types = new Map<string, ReadonlyMap<string, TypedCount>>();
  await Promise.all(
    facets.answers.map(async (_, position) => {
      const possible = facets.mixed.filter(({ keys }) => keys.has(position));
      const counts = await ask(
        deps,
        facets,
        position,
        possible.map(({ field }) => numberLikeTexts(field)),
        signal,
      );
      const mixed = possible.filter((_field, i) => (counts[i] ?? 0) > 0);
      const wanted = mixed.flatMap(({ field, keys }) => keys.get(position)!.map((key) => ({ field, key })));
      const filters = wanted.flatMap(({ field, key }) => [numberEqualTo(field, key), textEqualTo(field, key)]);
      if (wanted.length > KEYS_MAX) return;
      const found = await ask(deps, facets, position, filters, signal);
      if (found.length < filters.length) return;
      for (const { field } of mixed) types.set(nameOf(position, field), new Map());
      for (const [i, { field, key }] of wanted.entries()) {
        const typed = types.get(nameOf(position, field)) as Map<string, TypedCount>;
        typed.set(key, { numbers: found[2 * i]!, texts: found[2 * i + 1]! });
      }
    }),
  );
  return (position, field) => types.get(nameOf(position, field));
}

/** How many documents of the query meet each filter; nothing where the node does not say. */
async function ask(
  deps: GatherDeps,
  { indexUid, query, answers }: MixedFacets,
  position: number,
  filters: readonly string[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  if (filters.length === 0) return [];
  const base = JSON.parse(query.base) as Readonly<Record<string, unknown>>;
  const deciding = Object.fromEntries(DECIDING.filter((name) => name in base).map((name) => [name, base[name]]));
  const { nodeId, shards, filters: part = [] } = answers[position]!;
  const queries = filters.map((filter) => ({
    ...deciding,
    indexUid,
    filter: andFilters(query.filter, [...query.forced, ...part, filter, shardFilter(shards)]),
    limit: 0,
  }));
  const request = {
    method: "POST",
    path: "/multi-search",
    body: JSON.stringify({ queries }),
    operation: "facet.types",
    timeoutMs: deps.policy.nodeTimeoutMs,
    repeat: "safe",
  } as const;
  const [outcome] = await scatter([{ client: deps.fleet.client(nodeId), request }], signal);
  return outcome?.kind === "answered" ? totalsIn(outcome.text) : [];
}

function totalsIn(text: string): readonly number[] {
  try {
    const { results } = JSON.parse(text) as { readonly results?: readonly { readonly estimatedTotalHits?: unknown }[] };
    const totals = results?.map(({ estimatedTotalHits }) => estimatedTotalHits) ?? [];
    return totals.every((total) => typeof total === "number") ? totals : [];
  } catch {
    return [];
  }
}

function nameOf(position: number, field: string): string {
  return `${position} ${field}`;
}

/** What decides which documents the query meets, whatever their order and score. */
const DECIDING = ["q", "matchingStrategy", "attributesToSearchOn", "locales"] as const;
/** Two small searches each; a field with more of them keeps what its keys seem to be. */
const KEYS_MAX = 100;
