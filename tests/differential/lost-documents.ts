/**
 * Documents that a filter with a comparison finds on the single node and not on the nodes that hold them, or the other
 * way round: the engine's trees lose some after updates and deletions, each node others.
 */
import { andFilters } from "../../src/core/filters/and-filters.ts";
import { nodeRequest } from "../support/nodes.ts";
import type { IndexFacts } from "./index-facts.ts";
import type { Target } from "./witness.ts";

export interface FilterQuestion {
  readonly index: string;
  readonly filter: unknown;
  readonly single: Target;
  readonly nodes: readonly Target[];
}

export function compares(filter: unknown): boolean {
  return COMPARISON.test(JSON.stringify(filter ?? null));
}

/** Each comparison of a filter, as a filter of its own. */
export function comparisonsIn(filter: unknown): readonly string[] {
  return JSON.stringify(filter ?? null).match(/[\w.]+ (?:[<>]=? [-\w.]+|[-\w.]+ TO [-\w.]+)/g) ?? [];
}

/** By their ids. What replicas disagree about is lost as well. */
export async function lostDocuments({ index, filter, single, nodes }: FilterQuestion): Promise<readonly string[]> {
  const idsOf = async (target: Target, wanted: unknown): Promise<ReadonlySet<string>> => {
    const body = { filter: wanted, fields: ["id"], limit: WINDOW };
    const answer = await nodeRequest(target, "POST", `/indexes/${index}/documents/fetch`, body);
    const results = (answer.body?.results ?? []) as readonly { readonly id: unknown }[];
    return new Set(results.map(({ id }) => String(id)));
  };
  const found = await idsOf(single, filter);
  const lost = new Set<string>();
  for (const node of nodes) {
    const [own, held] = await Promise.all([idsOf(node, filter), idsOf(node, undefined)]);
    for (const id of held) if (own.has(id) !== found.has(id)) lost.add(id);
  }
  return [...lost];
}

export function withoutDocuments(filter: unknown, ids: readonly string[]): unknown {
  const wanted = ids.map((id) => JSON.stringify(id)).join(", ");
  return andFilters(filter ?? undefined, [`id NOT IN [${wanted}]`]);
}

/** The search without the documents that a comparison of texts may have lost; null: its filter compares nothing. */
export function withoutBlank(body: Body, { blank }: Pick<IndexFacts, "blank">): Body | null {
  const filter = JSON.stringify(body["filter"] ?? null);
  const compared = [...filter.matchAll(/([\w.]+) (?:[<>]=?|[-\w.]+ TO) /g)].map(([, field]) => field!);
  const ids = [...new Set(compared.flatMap((field) => blank.get(field) ?? []))];
  if (ids.length === 0) return null;
  return { ...body, filter: andFilters(body["filter"] ?? undefined, [`id NOT IN [${ids.join(", ")}]`]) };
}

type Body = Readonly<Record<string, unknown>>;

const COMPARISON = /[\w.]+ (?:[<>]=?|[-\w.]+ TO) /;
const WINDOW = 100_000;
