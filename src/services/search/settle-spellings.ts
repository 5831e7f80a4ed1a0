/**
 * Which spelling of a facet value is shown when shards disagree: that of the document inserted first, as in one index.
 * Each node is asked for its first document with the value. Whatever goes wrong leaves the spelling to chance, since
 * an answer with another capital letter is better than none.
 */
import { andFilters } from "../../core/filters/and-filters.ts";
import { compareText } from "../../core/json/compare-text.ts";
import { SEQUENCE_FIELD, SEQUENCE_RULE } from "../../core/markers/fields.ts";
import { shardFilter } from "../../core/markers/codec.ts";
import type { SpellingChoice, SpellingDispute } from "../../core/merge/facets.ts";
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import type { NodeQuery } from "../../core/search/search-plan.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";

export interface Disputed {
  readonly indexUid: string;
  readonly query: NodeQuery;
  /** By the positions that the disputes speak of. */
  readonly answers: readonly PartAnswer<NodeAnswer>[];
  readonly disputes: readonly SpellingDispute[];
}

export async function settleSpellings(
  deps: GatherDeps,
  { indexUid, query, answers, disputes }: Disputed,
  signal: AbortSignal,
): Promise<SpellingChoice> {
  const asked = disputes.flatMap((dispute) =>
    [...dispute.spellings].map(([position, quoted]) => {
      const { nodeId, shards } = answers[position]!;
      const value = `"${(JSON.parse(quoted) as string).replaceAll(/[\\"]/g, "\\$&")}"`;
      const wanted = `"${dispute.field}" = ${value}`;
      const filter = andFilters(query.filter, [...query.forced, wanted, shardFilter(shards)]);
      const request = firstDocument(indexUid, filter, deps.policy.nodeTimeoutMs);
      return { dispute, position, call: { client: deps.fleet.client(nodeId), request } };
    }),
  );
  const outcomes = await scatter(
    asked.map(({ call }) => call),
    signal,
  );
  const first = new Map<string, { readonly position: number; readonly sequence: string }>();
  for (const [i, { dispute, position }] of asked.entries()) {
    const outcome = outcomes[i]!;
    const sequence = outcome.kind === "answered" ? SEQUENCE.exec(outcome.text)?.[1] : undefined;
    const known = first.get(nameOf(dispute));
    if (sequence === undefined || (known !== undefined && compareText(known.sequence, sequence) <= 0)) continue;
    first.set(nameOf(dispute), { position, sequence });
  }
  return (dispute) => first.get(nameOf(dispute))?.position;
}

function firstDocument(indexUid: string, filter: unknown, timeoutMs: number): NodeRequest {
  return {
    method: "POST",
    path: `/indexes/${indexUid}/documents/fetch`,
    body: JSON.stringify({ filter, sort: [SEQUENCE_RULE], fields: [SEQUENCE_FIELD], limit: 1 }),
    operation: "facet.spelling",
    timeoutMs,
    repeat: "safe",
  };
}

function nameOf({ field, spellings }: SpellingDispute): string {
  return JSON.stringify([field, ...spellings.values()]);
}

const SEQUENCE = new RegExp(`"${SEQUENCE_FIELD}":"([^"]+)"`);
