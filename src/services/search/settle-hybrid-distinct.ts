/** Asks the nodes what the total of a hybrid search with a distinct attribute lacks besides its hits. */
import { SEQUENCE_FIELD } from "../../core/markers/fields.ts";
import { splitAnswer } from "../../core/merge/answer-list.ts";
import { holdsOneOf } from "../../core/merge/distinct-condition.ts";
import { noDistinct, withoutValues } from "../../core/merge/distinct-counts.ts";
import type { DistinctValue } from "../../core/merge/distinct.ts";
import { memberText, readHits, type Hit } from "../../core/merge/hit-cursor.ts";
import {
  countAgain,
  placeOf,
  planHybridCount,
  planHybridPages,
  type HybridKept,
} from "../../core/merge/hybrid-distinct.ts";
import type { MergedFacets } from "../../core/merge/facets.ts";
import type { Counted as CountedFacets } from "../../core/merge/merge-search.ts";
import { partFilter, type SearchPlan } from "../../core/search/search-plan.ts";
import { scatter } from "../../scatter/scatter.ts";
import { decidingWords } from "./deciding-words.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";
import { settleHybridFacets, type CountedPart } from "./settle-hybrid-facets.ts";

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

export interface HybridCounted {
  readonly total: number;
  /** null: not to be had. */
  readonly facets: Pick<MergedFacets, "distribution" | "stats"> | null;
}

type Body = Readonly<Record<string, unknown>>;

/** null: not to be had. */
export async function settleHybridDistinct(
  deps: GatherDeps,
  search: HybridDistinct,
  signal: AbortSignal,
): Promise<HybridCounted | null> {
  const { field } = search.kept;
  const facets = search.facets ?? null;
  const { meaning, words, doubtful, known } = planHybridCount(search.kept);
  const questions: Question[] = [];
  const asked = facets === null ? {} : { facets: facets.asked };
  if (meaning !== null) questions.push(everything(search, meaning, asked));
  const values = [...doubtful.values()].flatMap((one) => one.values);
  const blank = [...doubtful.values()].some((one) => one.values.length === 0);
  if (words !== null) {
    const without = withoutValues(field, words.without);
    const among = words.among === null ? [] : [holdsOneOf(field, words.among)];
    const body = { ...decidingWords(search.plan.query), ...asked, limit: 0 };
    if (words.among?.length !== 0) questions.push({ body, filters: [...without, ...among] });
    if (values.length > 0) questions.push(withWords(search, words.without, values));
    if (blank) questions.push(withWords(search, words.without, null));
  }
  const listing = Number(values.length > 0) + Number(blank);
  const [answers, gone = []] = await Promise.all([ask(deps, search, questions, signal), search.gone]);
  if (answers === null) return null;
  const listed = answers.flatMap((own) => own.slice(own.length - listing).flatMap(({ hits }) => hits));
  const places = new Set(listed.map(placeOf));
  const counted = answers.flatMap((own, at): readonly CountedPart[] => {
    return own.slice(0, own.length - listing).map((node, i) => {
      const isMeaning = meaning !== null && i === 0;
      const from = { ...search.parts[at]!, filters: questions[i]!.filters };
      return { node, from, by: !isMeaning ? "words" : search.meaning === null ? "nothing" : null };
    });
  });
  const beside = [...doubtful].flatMap(([place, { hit }]) => (places.has(place) ? [] : [hit]));
  const hits = [...known, ...beside];
  const total = counted.reduce((sum, { node }) => sum + node.total, hits.length) - gone.length;
  if (facets === null) return { total, facets: null };
  const { indexUid, plan } = search;
  const added = { indexUid, plan, fields: facets.fields, counted, hits, gone };
  return { total, facets: await settleHybridFacets(deps, added, signal) };
}

/** Of numbered pages. null: not to be had. */
export async function settleHybridPages(
  deps: GatherDeps,
  search: HybridDistinct,
  signal: AbortSignal,
): Promise<number | null> {
  const { field } = search.kept;
  const { meaning, words, near, known } = planHybridPages(search.kept);
  const questions: Question[] = [];
  if (meaning !== null) questions.push(everything(search, meaning));
  if (words !== null) questions.push(withWords(search, words.without, words.among));
  const answers = await ask(deps, search, questions, signal);
  if (answers === null) return null;
  const total = meaning === null ? 0 : answers.reduce((sum, own) => sum + own[0]!.total, 0);
  if (words === null) return known + total;
  const lists = answers.map((own) => own.at(-1)!.hits);
  // Where a node had more to list the first document may be among what it left out.
  if (lists.some((hits) => hits.length === HITS_MAX)) return null;
  return known + total + countAgain(lists.flat(), field, near);
}

interface Question {
  readonly body: Body;
  readonly filters: readonly string[];
}

/** All documents without these values that either list can have. */
function everything(
  { kept, plan, meaning }: HybridDistinct,
  without: readonly DistinctValue[],
  asked: Body = {},
): Question {
  const filters = withoutValues(kept.field, without);
  if (meaning === null) return { body: { ...asked, limit: 0 }, filters };
  // Without a hit to look for, the words would be enough for a node.
  const once = { attributesToRetrieve: [SEQUENCE_FIELD], distinct: noDistinct(kept.field), limit: 1 };
  return { body: { ...decidingWords(plan.query), ...meaning, ...asked, ...once }, filters };
}

/** Documents with the words and one of some values; null: with any or none. */
function withWords(
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

interface Counted extends CountedFacets {
  readonly hits: readonly Hit[];
}

/** By part the answer to each question. All or nothing: null when a node did not answer. */
async function ask(
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

const HITS_MAX = 1000;
