/**
 * Asks the nodes which keys of a facet are numbers and which are texts that look like numbers, where a field holds both:
 * first whether there are such texts at all, and only those who have some how often each is which. Whatever cannot be
 * had leaves the keys what they seem to be.
 */
import {
  numberEqualTo,
  numberLikeTexts,
  textEqualTo,
  type FacetTypes,
  type MixedField,
  type TypedCount,
} from "../../core/merge/facet-types.ts";
import { partFilter, type NodeQuery } from "../../core/search/search-plan.ts";
import { scatter } from "../../scatter/scatter.ts";
import { decidingWords } from "./deciding-words.ts";
import type { GatherDeps } from "./gather-parts.ts";
import type { SpellingPart } from "./settle-spellings.ts";

export interface MixedFacets {
  readonly indexUid: string;
  readonly query: NodeQuery;
  /** By the positions that `mixed` speaks of. */
  readonly answers: readonly SpellingPart[];
  readonly mixed: readonly MixedField[];
  /** What finds the documents, besides the filters; absent: the words of the query. */
  readonly deciding?: Readonly<Record<string, unknown>>;
}

export function settleFacetTypes(deps: GatherDeps, facets: MixedFacets, signal: AbortSignal): Promise<FacetTypes> {
  const count: CountMeeting = (position, filters) => ask(deps, facets, position, filters, signal);
  return settleTypes(facets.answers.length, { mixed: facets.mixed, keysMax: KEYS_MAX }, count);
}

/** How many documents of the answer at that position meet each filter; nothing where it cannot be had. */
export type CountMeeting = (position: number, filters: readonly string[]) => Promise<readonly number[]>;

export interface MixedFields {
  readonly mixed: readonly MixedField[];
  /** Of one field and answer; with more of them, keys keep what they seem to be. */
  readonly keysMax: number;
}

export async function settleTypes(
  answers: number,
  { mixed, keysMax }: MixedFields,
  count: CountMeeting,
): Promise<FacetTypes> {
  const types = new Map<string, ReadonlyMap<string, TypedCount>>();
  await Promise.all(
    Array.from({ length: answers }, async (_, position) => {
      const possible = mixed.filter(({ keys }) => keys.has(position));
      const texts = await countSome(
        count,
        position,
        possible.map(({ field }) => numberLikeTexts(field)),
      );
      const fields = possible.filter((_field, i) => (texts[i] ?? 0) > 0);
      for (const [i, { field }] of possible.entries()) {
        if (texts[i] === 0) types.set(nameOf(position, field), new Map());
      }
      const few = fields.filter(({ keys }) => keys.get(position)!.length <= keysMax);
      const wanted = few.flatMap(({ field, keys }) => keys.get(position)!.map((key) => ({ field, key })));
      const filters = wanted.flatMap(({ field, key }) => [numberEqualTo(field, key), textEqualTo(field, key)]);
      const found = await countSome(count, position, filters);
      if (found.length < filters.length) return;
      for (const { field } of few) types.set(nameOf(position, field), new Map());
      for (const [i, { field, key }] of wanted.entries()) {
        const typed = types.get(nameOf(position, field)) as Map<string, TypedCount>;
        typed.set(key, { numbers: found[2 * i]!, texts: found[2 * i + 1]! });
      }
    }),
  );
  return (position, field) => types.get(nameOf(position, field));
}

async function countSome(
  count: CountMeeting,
  position: number,
  filters: readonly string[],
): Promise<readonly number[]> {
  return filters.length === 0 ? [] : count(position, filters);
}

async function ask(
  deps: GatherDeps,
  { indexUid, query, answers, ...facets }: MixedFacets,
  position: number,
  filters: readonly string[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const deciding = facets.deciding ?? decidingWords(query);
  const { nodeId, shards, filters: part = [] } = answers[position]!;
  const queries = filters.map((filter) => ({
    limit: 0,
    ...deciding,
    indexUid,
    filter: partFilter(query, shards, [...part, filter]),
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

/** Two small searches each; a field with more of them keeps what its keys seem to be. */
const KEYS_MAX = 100;
