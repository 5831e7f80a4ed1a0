/** Asks nodes how many of their documents contain each word of a query, as the engine counts to see which it drops first. */
import { shardFilter } from "../../core/markers/codec.ts";
import { wordQuery, type FrequencyWords } from "../../core/search/frequency-plan.ts";
import { countedFor, joinedWords } from "../../core/search/joined-words.ts";
import type { CoverPart } from "../../core/routing/shard-map.ts";
import type { SearchRequest } from "../../core/search/search-request.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { GatherDeps } from "./gather-parts.ts";

export interface CountingWords {
  readonly indexUid: string;
  readonly query: FrequencyWords;
  readonly parts: readonly CoverPart[];
  readonly request: SearchRequest;
}

/** By word. */
export interface CountedWords {
  /** Among the shards that the node answers for. */
  readonly part: readonly number[];
  /** Among everything that it holds. */
  readonly node: readonly number[];
}

/** By part; null: not to be had. */
export async function countWords(
  deps: GatherDeps,
  counting: CountingWords,
  signal: AbortSignal,
): Promise<readonly CountedWords[] | null> {
  const { query, parts } = counting;
  const calls = parts.map((part) => ({
    client: deps.fleet.client(part.nodeId),
    request: countRequest(counting, part, deps.policy.nodeTimeoutMs),
  }));
  const outcomes = await scatter(calls, signal);
  const counted = outcomes.map((outcome) => (outcome.kind === "answered" ? readCounts(outcome.text) : null));
  const length = query.words.length;
  const asked = (part: CoverPart): number => (part.complete ? 1 : 2) * length + 2 * joinedWords(query).length;
  const settled = await Promise.all(
    parts.map(async (part, i) => {
      const counts = counted[i] ?? null;
      if (counts?.length !== asked(part)) return null;
      const node = counts.slice(asked(part) - asked({ ...part, complete: true }));
      const known = { part: counts.slice(0, length), node: node.slice(0, length) };
      return withJoined(deps, counting, { part, known, joined: node.slice(length) }, signal);
    }),
  );
  return settled.every((one) => one !== null) ? settled : null;
}

interface Settling {
  readonly part: CoverPart;
  readonly known: CountedWords;
  /** Of all neighbours how many documents have them, and then how many have them as words of their own. */
  readonly joined: readonly number[];
}

/** Counts anew what finds more because neighbours are one word in some documents. */
async function withJoined(
  deps: GatherDeps,
  counting: CountingWords,
  { part, known, joined }: Settling,
  signal: AbortSignal,
): Promise<CountedWords | null> {
  const neighbours = joinedWords(counting.query);
  const found = neighbours.filter((_, i) => joined[i] !== joined[neighbours.length + i]);
  const words = [...new Set(found.flatMap((one) => one.words))];
  if (words.length === 0) return known;
  const wholes = part.complete ? [part] : [part, { ...part, complete: true }];
  const client = deps.fleet.client(part.nodeId);
  const calls = wholes.flatMap((whole) =>
    words.map((word) => ({ client, request: unionRequest(counting, whole, word, deps.policy.nodeTimeoutMs) })),
  );
  const outcomes = await scatter(calls, signal);
  const totals = outcomes.map((outcome) => (outcome.kind === "answered" ? readTotal(outcome.text) : null));
  if (!totals.every((total) => total !== null)) return null;
  const [own, ofNode] = [totals.slice(0, words.length), totals.slice(-words.length)];
  const renewed = (counts: readonly number[], by: readonly number[]): readonly number[] =>
    counts.map((count, word) => by[words.indexOf(word)] ?? count);
  return { part: renewed(known.part, own), node: renewed(known.node, ofNode) };
}

/** Each word among the shards of the part, then among everything the node holds, and there the neighbours as well. */
function countRequest(counting: CountingWords, part: CoverPart, timeoutMs: number): NodeRequest {
  const { query } = counting;
  const words = query.words.map((_, word) => wordQuery(query, word));
  const joined = joinedWords(query);
  const together = joined.map((one) => one.together);
  const apart = joined.map((one) => one.apart);
  const queries = [
    ...(part.complete ? [] : words.map((q) => ({ ...queryOf(counting, q, part), limit: 0 }))),
    ...[...words, ...together, ...apart].map((q) => ({ ...queryOf(counting, q), limit: 0 })),
  ];
  return multiSearch({ queries }, timeoutMs);
}

/** All documents that count for a word. */
function unionRequest(counting: CountingWords, part: CoverPart, word: number, timeoutMs: number): NodeRequest {
  const queries = countedFor(counting.query, word).map((q) => queryOf(counting, q, part));
  return multiSearch({ federation: { limit: 0 }, queries }, timeoutMs);
}

function queryOf({ indexUid, request }: CountingWords, q: string, part?: CoverPart): object {
  const { attributesToSearchOn, locales } = request.body;
  return {
    indexUid,
    q,
    matchingStrategy: "all",
    ...(attributesToSearchOn === undefined ? {} : { attributesToSearchOn }),
    ...(locales === undefined ? {} : { locales }),
    ...(part === undefined || part.complete ? {} : { filter: shardFilter(part.shards) }),
  };
}

function multiSearch(body: object, timeoutMs: number): NodeRequest {
  return {
    method: "POST",
    path: "/multi-search",
    body: JSON.stringify(body),
    operation: "search.frequency",
    timeoutMs,
    repeat: "safe",
  };
}

/** The totals of the queries of a multi-search, by position; null: it is not the answer to one. */
export function readCounts(text: string): readonly number[] | null {
  const { results } = JSON.parse(text) as { readonly results?: readonly { readonly estimatedTotalHits?: unknown }[] };
  const counts = results?.map(({ estimatedTotalHits }) => estimatedTotalHits) ?? [];
  return counts.length > 0 && counts.every((count) => typeof count === "number") ? counts : null;
}

function readTotal(text: string): number | null {
  const { estimatedTotalHits } = JSON.parse(text) as { readonly estimatedTotalHits?: unknown };
  return typeof estimatedTotalHits === "number" ? estimatedTotalHits : null;
}
