/**
 * Lets all shards drop the words of a `matchingStrategy: frequency` search in one order, that of the frequencies of all
 * shards together. They are asked for while the search itself runs; a node whose own order is another is then asked in
 * a form that leaves it no choice. Whatever cannot be had leaves that node's own order.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
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
  type FrequencyLevels,
  type FrequencyWords,
} from "../../core/search/frequency-plan.ts";
import { nodeBody, type SearchPlan } from "../../core/search/search-plan.ts";
import type { SearchRequest } from "../../core/search/search-request.ts";
import { scatter } from "../../scatter/scatter.ts";
import { countWords } from "./count-words.ts";
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
  const counted = await countWords(deps, { indexUid: entry.uid, query, parts, request }, signal);
  if (counted === null) return null;
  const own = new Map(parts.map((part, i): [CoverPart, DroppingOrder] => [part, droppingOrder(counted[i]!.node)]));
  return { query, total: addFrequencies(counted.map(({ part }) => part)), own };
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
