/**
 * What a distinct attribute asks for beyond the first answers, also where a node has answered the search and then fails
 * what it is asked further: without it neither hits nor totals are sure, so other owners of its shards take its place.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { DistinctFacts } from "../../core/merge/merge-search.ts";
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import type { SearchPlan } from "../../core/search/search-plan.ts";
import { abortion, emptyGathering, gatherParts, type Gathered, type GatherDeps } from "./gather-parts.ts";
import { searchTask } from "./gather-search.ts";
import { settleDistinct } from "./settle-distinct.ts";

export interface Gathering {
  readonly plan: SearchPlan;
  readonly entry: IndexEntry;
  readonly gathered: Gathered<NodeAnswer>;
}

/** Where nobody else answers for the shards of such a node, its first answer stays, and they count as missing. */
export async function settleWithOthers(
  deps: GatherDeps,
  gathering: Gathering,
  signal: AbortSignal,
): Promise<DistinctFacts | null> {
  const { plan, entry, gathered } = gathering;
  for (;;) {
    const lost = new Set<number>();
    const search = { indexUid: entry.uid, plan, answers: gathered.answers, lost };
    const facts = await settleDistinct(deps, search, signal);
    if (signal.aborted) throw abortion(signal);
    // Every turn leaves out one more node, so this ends.
    if (lost.size === 0 || !(await replace(deps, gathering, lost, signal))) return facts;
  }
}

/** `lost`: positions of answers. */
async function replace(
  deps: GatherDeps,
  { plan, entry, gathered }: Gathering,
  lost: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<boolean> {
  const gone = gathered.answers.filter((_, i) => lost.has(i));
  const shards = gone.flatMap((answer) => answer.shards);
  for (const { nodeId } of gone) gathered.failed.add(nodeId);
  const others = { ...emptyGathering<NodeAnswer>(), missing: shards, failed: gathered.failed };
  await gatherParts(deps, searchTask(deps, plan, entry, plan.query.base), others, [], signal);
  if (others.missing.length > 0 || others.refusals.length > 0) {
    gathered.missing = [...new Set([...gathered.missing, ...shards])].sort((a, b) => a - b);
    return false;
  }
  gathered.answers = [...gathered.answers.filter((_, i) => !lost.has(i)), ...others.answers];
  return true;
}
