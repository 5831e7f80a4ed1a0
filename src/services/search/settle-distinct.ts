/**
 * What a search with a distinct attribute needs beyond the nodes' first answers: more hits where a node has passed
 * over documents for the sake of one that another node's made redundant, and the engine's totals and facets. Whatever
 * cannot be had leaves the answer as it would be without: with totals that are estimates.
 */
import { SEQUENCE_FIELD } from "../../core/markers/fields.ts";
import { noDistinct, withoutValues } from "../../core/merge/distinct-counts.ts";
import type { DistinctOpening, DistinctSegment, DistinctTally } from "../../core/merge/distinct-tally.ts";
import { readHits, type Hit } from "../../core/merge/hit-cursor.ts";
import { mergeHits, type DistinctAsk, type MergedHit } from "../../core/merge/merge-hits.ts";
import type { DistinctFacts } from "../../core/merge/merge-search.ts";
import { pinsUncounted } from "../../core/merge/distinct-pins.ts";
import { isPinned, pinnedHits } from "../../core/merge/pinned-hits.ts";
import { countsTies, countsValues, hitsAsked, pageWindow, type DistinctSpec } from "../../core/merge/merge-spec.ts";
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import { droppedHits } from "../../core/merge/dropped-hits.ts";
import type { RankKey } from "../../core/merge/score-details.ts";
import { strategyOf } from "../../core/merge/strategies.ts";
import { quoteValue } from "../../core/filters/quote-value.ts";
import { countedByNodes, lookTwice } from "../../core/merge/second-look.ts";
import { countDistinct } from "./count-distinct.ts";
import { ask, baseOf, type Body, type DistinctSearch } from "./ask-distinct.ts";
import type { GatherDeps } from "./gather-parts.ts";
import { fewestHits } from "./deciding-words.ts";
import { undecorated } from "./undecorated.ts";
import { withAllFields } from "./with-all-fields.ts";
import { askWhole, hidesBlankTexts, type WholeLists } from "./whole-lists.ts";

/** null: there is nothing to add to the answers, or one of them is garbage, which the merge itself will find. */
export async function settleDistinct(
  deps: GatherDeps,
  search: DistinctSearch,
  signal: AbortSignal,
): Promise<DistinctFacts | null> {
  const { distinct, paging, maxTotalHits, facets } = search.plan.merge;
  const depth = pageWindow(paging, maxTotalHits).to;
  if (distinct === null) return null;
  // Without hits nothing is taken away, but in page mode every value is counted once all the same, unless nothing is looked at.
  const countsAll = countsValues(search.plan.merge) && facets !== null && fewestHits(baseOf(search.plan)) === 0;
  if (depth === 0 && !countsAll) return null;
  const blank = distinct.filterable && hidesBlankTexts(search.answers, distinct);
  const whole = blank ? await askWhole(deps, search, signal) : null;
  const segments: DistinctSegment[] = whole === null ? [] : [fromTheBeginning(whole)];
  const first = segments.length;
  for (;;) {
    const more = distinct.filterable && segments.length < first + SEGMENTS_MAX;
    const merged = mergeSegments(search, { segments, more, ties: countsTies(search.plan.merge) });
    if (merged === null) return null;
    const { tally, last } = merged;
    if (tally.open === null) {
      const { merge } = search.plan;
      const answers = search.answers.map(({ answer }) => answer);
      const pins = merge.pins === undefined ? [] : pinnedHits(answers, merge.pins);
      const unlisted = !tally.full && pins.length === 0 && (segments.length > first || answers.some(countsUnlisted));
      const counting = { tally, distinct, depth, facets: facets !== null, unlisted, blank, whole };
      const counts = await countDistinct(deps, search, counting, signal);
      const dropped =
        tally.full && last !== null ? await findDropped(deps, search, { tally, last, distinct }, signal) : [];
      const found = rejectedOf(search, merged, counts);
      const rejected = facets === null ? found : await withAllFields(deps, search, found, signal);
      const added = pinsUncounted({ pins, spec: merge, tally }) - dropped.length - rejected.length;
      const total = counts.total ?? (whole === null ? null : answers.reduce((sum, one) => sum + one.total, 0));
      return { segments, tally, ...counts, total: total === null ? null : total + added, dropped, rejected };
    }
    const segment = await goOn(deps, search, { tally, open: tally.open, distinct, depth, blank }, signal);
    if (segment === null) return { segments, tally: null, total: null, parts: null };
    segments.push(segment);
  }
}

/** Lists that take the place of the first ones. */
function fromTheBeginning({ lists, asked }: WholeLists): DistinctSegment {
  return { used: lists.map(() => 0), lists, asked, whole: true };
}

/** What was counted of the hits that the engine rejects at its second look. */
function rejectedOf(
  { plan }: DistinctSearch,
  { tally, page }: MergedSegments,
  { total, parts }: Pick<DistinctFacts, "total" | "parts">,
): readonly Hit[] {
  const { distinct, facets } = plan.merge;
  if (distinct?.looksTwice !== true) return [];
  // Of what was kept of a list that has ended, nodes have looked twice themselves.
  const byNodes = !tally.full && (parts !== null || (facets !== null && total === null));
  const found = byNodes ? countedByNodes(page, distinct.field) : lookTwice(page, distinct.field).rejected;
  return found.map(({ hit }) => hit);
}

/**
 * The documents behind the page that a search has kept because they tie with its last hit. null: a node did not answer, or
 * with garbage. `also`: what they have to tell besides the attribute and their place.
 */
