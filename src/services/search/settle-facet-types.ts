/**
 * Asks the nodes which keys of a facet are numbers and which are texts that look like numbers, where a field holds both:
 * first whether there are such texts at all, and only those who have some how often each is which. Whatever cannot be
 * had leaves the keys what they seem to be.
 */
import {
  equalTo,
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
  const types = new Map<string, TypedKeys>();
  await Promise.all(
    Array.from({ length: answers }, async (_, position) => {
      const fields = mixed.flatMap(({ field, keys }) => {
        const own = keys.get(position);
        return own === undefined ? [] : [{ field, keys: own }];
      });
      const counting: CountHere = (filters) => (filters.length === 0 ? Promise.resolve([]) : count(position, filters));
      for (const [field, typed] of await typesAt(counting, fields, keysMax)) types.set(nameOf(position, field), typed);
    }),
  );
  return (position, field) => types.get(nameOf(position, field));
}

type TypedKeys = ReadonlyMap<string, TypedCount>;
type TypedFields = readonly (readonly [field: string, keys: TypedKeys])[];
type CountHere = (filters: readonly string[]) => Promise<readonly number[]>;

interface FieldKeys {
  readonly field: string;
  readonly keys: readonly string[];
}

/** Of fields that are not named nothing could be found out. */
async function typesAt(count: CountHere, fields: readonly FieldKeys[], keysMax: number): Promise<TypedFields> {
  const texts = await count(fields.map(({ field }) => numberLikeTexts(field)));
  if (texts.length < fields.length) {
    // One field that may not be compared has the question refused for all.
    if (fields.length === 1) return byEquality(count, fields[0]!, keysMax);
    return (await Promise.all(fields.map((field) => typesAt(count, [field], keysMax)))).flat();
  }
  const without = fields.filter((_, i) => texts[i] === 0);
  const few = fields.filter(({ keys }, i) => texts[i]! > 0 && keys.length <= keysMax);
  const found = await countKeys(count, few, textEqualTo);
  const typed = few.map(({ field, keys }, i) => [field, typedKeys(keys, found?.[i] ?? [])] as const);
  return [...without.map(({ field }) => [field, new Map()] as const), ...(found === null ? [] : typed)];
}

/** An equality finds numbers and texts. A document with both counts among the numbers alone. */
async function byEquality(count: CountHere, { field, keys }: FieldKeys, keysMax: number): Promise<TypedFields> {
  if (keys.length > keysMax) return [];
  const found = await countKeys(count, [{ field, keys }], equalTo);
  const typed = found?.[0]!.map(({ numbers, texts }) => ({ numbers, texts: texts - numbers }));
  return typed === undefined ? [] : [[field, typedKeys(keys, typed)]];
}

/** By field and key; null: not to be had. */
async function countKeys(
  count: CountHere,
  fields: readonly FieldKeys[],
  condition: (field: string, key: string) => string,
): Promise<readonly (readonly TypedCount[])[] | null> {
  const filters = fields.flatMap(({ field, keys }) =>
    keys.flatMap((key) => [numberEqualTo(field, key), condition(field, key)]),
  );
  const found = await count(filters);
  if (found.length < filters.length) return null;
  let at = 0;
  const next = (): TypedCount => ({ numbers: found[at++]!, texts: found[at++]! });
  return fields.map(({ keys }) => keys.map(next));
}

function typedKeys(keys: readonly string[], counts: readonly TypedCount[]): TypedKeys {
  return new Map(keys.map((key, i) => [key, counts[i]!]));
}

async function ask(
  deps: GatherDeps,
  { indexUid, query, answers, ...facets }: MixedFacets,
  position: number,
  filters: readonly string[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const { nodeId, shards, filters: part = [], base = query.base } = answers[position]!;
  const deciding = facets.deciding ?? decidingWords({ base });
  const counted = "hitsPerPage" in deciding ? {} : { limit: 0 };
  const queries = filters.map((filter) => ({
    ...counted,
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
    const { results } = JSON.parse(text) as { readonly results?: readonly Total[] };
    const totals = results?.map(({ estimatedTotalHits, totalHits }) => estimatedTotalHits ?? totalHits) ?? [];
    return totals.every((total) => typeof total === "number") ? totals : [];
  } catch {
    return [];
  }
}

interface Total {
  readonly estimatedTotalHits?: unknown;
  readonly totalHits?: unknown;
}

function nameOf(position: number, field: string): string {
  return `${position} ${field}`;
}

/** Two small searches each; a field with more of them keeps what its keys seem to be. */
const KEYS_MAX = 100;
