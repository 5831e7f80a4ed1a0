/**
 * Which spelling of a facet value is shown when several queries search an index and shards disagree: that of the
 * document inserted first among those the queries find, as far as it is among their best.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { compareText } from "../../core/json/compare-text.ts";
import { SEQUENCE_FIELD } from "../../core/markers/fields.ts";
import type { UnionAnswer } from "../../core/merge/federate-counts.ts";
import type { SpellingChoice, SpellingDispute } from "../../core/merge/facets.ts";
import { countBody, narrowCount, type CountRequest } from "../../core/search/federation-count.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";

export interface DisputedUnion {
  readonly entry: IndexEntry;
  /** By the positions that the disputes speak of. */
  readonly parts: readonly (PartAnswer<UnionAnswer> & { readonly request: CountRequest })[];
  readonly disputes: readonly SpellingDispute[];
}

export async function settleUnionSpellings(
  deps: GatherDeps,
  { entry, parts, disputes }: DisputedUnion,
  signal: AbortSignal,
): Promise<SpellingChoice> {
  const options = { indexUid: entry.uid, depth: BEST_MAX, exhaustive: false, facets: null };
  const questions = disputes.flatMap((dispute) =>
    [...dispute.spellings].flatMap(([position, quoted]) => {
      const part = parts[position];
      // What the router has counted by itself is in nobody's shards.
      if (part === undefined) return [];
      const { nodeId, shards, request } = part;
      const value = `"${(JSON.parse(quoted) as string).replaceAll(/[\\"]/g, "\\$&")}"`;
      const narrowed = narrowCount(request, `"${dispute.field}" = ${value}`);
      const body = countBody(narrowed, { nodeId, shards, complete: false }, options);
      const call = {
        method: "POST",
        path: "/multi-search",
        body,
        operation: "facet.spelling",
        repeat: "safe",
      } as const;
      const asked = { client: deps.fleet.client(nodeId), request: { ...call, timeoutMs: deps.policy.nodeTimeoutMs } };
      return [{ dispute, position, call: asked }];
    }),
  );
  const outcomes = await scatter(
    questions.map(({ call }) => call),
    signal,
  );
  const first = new Map<string, { readonly position: number; readonly sequence: string }>();
  for (const [i, { dispute, position }] of questions.entries()) {
    const outcome = outcomes[i]!;
    const found = outcome.kind === "answered" ? [...outcome.text.matchAll(SEQUENCES)].map((match) => match[1]!) : [];
    for (const sequence of found) {
      const known = first.get(nameOf(dispute));
      if (known === undefined || compareText(sequence, known.sequence) < 0) {
        first.set(nameOf(dispute), { position, sequence });
      }
    }
  }
  return (dispute) => first.get(nameOf(dispute))?.position;
}

function nameOf({ field, spellings }: SpellingDispute): string {
  return JSON.stringify([field, ...spellings.values()]);
}

const SEQUENCES = new RegExp(`"${SEQUENCE_FIELD}":"([^"]+)"`, "g");
/** Bounds what a spelling may cost; of queries with more documents the spelling of one of the best is shown. */
const BEST_MAX = 200;