export async function tiedBehind(
  deps: GatherDeps,
  search: DistinctSearch,
  signal: AbortSignal,
  also: readonly string[] = [],
): Promise<readonly Hit[] | null> {
  const { paging, maxTotalHits } = search.plan.merge;
  const distinct = search.plan.merge.distinct!;
  const depth = pageWindow(paging, maxTotalHits).to;
  const segments: DistinctSegment[] = [];
  for (;;) {
    const merged = mergeSegments(search, { segments, more: segments.length < SEGMENTS_MAX, ties: true });
    if (merged === null) return null;
    const { tally, behind } = merged;
    if (tally.open === null) return behind;
    const segment = await goOn(deps, search, { tally, open: tally.open, distinct, depth, also }, signal);
    if (segment === null) return null;
    segments.push(segment);
  }
}

interface MergedSegments {
  readonly tally: DistinctTally;
  readonly behind: readonly Hit[];
  /** The hits up to the end of the page. */
  readonly page: readonly MergedHit<RankKey>[];
  /** Of the last hit up to the end of the page, whichever of them it shows; null: there is none. */
  readonly last: RankKey | null;
}

function mergeSegments({ answers, plan }: DistinctSearch, segments: Omit<DistinctAsk, "asked">): MergedSegments | null {
  const merged = mergeHits({
    lists: answers.map(({ answer }) => answer.hits),
    strategy: strategyOf(plan.merge.ranking),
    from: 0,
    to: pageWindow(plan.merge.paging, plan.merge.maxTotalHits).to,
    distinct: plan.merge.distinct!.field,
    ...(plan.merge.pins === undefined ? {} : { apart: isPinned }),
    ask: { asked: hitsAsked(plan.merge), ...segments },
  });
  if (merged.kind === "garbage" || merged.tally === null) return null;
  const { tally, behind, page } = merged;
  return { tally, behind, page, last: page.at(-1)?.key ?? null };
}

interface Dropping {
  readonly tally: DistinctTally;
  readonly last: RankKey;
  readonly distinct: DistinctSpec;
}

/** The documents that share no value with one that was kept, and that a threshold has taken out in front of the page's end. */
async function findDropped(
  deps: GatherDeps,
  search: DistinctSearch,
  { tally, last, distinct }: Dropping,
  signal: AbortSignal,
): Promise<readonly Hit[]> {
  const { threshold: spec, ranking, paging, facets } = search.plan.merge;
  if (spec === undefined || !distinct.filterable || paging.mode === "page") return [];
  const whole = undecorated(baseOf(search.plan));
  const { rankingScoreThreshold: _threshold, facets: _facets, attributesToRetrieve: _shown, ...base } = whole;
  // The values of facets that are taken off stand in the documents.
  const retrieved = facets === null ? { attributesToRetrieve: [] } : {};
  const shown = { ...retrieved, showRankingScore: true, showRankingScoreDetails: true };
  const body = { ...base, ...shown, distinct: noDistinct(distinct.field), offset: 0, limit: spec.asked };
  const kept = tally.shares.flatMap(({ values }) => values);
  const filters = withoutValues(distinct.field, kept);
  const questions = search.answers.map((_, answer) => ({ answer, filters, body }));
  const answers = await ask(deps, search, questions, signal);
  if (answers === null) return [];
  const strategy = strategyOf(ranking);
  const { asked, score: threshold } = spec;
  return droppedHits({ answers, strategy, asked, threshold, end: { key: last } }) ?? [];
}

interface GoingOn {
  readonly tally: DistinctTally;
  readonly open: DistinctOpening;
  readonly distinct: DistinctSpec;
  readonly depth: number;
  readonly blank?: boolean;
  readonly also?: readonly string[];
}

/** null: a node did not answer. */
async function goOn(
  deps: GatherDeps,
  search: DistinctSearch,
  { tally, open, distinct, depth, blank = false, also = [] }: GoingOn,
  signal: AbortSignal,
): Promise<DistinctSegment | null> {
  const { field } = distinct;
  const kept = tally.shares.flatMap(({ values }) => values);
  const wanted = tally.full ? Math.max(TIES_MAX, depth) : WHOLE_FACTOR * depth + WHOLE_MIN;
  const asked = Math.min(wanted, search.plan.merge.maxTotalHits);
  // Behind the page only values count, so documents without one need not be seen.
  const filters = [...withoutValues(field, kept), ...(tally.full ? [`${quoteValue(field)} EXISTS`] : [])];
  const base = { ...baseOf(search.plan), offset: 0, limit: asked };
  const plain = tally.full ? { ...undecorated(base), attributesToRetrieve: [field, SEQUENCE_FIELD, ...also] } : base;
  const askWith = (body: Body): Promise<readonly NodeAnswer[] | null> => {
    const questions = open.answers.map((answer) => ({ answer, filters, body }));
    return ask(deps, search, questions, signal);
  };
  // Documents with several values, or with blank texts, would hide others again and again: the nodes leave telling them apart to the merge.
  const apart = tally.several || blank ? await askWith({ ...plain, distinct: noDistinct(field) }) : null;
  const answers = apart ?? (await askWith(plain));
  if (answers === null) return null;
  const lists = search.answers.map((_, answer) => {
    const at = open.answers.indexOf(answer);
    return at === -1 ? null : answers[at]!.hits;
  });
  return { used: open.used, lists, asked, whole: apart !== null };
}

/** Of a list that has ended: does it lack documents that the node counts? */
function countsUnlisted({ hits, total }: NodeAnswer): boolean {
  return total > (readHits(hits)?.length ?? total);
}

/** Each costs one more round trip; the attributes that need several are rare, those that need more are given up. */
const SEGMENTS_MAX = 8;
/** Of documents with several values more are asked for at once, as many of them will be passed over. */
const WHOLE_FACTOR = 4;
const WHOLE_MIN = 100;
/** How many documents behind the page are looked at for ties with its last hit, per node and round. */
const TIES_MAX = 1000;
