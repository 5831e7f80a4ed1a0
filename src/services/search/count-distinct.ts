/** The engine's total and facets of a search with a distinct attribute, once it is known what the merge has kept. */
import { planDistinct } from "../../core/merge/distinct-counts.ts";
import type { DistinctTally } from "../../core/merge/distinct-tally.ts";
import type { DistinctValue } from "../../core/merge/distinct.ts";
import { readHits } from "../../core/merge/hit-cursor.ts";
import type { DistinctFacts } from "../../core/merge/merge-search.ts";
import { stopsWhenFull, type DistinctSpec } from "../../core/merge/merge-spec.ts";
import {
  doubtfulKeys,
  listedValues,
  repeatedKeys,
  sharedValues,
  withBlankText,
} from "../../core/merge/repeated-values.ts";
import { ask, baseOf, type DistinctSearch } from "./ask-distinct.ts";
import { countingBody, partOf } from "./distinct-question.ts";
import type { GatherDeps } from "./gather-parts.ts";
import { settleFacetTypes } from "./settle-facet-types.ts";
import { undecorated } from "./undecorated.ts";
import type { WholeLists } from "./whole-lists.ts";

export interface Counting {
  readonly tally: DistinctTally;
  readonly distinct: DistinctSpec;
  readonly depth: number;
  readonly facets: boolean;
  readonly unlisted: boolean;
  readonly blank: boolean;
  readonly whole: WholeLists | null;
}

export async function countDistinct(
  deps: GatherDeps,
  search: DistinctSearch,
  { tally, distinct, depth, facets, unlisted, blank, whole }: Counting,
  signal: AbortSignal,
): Promise<Pick<DistinctFacts, "total" | "parts">> {
  const { paging, maxTotalHits } = search.plan.merge;
  const counted =
    distinct.counted && (tally.full || unlisted) ? await askCounted(deps, search, distinct, whole, signal) : [];
  const totals = search.answers.map(({ answer }) => answer.total);
  const { total, questions } = planDistinct({
    tally,
    distinct,
    paging,
    facets,
    depth,
    listedMax: Math.max(1, maxTotalHits),
    counted,
    totals,
    unlisted,
    blank,
    anyScore: stopsWhenFull(search.plan.merge) && baseOf(search.plan)["rankingScoreThreshold"] !== undefined,
  });
  if (questions === null) return { total, parts: null };
  if (!distinct.filterable) return { total: null, parts: null };
  const base = undecorated(baseOf(search.plan));
  const asked = questions.map((question) => ({
    answer: question.answer,
    filters: question.filters,
    body: countingBody(base, question, facets),
  }));
  const answers = await ask(deps, search, asked, signal);
  if (answers === null) return { total: null, parts: null };
  const sum = answers.reduce((all, answer) => all + answer.total, total ?? 0);
  const parts = answers.map((node, i) => partOf(node, questions[i]!, base));
  return { total: sum, parts: facets ? parts : null };
}

/** The values that several nodes have counted, told apart where a field holds numbers and texts. */
async function askCounted(
  deps: GatherDeps,
  { indexUid, plan, answers }: DistinctSearch,
  { field }: DistinctSpec,
  whole: WholeLists | null,
  signal: AbortSignal,
): Promise<readonly (readonly DistinctValue[] | null)[]> {
  const lists = answers.map(({ answer }, i) => {
    const hits = whole === null ? [] : (readHits(whole.lists[i]!) ?? []);
    return withBlankText(listedValues(answer, field), hits, field);
  });
  const repeated = repeatedKeys(lists);
  const doubtful = doubtfulKeys(field, lists, repeated);
  const mixed = doubtful === null ? [] : [doubtful];
  const types = await settleFacetTypes(deps, { indexUid, query: plan.query, answers, mixed }, signal);
  return lists.map((list, position) => (list === null ? null : sharedValues(list, repeated, types(position, field))));
}
