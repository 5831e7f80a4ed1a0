/** What a node answered to a search: its hits, unread, and the rest. */
import { countMember, splitAnswer, type AnswerList } from "./answer-list.ts";

export interface NodeAnswer {
  readonly hits: AnswerList;
  readonly processingTimeMs: number;
  /** Whichever of the two totals the paging mode has. */
  readonly total: number;
  /** JSON texts; null where the member is absent. */
  readonly query: string;
  readonly queryVector: string | null;
  readonly facetDistribution: string | null;
  readonly facetStats: string | null;
  readonly performanceDetails: string | null;
  readonly semanticHitCount: number | null;
}

/** null: this is not the answer of an engine to a search. */
export function readNodeAnswer(text: string): NodeAnswer | null {
  const hits = splitAnswer(text, "hits", "query");
  if (hits === null) return null;
  const { members } = hits;
  const query = members.get("query");
  const total = countMember(members, "estimatedTotalHits") ?? countMember(members, "totalHits");
  const processingTimeMs = countMember(members, "processingTimeMs");
  if (query === undefined || total === null || processingTimeMs === null) return null;
  return {
    hits,
    processingTimeMs,
    total,
    query,
    queryVector: members.get("queryVector") ?? null,
    facetDistribution: members.get("facetDistribution") ?? null,
    facetStats: members.get("facetStats") ?? null,
    performanceDetails: members.get("performanceDetails") ?? null,
    semanticHitCount: countMember(members, "semanticHitCount"),
  };
}
