/** Asks the nodes what the total of a hybrid search with a distinct attribute lacks besides its hits. */
import { andFilters } from "../../core/filters/and-filters.ts";
import { readObject, MALFORMED } from "../../core/json/scan.ts";
import { shardFilter } from "../../core/markers/codec.ts";
import { SEQUENCE_FIELD } from "../../core/markers/fields.ts";
import { holdsOneOf } from "../../core/merge/distinct-condition.ts";
import { noDistinct, withoutValues } from "../../core/merge/distinct-counts.ts";
import { planHybridCount, type HybridKept } from "../../core/merge/hybrid-distinct.ts";
import type { SearchPlan } from "../../core/search/search-plan.ts";
import { scatter } from "../../scatter/scatter.ts";
import { decidingWords } from "./deciding-words.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";

export interface HybridDistinct {
  readonly indexUid: string;
  readonly kept: HybridKept;
  /** Of the list by words. */
  readonly plan: SearchPlan;
  readonly parts: readonly Pick<PartAnswer<unknown>, "nodeId" | "shards">[];
}

/** null: not to be had. */
export async function settleHybridDistinct(
  deps: GatherDeps,
  { indexUid, kept, plan, parts }: HybridDistinct,
  signal: AbortSignal,
): Promise<number | null> {
  const { field } = kept;
  const { meaning, words, doubtful, known } = planHybridCount(kept);
  const asked = decidingWords(plan.query);
  const questions: { readonly body: object; readonly filters: readonly string[] }[] = [];
  if (meaning !== null) questions.push({ body: { limit: 0 }, filters: withoutValues(field, meaning) });
  if (words !== null) {
    const without = withoutValues(field, words.without);
    const among = words.among === null ? [] : [holdsOneOf(field, words.among)];
    if (words.among?.length !== 0) questions.push({ body: { ...asked, limit: 0 }, filters: [...without, ...among] });
    const values = [...doubtful.values()].flat();
    if (values.length > 0) {
      const body = { ...asked, attributesToRetrieve: [SEQUENCE_FIELD], distinct: noDistinct(field), limit: HITS_MAX };
      questions.push({ body, filters: [...without, holdsOneOf(field, values)] });
    }
  }
  if (questions.length === 0) return known;
  const { filter, forced } = plan.query;
  const calls = parts.map(({ nodeId, shards }) => ({
    client: deps.fleet.client(nodeId),
    request: {
      method: "POST" as const,
      path: "/multi-search",
      body: JSON.stringify({
        queries: questions.map(({ body, filters }) => ({
          ...body,
          indexUid,
          filter: andFilters(filter, [...forced, ...filters, shardFilter(shards)]),
        })),
      }),
      operation: "search.hybrid.distinct",
      timeoutMs: deps.policy.nodeTimeoutMs,
      repeat: "safe" as const,
    },
  }));
  const outcomes = await scatter(calls, signal);
  const answers = outcomes.map((outcome) => (outcome.kind === "answered" ? readAnswer(outcome.text) : null));
  if (!answers.every((answer) => answer !== null)) return null;
  const withWords = new Set(answers.flatMap(({ places }) => places));
  const counted = doubtful.size === 0 ? questions.length : questions.length - 1;
  const totals = answers.flatMap(({ totals: own }) => own.slice(0, counted));
  const beside = [...doubtful.keys()].filter((place) => !withWords.has(place)).length;
  return totals.reduce((sum, total) => sum + total, known + beside);
}

interface CountAnswer {
  readonly totals: readonly number[];
  readonly places: readonly string[];
}

function readAnswer(text: string): CountAnswer | null {
  const bounds: number[] = [];
  if (readObject(text, 0, bounds) === MALFORMED) return null;
  const { results } = JSON.parse(text) as { readonly results?: readonly Counted[] };
  const totals = results?.map(({ estimatedTotalHits }) => estimatedTotalHits) ?? [];
  if (totals.length === 0 || !totals.every((total) => typeof total === "number")) return null;
  const places = results!.flatMap(({ hits = [] }) => hits.map((hit) => JSON.stringify(hit[SEQUENCE_FIELD])));
  return { totals, places };
}

interface Counted {
  readonly estimatedTotalHits?: unknown;
  readonly hits?: readonly Readonly<Record<string, unknown>>[];
}

const HITS_MAX = 1000;
