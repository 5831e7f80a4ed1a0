/** The total of a hybrid search with a distinct attribute, and its facets: which of the ways to them leads there. */
import type { Hit } from "../../core/merge/hit-cursor.ts";
import type { HybridKept } from "../../core/merge/hybrid-distinct.ts";
import { MARKER_PREFIX } from "../../core/markers/fields.ts";
import { readFacetPart } from "../../core/merge/merge-search.ts";
import { covers } from "../../core/search/project-attributes.ts";
import { stopsWhenFull } from "../../core/merge/merge-spec.ts";
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import { mayExclude } from "../../core/search/plan-hybrid.ts";
import type { SearchPlan } from "../../core/search/search-plan.ts";
import type { SearchRequest } from "../../core/search/search-request.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";
import { findHybridDropped } from "./hybrid-dropped.ts";
import { tiedBehind } from "./settle-distinct.ts";
import type { HybridFacets } from "./ask-hybrid.ts";
import { settleHybridDistinct, settleHybridPages, type HybridCounted } from "./settle-hybrid-distinct.ts";
import { settleHybridWhole } from "./settle-hybrid-whole.ts";

export interface HybridTotal {
  readonly indexUid: string;
  readonly request: SearchRequest;
  readonly kept: HybridKept;
  readonly keyword: SearchPlan;
  readonly semantic: SearchPlan;
  /** Does no rule ask for nearness? */
  readonly byFieldsAlone: boolean;
  /** To the list by meaning. */
  readonly near: readonly PartAnswer<NodeAnswer>[];
  /** To the list by words. */
  readonly answers: readonly PartAnswer<NodeAnswer>[];
}

/** null: not to be had. */
export async function settleHybridTotal(
  deps: GatherDeps,
  { indexUid, request, kept, keyword, semantic, byFieldsAlone, near, answers }: HybridTotal,
  signal: AbortSignal,
): Promise<HybridCounted | null> {
  const { paging } = keyword.merge;
  if (paging.mode === "page" && request.hasThreshold) {
    const whole = { indexUid, keyword, semantic, parts: answers, byFieldsAlone, taken: kept.taken };
    if (!stopsWhenFull(keyword.merge)) return alone(await settleHybridWhole(deps, whole, signal), kept);
    // What the words add where the list by meaning has ended early has values that nobody has named.
    if (!kept.semanticFull && kept.keywordFull) return null;
  }
  const facets = paging.mode === "page" ? null : facetsOf(request, [keyword, semantic], near);
  // The engine has looked at all that ties with the last hit it needed. By meaning nothing does, unless fields alone decide.
  const behindOf = async (plan: SearchPlan, own: HybridTotal["near"], full: boolean): Promise<readonly Hit[]> =>
    full ? ((await tiedBehind(deps, { indexUid, plan, answers: own }, signal, facets?.fields)) ?? []) : [];
  const [behind, nearBehind] = await Promise.all([
    behindOf(keyword, answers, kept.keywordFull),
    behindOf(semantic, near, byFieldsAlone && kept.semanticFull),
  ]);
  const { vector, hybrid } = JSON.parse(semantic.query.base) as Readonly<Record<string, unknown>>;
  const counted = {
    indexUid,
    kept: { ...kept, keyword: [...kept.keyword, ...behind], semantic: [...kept.semantic, ...nearBehind] },
    plan: keyword,
    meaning: mayExclude(request) ? { vector, hybrid } : null,
    parts: answers,
    facets,
  };
  if (paging.mode === "page") return alone(await settleHybridPages(deps, counted, signal), kept);
  const dropping = {
    indexUid,
    kept: counted.kept,
    semantic: { plan: semantic, parts: near },
    keyword: { plan: keyword, parts: answers },
    mayExclude: mayExclude(request),
    facets: facets !== null,
  };
  const dropped = findHybridDropped(deps, dropping, signal);
  const gone = dropped.then((hits) => [...hits, ...kept.rejected]);
  return settleHybridDistinct(deps, { ...counted, gone }, signal);
}

function alone(total: number | null, { rejected }: HybridKept): HybridCounted | null {
  return total === null ? null : { total: total - rejected.length, facets: null };
}

/** null: none are asked for, or the hits of a list do not show all the fields. */
function facetsOf(
  { facets: asked }: SearchRequest,
  plans: readonly SearchPlan[],
  near: readonly PartAnswer<NodeAnswer>[],
): HybridFacets | null {
  if (asked.length === 0) return null;
  const found = near.flatMap(({ answer }) => readFacetPart(answer)?.distribution ?? []).map(({ field }) => field);
  const fields = [...new Set(found)].filter((field) => !field.startsWith(MARKER_PREFIX));
  const shown = plans.map(({ query }) => (JSON.parse(query.base) as Shown).attributesToRetrieve ?? null);
  return shown.every((names) => fields.every((field) => covers(names, field))) ? { asked, fields } : null;
}

interface Shown {
  readonly attributesToRetrieve?: readonly string[] | null;
}
