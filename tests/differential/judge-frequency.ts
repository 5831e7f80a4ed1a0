/**
 * Do nodes drop the words of a search by frequency in another order than the single node? They are asked how many
 * documents contain each word; a word that several nodes have in about as many documents falls on different sides.
 */
import { droppingOrder, sameOrder } from "../../src/core/search/frequency-order.ts";
import { nodeRequest } from "../support/nodes.ts";
import type { Target } from "./witness.ts";

export interface FrequencyQuestion {
  readonly index: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly single: Target;
  readonly nodes: readonly Target[];
}

export async function dropsOtherWords({ index, body, single, nodes }: FrequencyQuestion): Promise<boolean> {
  const words = termsOf(body["q"]);
  if (words.length < 2) return false;
  const { attributesToSearchOn, locales } = body;
  const queries = words.map((q) => ({
    indexUid: index,
    q,
    attributesToSearchOn,
    locales,
    matchingStrategy: "all",
    distinct: "id",
    limit: 0,
  }));
  const counts = await Promise.all(
    [single, ...nodes].map(async (target) => {
      const answer = await nodeRequest(target, "POST", "/multi-search", { queries });
      const results = (answer.body?.results ?? []) as readonly { readonly estimatedTotalHits: number }[];
      return results.map(({ estimatedTotalHits }) => estimatedTotalHits);
    }),
  );
  const [whole, ...parts] = counts.map(droppingOrder);
  return parts.some((order) => !sameOrder(order, whole!));
}

/** Phrases whole, what is excluded not at all; only the last word is the beginning of one. */
function termsOf(q: unknown): readonly string[] {
  if (typeof q !== "string") return [];
  const terms = q.match(/-?"[^"]*"?|\S+/g) ?? [];
  const wanted = terms.filter((term) => !term.startsWith("-")).flatMap((term) => wordsOf(term));
  return wanted.map((term, i) =>
    term.startsWith('"') || (i === wanted.length - 1 && q.endsWith(term)) ? term : `${term} `,
  );
}

function wordsOf(term: string): readonly string[] {
  return term.startsWith('"') ? [term] : term.split(/[^\p{L}\p{N}\p{M}]+/u).filter((word) => word !== "");
}
