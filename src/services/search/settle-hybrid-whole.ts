/** Asks the nodes for all that is good enough for a hybrid search, where nothing less tells its total. */
import { SEQUENCE_FIELD } from "../../core/markers/fields.ts";
import { noDistinct } from "../../core/merge/distinct-counts.ts";
import type { Hit } from "../../core/merge/hit-cursor.ts";
import { countWhole } from "../../core/merge/hybrid-whole.ts";
import { readNodeAnswer, type NodeAnswer } from "../../core/merge/node-answer.ts";
import { partFilter, type SearchPlan } from "../../core/search/search-plan.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";
import { undecorated } from "./undecorated.ts";

export interface HybridWhole {
  readonly indexUid: string;
  readonly keyword: SearchPlan;
  readonly semantic: SearchPlan;
  readonly parts: readonly Pick<PartAnswer<unknown>, "nodeId" | "shards">[];
  /** Does no rule ask for nearness? */
  readonly byFieldsAlone: boolean;
  /** The hits up to the end of the page. */
  readonly taken: readonly Hit[];
}

/** null: not to be had, or a node has more than can be paged. */
export async function settleHybridWhole(
  deps: GatherDeps,
  { indexUid, keyword, semantic, parts, byFieldsAlone, taken }: HybridWhole,
  signal: AbortSignal,
): Promise<number | null> {
  const { distinct, maxTotalHits } = keyword.merge;
  const { field } = distinct!;
  const calls = [semantic, keyword].flatMap((plan) =>
    parts.map(({ nodeId, shards }) => ({
      client: deps.fleet.client(nodeId),
      request: {
        method: "POST" as const,
        path: `/indexes/${indexUid}/search`,
        body: JSON.stringify({
          ...wholeBody(plan, field, maxTotalHits),
          filter: partFilter(plan.query, shards),
        }),
        operation: "search.hybrid.whole",
        timeoutMs: deps.policy.nodeTimeoutMs,
        repeat: "safe" as const,
      },
    })),
  );
  const outcomes = await scatter(calls, signal);
  const answers = outcomes.map((outcome) => (outcome.kind === "answered" ? readNodeAnswer(outcome.text) : null));
  if (!answers.every((answer) => answer !== null && answer.total < maxTotalHits)) return null;
  const lists = (answers as readonly NodeAnswer[]).map(({ hits }) => hits);
  return countWhole({
    field,
    semantic: lists.slice(0, parts.length),
    keyword: lists.slice(parts.length),
    byFieldsAlone,
    taken,
  });
}

function wholeBody({ query }: SearchPlan, field: string, maxTotalHits: number): Readonly<Record<string, unknown>> {
  const { facets: _facets, ...base } = undecorated(JSON.parse(query.base) as Readonly<Record<string, unknown>>);
  return {
    ...base,
    attributesToRetrieve: [SEQUENCE_FIELD, field],
    showRankingScore: true,
    showRankingScoreDetails: true,
    distinct: noDistinct(field),
    page: 1,
    hitsPerPage: maxTotalHits,
  };
}
