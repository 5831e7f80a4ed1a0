/**
 * Lets all shards drop the words of a `matchingStrategy: frequency` search in one order, that of the frequencies of all
 * shards together. They are asked for while the search itself runs; a node whose own order is another is then asked in
 * a form that leaves it no choice. Whatever cannot be had leaves that node's own order.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { shardFilter } from "../../core/markers/codec.ts";
import { pageWindow } from "../../core/merge/merge-spec.ts";
import { readNodeAnswer, type NodeAnswer } from "../../core/merge/node-answer.ts";
import { BY_DETAILS } from "../../core/merge/ranking.ts";
import { needsDetails } from "../../core/merge/strategies.ts";
import type { CoverPart } from "../../core/routing/shard-map.ts";
import { frequencyAnswer, wordsOrderOf } from "../../core/search/frequency-answer.ts";
import { addFrequencies, droppingOrder, sameOrder, type DroppingOrder } from "../../core/search/frequency-order.ts";
import {
  frequencyLevels,
  frequencyWords,
  wordQuery,
  type FrequencyLevels,
  type FrequencyWords,
} from "../../core/search/frequency-plan.ts";
import { nodeBody, type SearchPlan } from "../../core/search/search-plan.ts";
import type { SearchRequest } from "../../core/search/search-request.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { Gathered, GatherDeps } from "./gather-parts.ts";

/** What the shards say about the words of a query. */
export interface WordFrequencies {
  readonly query: FrequencyWords;
  /** Over all shards. */
  readonly total: readonly number[];
  /** The order in which the node of a part drops them by itself. */
  readonly own: ReadonlyMap<CoverPart, DroppingOrder>;
}

/** null: not asked for, or not to be had. */
export async function askFrequencies(
  deps: GatherDeps,
  { plan, entry, request }: FrequencySearch,
  signal: AbortSignal,
): Promise<WordFrequencies | null> {
  const query = frequencyWords(request, entry);
  const { parts, uncovered } = plan.cover;
  // What the others merge by cannot be rebuilt for the levels of such a search.
  if (!needsDetails(plan.merge.ranking ?? BY_DETAILS)) return null;
  // With one node there is but one order; and the frequencies are those of all shards, not of a few.
  if (query === null || plan.shards !== undefined || uncovered.length > 0 || parts.length < 2) return null;
  const calls = parts.map((part) => ({
    client: deps.fleet.client(part.nodeId),
    request: countRequest(entry.uid, query, part, request, deps.policy.nodeTimeoutMs),
  }));
  const outcomes = await scatter(calls, signal);
  const counted: number[][] = [];
  const own = new Map<CoverPart, DroppingOrder>();
  for (const [i, part] of parts.entries()) {
    const outcome = outcomes[i]!;
    const counts = outcome.kind === "answered" ? readCounts(outcome.text) : null;
    if (counts === null || counts.length < query.words.length) return null;
    counted.push(counts.slice(0, query.words.length));
    own.set(part, droppingOrder(counts.slice(-query.words.length)));
  }
  return { query, total: addFrequencies(counted), own };
}

export interface FrequencySearch {
  readonly plan: SearchPlan;
  readonly entry: IndexEntry;
  readonly request: SearchRequest;
}

/** What finds the same documents as a search by frequency, and leaves a node no choice. */
export interface WidestSearch {
  readonly q: string;
  readonly matchingStrategy: "all" | "frequency";
}

/** Replaces the answers of nodes that went by another order. null: there are too many forms, so their own stands. */
export async function settleFrequency(
  deps: GatherDeps,
  search: FrequencySearch,
  gathered: Gathered<NodeAnswer>,
  { query, total, own }: WordFrequencies,
  signal: AbortSignal,
): Promise<WidestSearch | null> {
  const order = droppingOrder(total);
  const levels = frequencyLevels(query, order, total);
  if (levels === null) return null;
  const found = gathered.answers.map(({ answer }) => wordsOrderOf(answer)).find((place) => place !== null);
  await Promise.all(
    search.plan.cover.parts.map(async (part) => {
      const at = gathered.answers.findIndex(({ nodeId, shards }) => nodeId === part.nodeId && shards === part.shards);
      if (at === -1 || sameOrder(own.get(part)!, order)) return;
      const answer = await askLevels(deps, search, part, levels, found ?? 0, signal);
      const known = gathered.answers[at]!;
      if (answer !== null) gathered.answers[at] = { ...known, answer: { ...answer, query: known.answer.query } };
    }),
  );
  const widest = levels.levels.at(-1);
  if (widest === undefined) return null;
  // A single word is never dropped; so queries that go together in a federation still do when they are counted.
  return { q: widest.q, matchingStrategy: widest.words === 1 ? "frequency" : "all" };
}

async function askLevels(
  deps: GatherDeps,
  { plan, entry }: FrequencySearch,
  part: CoverPart,
  levels: FrequencyLevels,
  wordsOrder: number,
  signal: AbortSignal,
): Promise<NodeAnswer | null> {
  const { facets, ...base } = JSON.parse(plan.query.base) as Record<string, unknown>;
  const calls = levels.levels.map(({ q }, level) => {
    const widest = level === levels.levels.length - 1;
    const body = { ...base, ...(widest && facets !== undefined ? { facets } : {}), q, matchingStrategy: "all" };
    return {
      client: deps.fleet.client(part.nodeId),
      request: {
        method: "POST" as const,
        path: `/indexes/${entry.uid}/search`,
        body: nodeBody(plan.query, part, JSON.stringify(body)),
        operation: "search.frequency",
        timeoutMs: deps.policy.nodeTimeoutMs,
        repeat: "safe" as const,
      },
    };
  });
  const outcomes = await scatter(calls, signal);
  const answers = outcomes.map((outcome) => (outcome.kind === "answered" ? readNodeAnswer(outcome.text) : null));
  if (!answers.every((answer) => answer !== null)) return null;
  const depth = pageWindow(plan.merge.paging, plan.merge.maxTotalHits).to;
  return frequencyAnswer({ levels, answers, wordsOrder, depth });
}

/** How many documents contain each word: of the shards of the part, and then of everything the node holds. */
function countRequest(
  indexUid: string,
  query: FrequencyWords,
  part: CoverPart,
  { body }: SearchRequest,
  timeoutMs: number,
): NodeRequest {
  const { attributesToSearchOn, locales } = body;
  const asked = (filter: object): readonly object[] =>
    query.words.map((_, word) => ({
      indexUid,
      q: wordQuery(query, word),
      limit: 0,
      matchingStrategy: "all",
      ...(attributesToSearchOn === undefined ? {} : { attributesToSearchOn }),
      ...(locales === undefined ? {} : { locales }),
      ...filter,
    }));
  const queries = part.complete ? asked({}) : [...asked({ filter: shardFilter(part.shards) }), ...asked({})];
  return {
    method: "POST",
    path: "/multi-search",
    body: JSON.stringify({ queries }),
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
