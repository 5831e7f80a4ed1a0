/**
 * Do two answers differ because of documents that search rules pin? Without these both sides have to agree. A node shows
 * its pins first and no more hits than can be paged, and what a distinct attribute counts by value leaves pins out.
 */
import { andFilters } from "../../src/core/filters/and-filters.ts";
import { nodeRequest } from "../support/nodes.ts";
import { answersAlike } from "./judge-distinct.ts";
import { pageEnd } from "./judge-threshold.ts";
import type { Comparison, Verdict } from "./verdict.ts";
import type { Target } from "./witness.ts";

type Body = Readonly<Record<string, unknown>>;

export interface PinsQuestion {
  readonly index: string;
  readonly body: Body;
  readonly single: Target;
  readonly maxTotalHits: number;
  /** Are the hits the same, so that only totals and facets differ? */
  readonly sameHits: boolean;
  /** Is only one document per value shown? */
  readonly distinct: boolean;
}

/** `compare`: what else is listed may explain what is left without the pins. */
export async function explainedByPins(
  { index, body, single, maxTotalHits, sameHits, distinct }: PinsQuestion,
  compare: (body: Body) => Promise<Comparison>,
): Promise<{ readonly verdict: Verdict; readonly reason: string } | null> {
  const pins = await pinnedIds(single, index);
  if (pins.length === 0) return null;
  const clause = `id NOT IN [${pins.map((id) => JSON.stringify(id)).join(", ")}]`;
  // These are out already.
  if (JSON.stringify(body["filter"] ?? null).includes(JSON.stringify(clause))) return null;
  if (!answersAlike(await compare({ ...body, filter: andFilters(body["filter"] ?? undefined, [clause]) }))) return null;
  if (pageEnd(body, maxTotalHits) + pins.length > maxTotalHits) {
    return { verdict: "pins_far", reason: "pins that do not fit beside the page" };
  }
  return sameHits && distinct ? { verdict: "pins_distinct", reason: "pins share values with others" } : null;
}

/** Of all rules that are not switched off, whatever else they ask for. */
async function pinnedIds(single: Target, index: string): Promise<readonly string[]> {
  const { status, body } = await nodeRequest(single, "POST", "/dynamic-search-rules", { limit: 1_000 });
  if (status !== 200) return [];
  const { results } = body as { readonly results: readonly Rule[] };
  const actions = results.filter(({ active }) => active !== false).flatMap((rule) => rule.actions);
  const pinned = actions.filter(({ selector }) => (selector.indexUid ?? index) === index);
  return [...new Set(pinned.map(({ selector }) => selector.id))];
}

interface Rule {
  readonly active?: boolean;
  readonly actions: readonly { readonly selector: { readonly indexUid?: string | null; readonly id: string } }[];
}
