/** Asks the nodes about documents of a hybrid search with a distinct attribute, by the values that they have. */
import { SEQUENCE_FIELD } from "../../core/markers/fields.ts";
import { splitAnswer } from "../../core/merge/answer-list.ts";
import { holdsOneOf } from "../../core/merge/distinct-condition.ts";
import { noDistinct, withoutValues } from "../../core/merge/distinct-counts.ts";
import type { DistinctValue } from "../../core/merge/distinct.ts";
import { memberText, readHits, type Hit } from "../../core/merge/hit-cursor.ts";
import type { HybridKept } from "../../core/merge/hybrid-distinct.ts";
import type { Counted as CountedFacets } from "../../core/merge/merge-search.ts";
import { partFilter, type SearchPlan } from "../../core/search/search-plan.ts";
import { scatter } from "../../scatter/scatter.ts";
import { decidingWords } from "./deciding-words.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";

export interface HybridDistinct {
  readonly indexUid: string;
  readonly kept: HybridKept;
  /** Of the list by words. */
  readonly plan: SearchPlan;
  /** What finds every document but those with an excluded word, besides the words; null: no word is excluded. */
  readonly meaning: Body | null;
  readonly parts: readonly Pick<PartAnswer<unknown>, "nodeId" | "shards">[];
  /** null: none are asked for, or the hits do not tell all their values. */
  readonly facets?: HybridFacets | null;
  /** Documents that the filter lets through and that do not count. */
  readonly gone?: Promise<readonly Hit[]>;
}

export interface HybridFacets {
  /** As the client asked for them. */
  readonly asked: readonly string[];
  /** Which fields that means. */
  readonly fields: readonly string[];
}

export type Body = Readonly<Record<string, unknown>>;

export interface Question {
  readonly body: Body;
  readonly filters: readonly string[];
}

/** Documents with the words and one of some values; null: with any or none. */
export function withWords(
  { kept, plan }: HybridDistinct,
  without: readonly DistinctValue[],
  among: readonly DistinctValue[] | null,
): Question {
  const { field } = kept;
  const shown = { attributesToRetrieve: [SEQUENCE_FIELD, field], distinct: noDistinct(field), limit: HITS_MAX };
  return {
    body: { ...decidingWords(plan.query), ...shown },
    filters: [...withoutValues(field, without), ...(among === null ? [] : [holdsOneOf(field, among)])],
  };
}

export interface Counted extends CountedFacets {
  readonly hits: readonly Hit[];
}

/** By part the answer to each question. All or nothing: null when a node did not answer. */
export async function askHybrid(
  deps: GatherDeps,
  { indexUid, plan, parts }: HybridDistinct,
  questions: readonly Question[],
  signal: AbortSignal,
): Promise<readonly (readonly Counted[])[] | null> {
  if (questions.length === 0) return [];
  const calls = parts.map(({ nodeId, shards }) => ({
    client: deps.fleet.client(nodeId),
    request: {
      method: "POST" as const,
      path: "/multi-search",
      body: JSON.stringify({
        queries: questions.map(({ body, filters }) => ({
          ...body,
          indexUid,
          filter: partFilter(plan.query, shards, filters),
        })),
      }),
      operation: "search.hybrid.distinct",
      timeoutMs: deps.policy.nodeTimeoutMs,
      repeat: "safe" as const,
    },
  }));
  const outcomes = await scatter(calls, signal);
  const answers = outcomes.map((outcome) => (outcome.kind === "answered" ? readAnswer(outcome.text) : null));
  return answers.every((answer) => answer?.length === questions.length)
    ? (answers as readonly (readonly Counted[])[])
    : null;
}

/** null: not an answer to a multi-search. */
function readAnswer(text: string): readonly Counted[] | null {
  const list = splitAnswer(text, "results", "");
  const results = list === null ? null : readHits(list);
  const counted = results?.map((result) => readCounted(result)) ?? null;
  return counted?.every((one) => one !== null) === true ? counted : null;
}

function readCounted(result: Hit): Counted | null {
  const total = Number(memberText(result, "estimatedTotalHits") ?? Number.NaN);
  const text = memberText(result, "hits");
  const hits = text === null ? null : readHits({ text, start: 1, end: text.length - 1 });
  const [facetDistribution, facetStats] = [memberText(result, "facetDistribution"), memberText(result, "facetStats")];
  return Number.isNaN(total) || hits === null ? null : { total, hits, facetDistribution, facetStats };
}

/**
 * Of a question about documents with the words all that nodes list. Where one has more than it lists at once, it is asked
 * once more by shard and value. null: it still has more, or does not answer.
 */
export async function listAll(
  deps: GatherDeps,
  search: HybridDistinct,
  { without, among }: { readonly without: readonly DistinctValue[]; readonly among: readonly DistinctValue[] | null },
  first: readonly Counted[],
  signal: AbortSignal,
): Promise<readonly Hit[] | null> {
  const listed = first.flatMap(({ hits }) => hits);
  const cut = search.parts.filter((_, at) => isCut(first[at]!));
  if (cut.length === 0) return listed;
  if (first.some(({ hits, total }) => total > CUT_MAX * hits.length)) return null;
  const parts = cut.flatMap(({ nodeId, shards }) => shards.map((shard) => ({ nodeId, shards: [shard] })));
  const questions = (among ?? [null]).map((value) => withWords(search, without, value === null ? null : [value]));
  const answers = (await askHybrid(deps, { ...search, parts }, questions, signal))?.flat() ?? null;
  return answers === null || answers.some(isCut) ? null : [...listed, ...answers.flatMap(({ hits }) => hits)];
}

function isCut({ hits, total }: Counted): boolean {
  return total > hits.length;
}

/** How many times more than it lists a node may have. */
const CUT_MAX = 16;
const HITS_MAX = 1000;
