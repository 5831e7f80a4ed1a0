/** Asks the nodes what the total of a hybrid search with a distinct attribute lacks besides its hits. */
import { SEQUENCE_FIELD } from "../../core/markers/fields.ts";
import { holdsOneOf } from "../../core/merge/distinct-condition.ts";
import { noDistinct, withoutValues } from "../../core/merge/distinct-counts.ts";
import type { DistinctValue } from "../../core/merge/distinct.ts";
import type { MergedFacets } from "../../core/merge/facets.ts";
import { countAgain, placeOf, planHybridCount, planHybridPages } from "../../core/merge/hybrid-distinct.ts";
import { askHybrid, listAll, withWords, type Body, type HybridDistinct, type Question } from "./ask-hybrid.ts";
import { decidingWords } from "./deciding-words.ts";
import type { GatherDeps } from "./gather-parts.ts";
import { settleHybridFacets, type CountedPart } from "./settle-hybrid-facets.ts";

export interface HybridCounted {
  readonly total: number;
  /** null: not to be had. */
  readonly facets: Pick<MergedFacets, "distribution" | "stats"> | null;
}

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
  const listings = [...(values.length > 0 ? [values] : []), ...(blank ? [null] : [])];
  const counting = questions.length - listings.length;
  const [answers, gone = []] = await Promise.all([askHybrid(deps, search, questions, signal), search.gone]);
  if (answers === null) return null;
  const lists = await Promise.all(
    listings.map(async (among, i) => {
      const first = answers.map((own) => own[counting + i]!);
      const all = await listAll(deps, search, { without: words!.without, among }, first, signal);
      return all ?? first.flatMap(({ hits }) => hits);
    }),
  );
  const places = new Set(lists.flat().map(placeOf));
  const counted = answers.flatMap((own, at): readonly CountedPart[] => {
    return own.slice(0, counting).map((node, i) => {
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
  const answers = await askHybrid(deps, search, questions, signal);
  if (answers === null) return null;
  const total = meaning === null ? 0 : answers.reduce((sum, own) => sum + own[0]!.total, 0);
  if (words === null) return known + total;
  const first = answers.map((own) => own.at(-1)!);
  const listed = await listAll(deps, search, words, first, signal);
  return listed === null ? null : known + total + countAgain(listed, field, near);
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
