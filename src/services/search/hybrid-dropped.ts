/**
 * Which documents a score threshold has taken out of the list by meaning of a hybrid search with a distinct attribute,
 * in front of the page's end. They are no longer among the documents that the filter lets through.
 */
import { noDistinct, withoutValues } from "../../core/merge/distinct-counts.ts";
import { droppedHits } from "../../core/merge/dropped-hits.ts";
import { placeOf, planHybridCount, type HybridKept } from "../../core/merge/hybrid-distinct.ts";
import { hybridStrategy } from "../../core/merge/hybrid-hits.ts";
import type { Hit } from "../../core/merge/hit-cursor.ts";
import type { MergeSpec } from "../../core/merge/merge-spec.ts";
import { readNodeAnswer, type NodeAnswer } from "../../core/merge/node-answer.ts";
import { partFilter, type NodeQuery } from "../../core/search/search-plan.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";
import { undecorated } from "./undecorated.ts";

export interface HybridDropping {
  readonly indexUid: string;
  readonly kept: HybridKept;
  /** Of the list by meaning. */
  readonly plan: { readonly query: NodeQuery; readonly merge: Pick<MergeSpec, "threshold"> };
  readonly parts: readonly Pick<PartAnswer<unknown>, "nodeId" | "shards">[];
  /** Are the values of all fields needed? */
  readonly facets: boolean;
}

/** None where the words bring them, or where it cannot be told. */
export async function findHybridDropped(
  deps: GatherDeps,
  { indexUid, kept, plan, parts, facets }: HybridDropping,
  signal: AbortSignal,
): Promise<readonly Hit[]> {
  const spec = plan.merge.threshold;
  const last = kept.semantic.at(-1);
  const { meaning } = planHybridCount(kept);
  if (spec === undefined || meaning === null || last === undefined) return [];
  const strategy = hybridStrategy({ list: "semantic", weight: 1 });
  const key = strategy.readKey(last, 0);
  if (key === null) return [];
  const filters = withoutValues(kept.field, meaning);
  const body = wholeBody(plan.query, { field: kept.field, limit: spec.asked, facets });
  const calls = parts.map(({ nodeId, shards }) => ({
    client: deps.fleet.client(nodeId),
    request: {
      method: "POST" as const,
      path: `/indexes/${indexUid}/search`,
      body: JSON.stringify({ ...body, filter: partFilter(plan.query, shards, filters) }),
      operation: "search.hybrid.dropped",
      timeoutMs: deps.policy.nodeTimeoutMs,
      repeat: "safe" as const,
    },
  }));
  const outcomes = await scatter(calls, signal);
  const answers = outcomes.map((outcome) => (outcome.kind === "answered" ? readNodeAnswer(outcome.text) : null));
  if (!answers.every((answer): answer is NodeAnswer => answer !== null)) return [];
  const dropped = droppedHits({ answers, strategy, asked: spec.asked, threshold: spec.score, end: { key } }) ?? [];
  const withWords = new Set(kept.keyword.map(placeOf));
  return dropped.filter((hit) => !withWords.has(placeOf(hit)));
}

interface Wanted {
  readonly field: string;
  readonly limit: number;
  readonly facets: boolean;
}

/** The search without its threshold, telling all documents apart. */
function wholeBody({ base: text }: NodeQuery, { field, limit, facets }: Wanted): Readonly<Record<string, unknown>> {
  const base = undecorated(JSON.parse(text) as Readonly<Record<string, unknown>>);
  const left = Object.entries(base).filter(([name]) => !REPLACED.has(name) && !(facets && name === SHOWN));
  const shown = { showRankingScore: true, showRankingScoreDetails: true };
  return { ...Object.fromEntries(left), ...shown, distinct: noDistinct(field), offset: 0, limit };
}

const SHOWN = "attributesToRetrieve";
const REPLACED: ReadonlySet<string> = new Set([
  "rankingScoreThreshold",
  "facets",
  "offset",
  "limit",
  "page",
  "hitsPerPage",
]);
