/**
 * Which keys of a facet are numbers and which are texts that look like numbers, where several queries search an index.
 * A node counts a union one filter at a time, so it is asked in several turns.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { FacetTypes, MixedField } from "../../core/merge/facet-types.ts";
import { readUnionAnswer, type UnionAnswer } from "../../core/merge/federate-counts.ts";
import { countBody, narrowCount, type CountOptions, type CountRequest } from "../../core/search/federation-count.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";
import { settleTypes, type CountMeeting } from "./settle-facet-types.ts";

export interface MixedUnion {
  readonly entry: IndexEntry;
  /** By the positions that `mixed` speaks of. */
  readonly parts: readonly (PartAnswer<UnionAnswer> & { readonly request: CountRequest })[];
  readonly mixed: readonly MixedField[];
  readonly options: CountOptions;
}

export function settleUnionTypes(
  deps: GatherDeps,
  { entry, parts, mixed, options }: MixedUnion,
  signal: AbortSignal,
): Promise<FacetTypes> {
  const { depth, exhaustive } = options;
  const plain = { indexUid: entry.uid, depth, exhaustive, facets: null };
  const count: CountMeeting = async (position, filters) => {
    const { nodeId, shards, request } = parts[position]!;
    const totals: number[] = [];
    for (let from = 0; from < filters.length; from += AT_ONCE) {
      const calls = filters.slice(from, from + AT_ONCE).map((filter) => ({
        client: deps.fleet.client(nodeId),
        request: {
          method: "POST",
          path: "/multi-search",
          body: countBody(narrowCount(request, filter), { nodeId, shards, complete: false }, plain),
          operation: "facet.types",
          timeoutMs: deps.policy.nodeTimeoutMs,
          repeat: "safe",
        } as const,
      }));
      for (const outcome of await scatter(calls, signal)) {
        const total = outcome.kind === "answered" ? readUnionAnswer(outcome.text)?.total : undefined;
        if (total === undefined) return [];
        totals.push(total);
      }
    }
    return totals;
  };
  return settleTypes(parts.length, { mixed, keysMax: KEYS_MAX }, count);
}

/** Requests to one node at a time. */
const AT_ONCE = 8;
/** Two small requests each. */
const KEYS_MAX = 100;
