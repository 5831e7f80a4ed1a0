/**
 * A node keeps of documents that share a value the first, and passes over the others. Where documents have several values,
 * another node's may make the first redundant, and not those behind it. And where a request names the attribute, of texts
 * that are blank a node shows one, although others have taken places in its list (`second-look.ts`). So nodes are asked for
 * their lists once more then, with nothing passed over; what counts is left to the merge. So they are for a list by meaning
 * that lacks hits because others, by words, stand between them.
 */
import type { AnswerList } from "../../core/merge/answer-list.ts";
import { noDistinct } from "../../core/merge/distinct-counts.ts";
import { createDistinctFilter, facetValues, isBlankText, type DistinctValue } from "../../core/merge/distinct.ts";
import { readHits, type Hit } from "../../core/merge/hit-cursor.ts";
import { hitsAsked, pageWindow, type DistinctSpec } from "../../core/merge/merge-spec.ts";
import { ask, baseOf, type DistinctSearch } from "./ask-distinct.ts";
import type { GatherDeps } from "./gather-parts.ts";

export interface WholeLists {
  /** By answer. */
  readonly lists: readonly AnswerList[];
  /** How many hits each node was asked for. */
  readonly asked: number;
}

/** Has a node shown one text that is blank, and may have kept others back? */
export function hidesBlankTexts(answers: DistinctSearch["answers"], { field, requested }: DistinctSpec): boolean {
  if (!requested) return false;
  // Most lists have no such text anywhere, which is seen without reading their hits.
  const perhaps = answers.filter(({ answer: { hits } }) => BLANK_TEXT.test(hits.text.slice(hits.start, hits.end)));
  return hasHit(perhaps, field, (values) => values.some(isBlankText));
}

const BLANK_TEXT = /"(?:\s|\\[bfnrt]|\\u[0-9a-f]{4})*"/i;

export function holdsSeveral(answers: DistinctSearch["answers"], { field }: DistinctSpec): boolean {
  return hasHit(answers, field, (values) => values.length > 1);
}

function hasHit(
  answers: DistinctSearch["answers"],
  field: string,
  is: (values: readonly DistinctValue[]) => boolean,
): boolean {
  return answers.some(({ answer }) => (readHits(answer.hits) ?? []).some((hit) => is(facetValues(hit, field))));
}

/** Does a list end because it is as long as it was asked for, and not because it has enough of these hits? */
export function isCutShort({ answers, plan }: DistinctSearch, counts: (hit: Hit) => boolean): boolean {
  const [asked, { to }] = [hitsAsked(plan.merge), pageWindow(plan.merge.paging, plan.merge.maxTotalHits)];
  return answers.some(({ answer }) => {
    const hits = readHits(answer.hits) ?? [];
    return hits.length >= asked && hits.filter(counts).length < to;
  });
}

/** `counts`: of which hits enough are needed. null: not to be had. */
export async function askWhole(
  deps: GatherDeps,
  search: DistinctSearch,
  signal: AbortSignal,
  counts: (hit: Hit) => boolean = () => true,
): Promise<WholeLists | null> {
  const { paging, maxTotalHits, distinct } = search.plan.merge;
  const { to } = pageWindow(paging, maxTotalHits);
  const asked = Math.min(FACTOR * to + LISTED_MIN, maxTotalHits);
  const lists = await askLists(deps, search, asked, signal);
  const isShort = (list: AnswerList): boolean => {
    const hits = readHits(list) ?? [];
    const filter = createDistinctFilter(distinct!.field, false);
    return hits.length === asked && hits.filter((hit) => counts(hit) && filter.admits(hit)).length < to;
  };
  if (lists === null || asked === maxTotalHits || !lists.some(isShort)) return lists && { lists, asked };
  const all = await askLists(deps, search, maxTotalHits, signal);
  return all && { lists: all, asked: maxTotalHits };
}

async function askLists(
  deps: GatherDeps,
  search: DistinctSearch,
  limit: number,
  signal: AbortSignal,
): Promise<readonly AnswerList[] | null> {
  const { facets: _facets, ...base } = baseOf(search.plan);
  const body = { ...base, distinct: noDistinct(search.plan.merge.distinct!.field), offset: 0, limit };
  const questions = search.answers.map((_, answer) => ({ answer, filters: [], body }));
  return (await ask(deps, search, questions, signal))?.map(({ hits }) => hits) ?? null;
}

/** Many of them will be passed over. */
const FACTOR = 4;
const LISTED_MIN = 100;
