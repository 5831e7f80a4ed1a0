/** The total of a hybrid search with a distinct attribute: which of the ways to it leads there. */
import type { HybridKept } from "../../core/merge/hybrid-distinct.ts";
import { stopsWhenFull } from "../../core/merge/merge-spec.ts";
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import { mayExclude } from "../../core/search/plan-hybrid.ts";
import type { SearchPlan } from "../../core/search/search-plan.ts";
import type { SearchRequest } from "../../core/search/search-request.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";
import { tiedBehind } from "./settle-distinct.ts";
import { settleHybridDistinct, settleHybridPages } from "./settle-hybrid-distinct.ts";
import { settleHybridWhole } from "./settle-hybrid-whole.ts";

export interface HybridTotal {
  readonly indexUid: string;
  readonly request: SearchRequest;
  readonly kept: HybridKept;
  readonly keyword: SearchPlan;
  readonly semantic: SearchPlan;
  /** To the list by words. */
  readonly answers: readonly PartAnswer<NodeAnswer>[];
}

/** null: not to be had. */
export async function settleHybridTotal(
  deps: GatherDeps,
  { indexUid, request, kept, keyword, semantic, answers }: HybridTotal,
  signal: AbortSignal,
): Promise<number | null> {
  const { paging } = keyword.merge;
  if (paging.mode === "page" && request.hasThreshold) {
    const whole = { indexUid, keyword, semantic, parts: answers, taken: kept.taken };
    if (!stopsWhenFull(keyword.merge)) return settleHybridWhole(deps, whole, signal);
    // What the words add where the list by meaning has ended early has values that nobody has named.
    if (!kept.semanticFull && kept.keywordFull) return null;
  }
  // The engine has looked at all words that tie with the last it needed.
  const search = { indexUid, plan: keyword, answers };
  const behind = kept.keywordFull ? ((await tiedBehind(deps, search, signal)) ?? []) : [];
  const { vector, hybrid } = JSON.parse(semantic.query.base) as Readonly<Record<string, unknown>>;
  const counted = {
    indexUid,
    kept: { ...kept, keyword: [...kept.keyword, ...behind] },
    plan: keyword,
    meaning: mayExclude(request) ? { vector, hybrid } : null,
    parts: answers,
  };
  return paging.mode === "page"
    ? settleHybridPages(deps, counted, signal)
    : settleHybridDistinct(deps, counted, signal);
}
