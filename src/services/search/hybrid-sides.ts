/**
 * The two lists of a hybrid search as they are gathered from the nodes, and what they have to be asked again for.
 */
import type { HybridList } from "../../core/merge/merge-hybrid.ts";
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import type { HybridPlan } from "../../core/search/plan-hybrid.ts";
import type { PlanSearchInput } from "../../core/search/plan-search.ts";
import type { SearchPlan } from "../../core/search/search-plan.ts";
import { askFrequencies, settleFrequency, type WidestSearch } from "./frequency-search.ts";
import { countRefusalsAsMissing, gatherParts, type Gathered, type PartAnswer } from "./gather-parts.ts";
import { gatherAnswers, gatherWithoutThreshold, searchTask } from "./gather-search.ts";
import type { SearchDeps, SearchInput } from "./search.ts";

export interface Work {
  readonly deps: SearchDeps;
  readonly planning: PlanSearchInput;
  readonly plan: HybridPlan;
  readonly input: SearchInput;
  readonly signal: AbortSignal;
}

/** One of the two lists, as far as it has been gathered. */
export interface Side {
  readonly plan: SearchPlan;
  readonly gathered: Gathered<NodeAnswer>;
  readonly withoutThreshold: readonly PartAnswer<NodeAnswer>[] | null;
  /** Of words that nodes drop by their frequency: what finds the same on every node. */
  readonly widest?: WidestSearch;
}

export type Sides = { readonly keyword: Side; readonly semantic: Side | null };
export type BothSides = { readonly keyword: Side; readonly semantic: Side };

/** As in a search by words alone, nodes drop words in one order. */
export async function gatherWords(work: Work): Promise<Side> {
  const { deps, planning, plan, signal } = work;
  const { entry } = planning;
  const sought = { plan: plan.keyword, entry, request: { ...planning.request, kind: "keyword" as const } };
  const [side, frequencies] = await Promise.all([gatherSide(work, plan.keyword), askFrequencies(deps, sought, signal)]);
  if (frequencies === null) return side;
  const widest = await settleFrequency(deps, sought, side.gathered, frequencies, signal);
  return widest === null ? side : { ...side, widest };
}

export async function gatherSide({ deps, planning, input, signal }: Work, plan: SearchPlan): Promise<Side> {
  const { entry } = planning;
  const [gathered, withoutThreshold] = await Promise.all([
    gatherAnswers(deps, plan, entry, input.judgement, signal),
    plan.query.withoutThreshold === null ? null : gatherWithoutThreshold(deps, plan, entry, signal),
  ]);
  return { plan, gathered, withoutThreshold };
}

export async function replaceGarbled(
  { deps, planning, signal }: Work,
  { plan, gathered }: Side,
  answer: number,
): Promise<void> {
  const [garbled] = gathered.answers.splice(answer, 1);
  gathered.failed.add(garbled!.nodeId);
  gathered.missing.push(...garbled!.shards);
  await gatherParts(deps, searchTask(deps, plan, planning.entry, plan.query.base), gathered, [], signal);
  countRefusalsAsMissing(gathered);
}

export function answersOf({ gathered }: Side): readonly NodeAnswer[] {
  return gathered.answers.map(({ answer }) => answer);
}

export function listOf(side: Side): HybridList {
  return { answers: answersOf(side), withoutThreshold: side.withoutThreshold?.map(({ answer }) => answer) ?? null };
}
