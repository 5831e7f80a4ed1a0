/**
 * Which spelling of a facet value is shown when shards disagree: that of the document inserted first, as in one index.
 * Each node is asked for its first document with the value. Whatever goes wrong leaves the spelling to chance, since
 * an answer with another capital letter is better than none.
 */
import { quoteValue } from "../../core/filters/quote-value.ts";
import { compareText } from "../../core/json/compare-text.ts";
import { SEQUENCE_FIELD, SEQUENCE_RULE } from "../../core/markers/fields.ts";
import { noDistinct } from "../../core/merge/distinct-counts.ts";
import type { SpellingChoice, SpellingDispute } from "../../core/merge/facets.ts";
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import { partFilter, type NodeQuery } from "../../core/search/search-plan.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";

export interface Disputed {
  readonly indexUid: string;
  readonly query: NodeQuery;
  /** By the positions that the disputes speak of. */
  readonly answers: readonly SpellingPart[];
  readonly disputes: readonly SpellingDispute[];
  /** The attribute of which the nodes keep each value once, which is of no interest here. */
  readonly distinct?: string | undefined;
  /** Nodes cannot sort by the sequence: their own first document is taken, which they broke the tie by themselves. */
  readonly tieBreak?: "node" | undefined;
}

/** A node's answer to the query, or to a part of it that further filters single out. */
export interface SpellingPart extends Pick<PartAnswer<NodeAnswer>, "nodeId" | "shards"> {
  readonly filters?: readonly string[];
  /** What finds these documents, where it is not what finds those of the query. */
  readonly base?: string;
}

export async function settleSpellings(
  deps: GatherDeps,
  disputed: Disputed,
  signal: AbortSignal,
): Promise<SpellingChoice> {
  const { query, answers, disputes } = disputed;
  const asked = disputes.flatMap((dispute) =>
    [...dispute.spellings].map(([position, quoted]) => {
      const { nodeId, shards, filters = [], base = query.base } = answers[position]!;
      const wanted = `${quoteValue(dispute.field)} = ${quoteValue(JSON.parse(quoted) as string)}`;
      const filter = partFilter(query, shards, [...filters, wanted]);
      const sought = { ...disputed, query: { ...query, base } };
      const request = firstDocuments(sought, filter, deps.policy.nodeTimeoutMs);
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
    const sequence = outcome.kind === "answered" ? lowestSequence(outcome.text) : undefined;
    const known = first.get(nameOf(dispute));
    if (sequence === undefined || (known !== undefined && compareText(known.sequence, sequence) <= 0)) continue;
    first.set(nameOf(dispute), { position, sequence });
  }
  return (dispute) => first.get(nameOf(dispute))?.position;
}

/** The first document that the query meets; of a query with words the best ones, as they cannot be had by sequence. */
function firstDocuments(
  { indexUid, query, distinct, tieBreak }: Disputed,
  filter: unknown,
  timeoutMs: number,
): NodeRequest {
  const rest = { operation: "facet.spelling", timeoutMs, repeat: "safe" } as const;
  const asked = wordsOf(query);
  if (asked !== null && distinct !== undefined) asked["distinct"] = noDistinct(distinct);
  if (asked === null) {
    const sort = tieBreak === "node" ? {} : { sort: [SEQUENCE_RULE] };
    const body = JSON.stringify({ filter, ...sort, fields: [SEQUENCE_FIELD], limit: 1 });
    return { method: "POST", path: `/indexes/${indexUid}/documents/fetch`, body, ...rest };
  }
  const body = JSON.stringify({ ...asked, filter, attributesToRetrieve: [SEQUENCE_FIELD], limit: BEST_MAX });
  return { method: "POST", path: `/indexes/${indexUid}/search`, body, ...rest };
}

/** What decides which documents the query meets; null: all that the filter lets through. */
function wordsOf(query: NodeQuery): Record<string, unknown> | null {
  const base = JSON.parse(query.base) as Readonly<Record<string, unknown>>;
  const hasWords = typeof base["q"] === "string" && base["q"].trim() !== "";
  if (!hasWords && (base["vector"] ?? null) === null) return null;
  return Object.fromEntries(DECIDING.filter((name) => name in base).map((name) => [name, base[name]]));
}

function lowestSequence(text: string): string | undefined {
  const sequences = [...text.matchAll(SEQUENCES)].map((found) => found[1]!);
  return sequences.length === 0 ? undefined : sequences.reduce((a, b) => (compareText(a, b) <= 0 ? a : b));
}

function nameOf({ field, spellings }: SpellingDispute): string {
  return JSON.stringify([field, ...spellings.values()]);
}

const SEQUENCES = new RegExp(`"${SEQUENCE_FIELD}":"([^"]+)"`, "g");
/** Bounds what a spelling may cost; of a query with more documents the spelling of one of the best is shown. */
const BEST_MAX = 1000;
const DECIDING = [
  "q",
  "matchingStrategy",
  "attributesToSearchOn",
  "locales",
  "rankingScoreThreshold",
  "vector",
  "hybrid",
] as const;
