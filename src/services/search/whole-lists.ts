/**
 * A node keeps of documents that share a value the first, and passes over the others. Where documents have several values,
 * another node's may make the first redundant, and not those behind it. And where a request names the attribute, of texts
 * that are blank a node shows one, although others have taken places in its list (`second-look.ts`). So nodes are asked for
 * their lists once more then, with nothing passed over; what counts is left to the merge.
 */
import type { AnswerList } from "../../core/merge/answer-list.ts";
import { noDistinct } from "../../core/merge/distinct-counts.ts";
import { createDistinctFilter, facetValues, isBlankText } from "../../core/merge/distinct.ts";
import { readHits } from "../../core/merge/hit-cursor.ts";
import { pageWindow, type DistinctSpec } from "../../core/merge/merge-spec.ts";
import { readNodeAnswer, type NodeAnswer } from "../../core/merge/node-answer.ts";
import { partFilter, type SearchPlan } from "../../core/search/search-plan.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";

export interface WholeQuestion {
  readonly indexUid: string;
  readonly plan: SearchPlan;
  readonly answers: readonly PartAnswer<NodeAnswer>[];
}

export interface WholeLists {
  /** By answer. */
  readonly lists: readonly AnswerList[];
  /** How many hits each node was asked for. */
  readonly asked: number;
}

/** Has a node shown one text that is blank, and may have kept others back? */
export function hidesBlankTexts(answers: WholeQuestion["answers"], { field, requested }: DistinctSpec): boolean {
  return requested && hasHit(answers, field, (values) => values.some(isBlankText));
}

export function holdsSeveral(answers: WholeQuestion["answers"], { field }: DistinctSpec): boolean {
  return hasHit(answers, field, (values) => values.length > 1);
}

type Values = ReturnType<typeof facetValues>;

function hasHit(answers: WholeQuestion["answers"], field: string, is: (values: Values) => boolean): boolean {
  return answers.some(({ answer }) => (readHits(answer.hits) ?? []).some((hit) => is(facetValues(hit, field))));
}

/** null: not to be had. */
export async function askWhole(
  deps: GatherDeps,
  question: WholeQuestion,
  signal: AbortSignal,
): Promise<WholeLists | null> {
  const { paging, maxTotalHits, distinct } = question.plan.merge;
  const { to } = pageWindow(paging, maxTotalHits);
  const asked = Math.min(FACTOR * to + LISTED_MIN, maxTotalHits);
  const lists = await askLists(deps, question, asked, signal);
  const isShort = (list: AnswerList): boolean => {
    const hits = readHits(list) ?? [];
    const filter = createDistinctFilter(distinct!.field, false);
    return hits.length === asked && hits.filter((hit) => filter.admits(hit)).length < to;
  };
  if (lists === null || asked === maxTotalHits || !lists.some(isShort)) return lists && { lists, asked };
  const all = await askLists(deps, question, maxTotalHits, signal);
  return all && { lists: all, asked: maxTotalHits };
}

async function askLists(
  deps: GatherDeps,
  { indexUid, plan, answers }: WholeQuestion,
  limit: number,
  signal: AbortSignal,
): Promise<readonly AnswerList[] | null> {
  const { facets: _facets, page: _page, hitsPerPage: _hits, ...base } = JSON.parse(plan.query.base) as Body;
  const body = { ...base, distinct: noDistinct(plan.merge.distinct!.field), offset: 0, limit };
  const calls = answers.map(({ nodeId, shards }) => ({
    client: deps.fleet.client(nodeId),
    request: {
      method: "POST" as const,
      path: `/indexes/${indexUid}/search`,
      body: JSON.stringify({ ...body, filter: partFilter(plan.query, shards) }),
      operation: "search.whole",
      timeoutMs: deps.policy.nodeTimeoutMs,
      repeat: "safe" as const,
    },
  }));
  const outcomes = await scatter(calls, signal);
  const read = outcomes.map((outcome) => (outcome.kind === "answered" ? readNodeAnswer(outcome.text) : null));
  return read.every((answer) => answer !== null) ? read.map(({ hits }) => hits) : null;
}

type Body = Readonly<Record<string, unknown>>;

/** Many of them will be passed over. */
const FACTOR = 4;
const LISTED_MIN = 100;
