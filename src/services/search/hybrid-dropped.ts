/**
 * Which documents a score threshold has taken out of the lists of a hybrid search with a distinct attribute, in front of the
 * page's end. They are no longer among the documents that the filter lets through, or that have the words.
 */
import { noDistinct, withoutValues } from "../../core/merge/distinct-counts.ts";
import type { DistinctValue } from "../../core/merge/distinct.ts";
import { droppedHits } from "../../core/merge/dropped-hits.ts";
import { isCounted, placeOf, planHybridCount, type HybridKept } from "../../core/merge/hybrid-distinct.ts";
import { hybridStrategy, type HybridListRules } from "../../core/merge/hybrid-hits.ts";
import { readHits, type Hit } from "../../core/merge/hit-cursor.ts";
import type { MergeSpec } from "../../core/merge/merge-spec.ts";
import { readNodeAnswer, type NodeAnswer } from "../../core/merge/node-answer.ts";
import { partFilter, type NodeQuery } from "../../core/search/search-plan.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { GatherDeps, PartAnswer } from "./gather-parts.ts";
import { undecorated } from "./undecorated.ts";

type Parts = readonly Pick<PartAnswer<unknown>, "nodeId" | "shards">[];

export interface DroppingList {
  readonly plan: { readonly query: NodeQuery; readonly merge: Pick<MergeSpec, "threshold"> };
  readonly parts: Parts;
}

export interface HybridDropping {
  readonly indexUid: string;
  readonly kept: HybridKept;
  readonly semantic: DroppingList;
  readonly keyword: DroppingList;
  /** May a word be excluded? Otherwise nearness alone is asked for, of documents without a vector as well. */
  readonly mayExclude: boolean;
  /** Are the values of all fields needed? */
  readonly facets: boolean;
}

/** Of those that are counted by value; none where it cannot be told. */
export async function findHybridDropped(
  deps: GatherDeps,
  { indexUid, kept, semantic, keyword, mayExclude, facets }: HybridDropping,
  signal: AbortSignal,
): Promise<readonly Hit[]> {
  const { meaning, words } = planHybridCount(kept);
  const { field } = kept;
  const about = { indexUid, field, facets };
  const nearest = mayExclude
    ? semantic
    : { ...semantic, plan: { ...semantic.plan, query: alone(semantic.plan.query) } };
  const [near, worded] = await Promise.all([
    listDropped(deps, { ...about, ...nearest, list: "semantic", without: meaning, last: kept.semantic.at(-1) }, signal),
    listDropped(
      deps,
      { ...about, ...keyword, list: "keyword", without: words?.without ?? null, last: kept.keyword.at(-1) },
      signal,
    ),
  ]);
  const gone = new Set(worded.dropped.map(placeOf));
  const brought = new Set([...kept.keyword.map(placeOf), ...worded.listed.map(placeOf).filter((at) => !gone.has(at))]);
  const places = new Set(kept.semantic.map(placeOf));
  return [
    ...near.dropped.filter((hit) => !brought.has(placeOf(hit))),
    ...worded.dropped.filter((hit) => !places.has(placeOf(hit)) && isCounted(hit, field, words!)),
  ];
}

interface Listing extends DroppingList {
  readonly indexUid: string;
  readonly field: string;
  readonly facets: boolean;
  readonly list: HybridListRules["list"];
  /** null: the list has ended, so that nothing is counted but its hits. */
  readonly without: readonly DistinctValue[] | null;
  /** The last hit that is good enough; undefined: there is none. */
  readonly last: Hit | undefined;
}

interface Dropped {
  /** All documents without these values, as far as nodes list them. */
  readonly listed: readonly Hit[];
  readonly dropped: readonly Hit[];
}

async function listDropped(
  deps: GatherDeps,
  { indexUid, field, facets, plan, parts, list, without, last }: Listing,
  signal: AbortSignal,
): Promise<Dropped> {
  const spec = plan.merge.threshold;
  if (spec === undefined || without === null || last === undefined) return NONE;
  const strategy = hybridStrategy({ list, weight: 1 });
  const key = strategy.readKey(last, 0);
  if (key === null) return NONE;
  const filters = withoutValues(field, without);
  const body = wholeBody(plan.query, { field, limit: spec.asked, facets });
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
  if (!answers.every((answer): answer is NodeAnswer => answer !== null)) return NONE;
  const dropped = droppedHits({ answers, strategy, asked: spec.asked, threshold: spec.score, end: { key } }) ?? [];
  return { listed: answers.flatMap(({ hits }) => readHits(hits) ?? []), dropped };
}

const NONE: Dropped = { listed: [], dropped: [] };

/** By words and meaning a node shows documents with the words and without a vector as found by their words. */
function alone(query: NodeQuery): NodeQuery {
  const { attributesToSearchOn: _fields, ...base } = JSON.parse(query.base) as Readonly<Record<string, unknown>>;
  return { ...query, base: JSON.stringify({ ...base, hybrid: { ...(base["hybrid"] as object), semanticRatio: 1 } }) };
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
