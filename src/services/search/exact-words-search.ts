/**
 * What the strategy `dfs` asks for beside the search itself: how many documents of each node contain each word of the
 * query as it is written. Added up over the nodes it says for which words a node tests too little; what cannot be had
 * leaves the answers as they are.
 */
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import { unseenWords, withExactness } from "../../core/search/exact-words.ts";
import { addFrequencies } from "../../core/search/frequency-order.ts";
import { plainWords, type FrequencyWords } from "../../core/search/frequency-plan.ts";
import type { NodeId } from "../../core/topology/topology.ts";
import { scatter } from "../../scatter/scatter.ts";
import { readCounts } from "./count-words.ts";
import type { FrequencySearch } from "./frequency-search.ts";
import type { Gathered, GatherDeps } from "./gather-parts.ts";

export interface ExactWords {
  readonly words: number;
  readonly total: readonly number[];
  readonly own: ReadonlyMap<NodeId, readonly number[]>;
}

/** null: not asked for, or not to be had. */
export async function askExactWords(
  deps: GatherDeps,
  { plan, entry, request }: FrequencySearch,
  signal: AbortSignal,
): Promise<ExactWords | null> {
  if (plan.merge.ranking?.strategy !== "dfs" || request.distinct !== null) return null;
  // The levels of such a search are tested for words of their own.
  if (request.body["matchingStrategy"] === "frequency") return null;
  const query = plainWords(request, entry);
  const { parts, uncovered } = plan.cover;
  if (query === null || uncovered.length > 0 || parts.length < 2) return null;
  const body = countingBody(entry.uid, query);
  const calls = parts.map(({ nodeId }) => ({
    client: deps.fleet.client(nodeId),
    request: {
      method: "POST" as const,
      path: "/multi-search",
      body,
      operation: "search.words",
      timeoutMs: deps.policy.nodeTimeoutMs,
      repeat: "safe" as const,
    },
  }));
  const outcomes = await scatter(calls, signal);
  const own = new Map<NodeId, readonly number[]>();
  for (const [i, { nodeId }] of parts.entries()) {
    const outcome = outcomes[i]!;
    const counts = outcome.kind === "answered" ? readCounts(outcome.text) : null;
    if (counts?.length !== query.words.length) return null;
    own.set(nodeId, counts);
  }
  return { words: query.words.length, total: addFrequencies([...own.values()]), own };
}

/** Puts the answers right that were tested for too few words. */
export function settleExactness(gathered: Gathered<NodeAnswer>, { words, total, own }: ExactWords): void {
  gathered.answers = gathered.answers.map((part) => {
    const counts = own.get(part.nodeId);
    const unseen = counts === undefined ? null : unseenWords(counts, total);
    const answer = unseen === null ? null : withExactness(part.answer, unseen, words);
    return answer === null ? part : { ...part, answer };
  });
}

/** A phrase finds a word as it is written. A node knows the words of all its documents, whatever the search filters. */
function countingBody(indexUid: string, { words }: FrequencyWords): string {
  return JSON.stringify({ queries: words.map((word) => ({ indexUid, q: `"${word}"`, limit: 0 })) });
}
