/**
 * The answers of different shards become one answer, in the shape and the member order of the engine. A pure function:
 * the same code serves one shard, two hundred, and the answer of a retry.
 */
import type { DistinctSegment, DistinctTally } from "./distinct-tally.ts";
import { droppedHits } from "./dropped-hits.ts";
import { readFacetDistribution, readFacetStats, type FacetField } from "./facet-text.ts";
import type { FacetTypes, MixedField } from "./facet-types.ts";
import {
  mergeFacets,
  type FacetPart,
  type FacetSettlement,
  type MergedFacets,
  type SpellingChoice,
  type SpellingDispute,
} from "./facets.ts";
import type { Hit } from "./hit-cursor.ts";
import { mergeHits, type GarbledAnswer } from "./merge-hits.ts";
import { hitsAsked, pageWindow, stopsWhenFull, type MergeSpec } from "./merge-spec.ts";
import type { NodeAnswer } from "./node-answer.ts";
import { normalizeValue } from "./normalize-value.ts";
import { withoutOwnFacet } from "./own-facet.ts";
import { isPinned, pinnedHits } from "./pinned-hits.ts";
import { placePins } from "./place-pins.ts";
import { renderHit } from "./render-hit.ts";
import { lookTwice } from "./second-look.ts";
import { isSemantic } from "./score-details.ts";
import { strategyOf } from "./strategies.ts";
import { renderTotals } from "./totals.ts";

export interface MergeSearchInput {
  /** At least one. */
  readonly answers: readonly NodeAnswer[];
  readonly spec: MergeSpec;
  readonly requestUid: string;
  /** JSON text of the `metadata` member; null: not asked for. */
  readonly metadata: string | null;
  /** The same search without its score threshold and hits, where that was asked for as well. */
  readonly withoutThreshold: readonly NodeAnswer[] | null;
  /** What was asked on because of a distinct attribute. */
  readonly distinct?: DistinctFacts | null;
  /** Is this a hybrid search whose words do without the vectors? It counts its semantic hits, and has none. */
  readonly wordsSettle?: boolean;
  /** Which answer's spelling of a facet value is shown; the first that has it when absent. */
  readonly spelling?: SpellingChoice;
  /** What keys of facets are that may be numbers; what they seem to be when absent. */
  readonly types?: FacetTypes;
}

/** What of an answer totals and facets are made of. */
export type Counted = Pick<NodeAnswer, "total" | "facetDistribution" | "facetStats">;

export interface DistinctFacts {
  readonly segments: readonly DistinctSegment[];
  /** null: it could not be found out. */
  readonly tally: DistinctTally | null;
  /** null: it follows from the answers. */
  readonly total: number | null;
  /** Whose facets are added; null: those of the answers. */
  readonly parts: readonly DistinctPart[] | null;
  /** Documents among these that a threshold has taken out; the total is without them. */
  readonly dropped?: readonly Hit[];
  /** Documents that were counted and that the engine rejects at its second look; the total is without them, if it is known. */
  readonly rejected?: readonly Hit[];
}

/** What one node counted among the documents that meet these filters as well. */
export interface DistinctPart {
  readonly answer: number;
  readonly filters: readonly string[];
  readonly node: NodeAnswer;
  /** Did it count all of them, or each value of the distinct attribute once, or fewer? */
  readonly counted: "all" | "values" | "some";
  /** Those that it counted, with the values of all facets, where it has shown them. */
  readonly hits?: readonly Hit[];
}

export interface MergedSearch {
  readonly kind: "merged";
  /** The whole answer. */
  readonly text: string;
  readonly hits: number;
  /** How many that are not pinned were found up to the end of the page. */
  readonly taken: number;
  /** Facet values that `answers`, or the parts that were counted because of a distinct attribute, spell differently. */
  readonly disputes: readonly SpellingDispute[];
  /** Fields of the same facets of which it is not known which keys are numbers. */
  readonly mixed: readonly MixedField[];
  /** Are the facets those of the search without its threshold, so that both speak of these answers? */
  readonly ignoresThreshold: boolean;
}

export function mergeSearch(input: MergeSearchInput): MergedSearch | GarbledAnswer {
  const { answers, spec } = input;
  const window = pageWindow(spec.paging, spec.maxTotalHits);
  const facts = input.distinct ?? null;
  const pins = spec.pins === undefined ? [] : pinnedHits(answers, spec.pins);
  const twice = spec.distinct?.looksTwice === true;
  const merged = mergeHits({
    lists: answers.map(({ hits }) => hits),
    strategy: strategyOf(spec.ranking),
    // Where documents are pinned or looked at twice, the page is cut when it is known what stands in front of it.
    ...(pins.length === 0 && !twice ? window : { from: 0, to: window.to }),
    ...(spec.pins === undefined ? {} : { apart: isPinned }),
    distinct: spec.distinct?.field ?? null,
    ...(facts === null ? {} : { ask: { asked: hitsAsked(spec), ties: false, segments: facts.segments, more: false } }),
  });
  if (merged.kind === "garbage") return merged;
  const stopped = stopsWhenFull(spec) && merged.taken === window.to;
  const counted = stopped && input.withoutThreshold !== null ? input.withoutThreshold : answers;
  const dropped = counted === answers ? [] : droppedBefore(counted, spec, window.to);
  const parts: FacetPart[] = [];
  if (spec.facets !== null || spec.distinct?.counted === true) {
    for (const [answer, nodeAnswer] of counted.entries()) {
      const part = readFacetPart(nodeAnswer);
      if (part === null) return { kind: "garbage", answer };
      parts.push(part);
    }
  }
  const total = (facts?.total ?? totalOf(counted, spec, parts, merged.rejected)) - dropped.length;
  const semantic = input.wordsSettle === true || answers.some((answer) => answer.semanticHitCount !== null);
  const gone = [...dropped, ...(facts?.parts == null ? [] : (facts.dropped ?? [])), ...(facts?.rejected ?? [])];
  const settled = { ...input, gone };
  const facets = spec.facets === null ? null : combineFacets(distinctParts(facts) ?? parts, spec, settled);
  const looked = twice ? lookTwice(merged.page, spec.distinct.field).shown : merged.page;
  // Pins take their places before the page is cut.
  const found = twice && pins.length === 0 ? looked.slice(window.from) : looked;
  const organic = found.map(({ hit }) => hit);
  const whole = { page: organic, counted: { from: 0, to: organic.length } };
  const { page, counted: seen } = pins.length === 0 ? whole : placePins(organic, pins, window);
  const text = renderSearch({
    ...input,
    page,
    total,
    facets,
    semanticHitCount: semantic ? found.slice(seen.from, seen.to).filter(({ key }) => isSemantic(key)).length : null,
  });
  const { disputes = [], mixed = [] } = facets ?? {};
  return {
    kind: "merged",
    text,
    hits: page.length,
    taken: merged.taken,
    disputes,
    mixed,
    ignoresThreshold: counted !== answers,
  };
}

function droppedBefore(answers: readonly NodeAnswer[], spec: MergeSpec, to: number): readonly Hit[] {
  if (spec.threshold === undefined) return [];
  const { score: threshold, asked } = spec.threshold;
  return droppedHits({ answers, strategy: strategyOf(spec.ranking), asked, threshold, end: { accepted: to } }) ?? [];
}

export interface RenderSearchInput {
  /** The hits of the page. */
  readonly page: readonly Hit[];
  readonly total: number;
  /** null: not asked for. */
  readonly facets: Pick<MergedFacets, "distribution" | "stats"> | null;
  /** null: a search by words alone. */
  readonly semanticHitCount: number | null;
  /** At least one. */
  readonly answers: readonly NodeAnswer[];
  readonly spec: MergeSpec;
  readonly requestUid: string;
  readonly metadata: string | null;
}

/** The whole answer, its members in the engine's order. */
export function renderSearch(input: RenderSearchInput): string {
  const { answers, spec, facets } = input;
  const members = [`"hits":[${input.page.map((hit) => renderHit(hit, spec.view)).join(",")}]`];
  members.push(`"query":${answers[0]!.query}`);
  const vector = answers.find((answer) => answer.queryVector !== null);
  if (vector !== undefined) members.push(`"queryVector":${vector.queryVector}`);
  members.push(`"processingTimeMs":${answers.reduce((most, answer) => Math.max(most, answer.processingTimeMs), 0)}`);
  members.push(renderTotals(spec.paging, input.total));
  if (facets !== null) members.push(`"facetDistribution":${facets.distribution},"facetStats":${facets.stats}`);
  members.push(`"requestUid":${JSON.stringify(input.requestUid)}`);
  if (input.metadata !== null) members.push(`"metadata":${input.metadata}`);
  const slowest = answers.reduce((a, b) => (b.processingTimeMs > a.processingTimeMs ? b : a));
  if (slowest.performanceDetails !== null) members.push(`"performanceDetails":${slowest.performanceDetails}`);
  if (input.semanticHitCount !== null) members.push(`"semanticHitCount":${input.semanticHitCount}`);
  return `{${members.join(",")}}`;
}

/** null: the facets are those of the answers. */
function distinctParts(facts: DistinctFacts | null): readonly FacetPart[] | null {
  const parts = facts?.parts?.map(({ node }) => readFacetPart(node)) ?? [];
  return parts.length > 0 && parts.every((part) => part !== null) ? parts : null;
}

function totalOf(
  answers: readonly NodeAnswer[],
  spec: MergeSpec,
  parts: readonly FacetPart[],
  rejected: number,
): number {
  const sum = answers.reduce((total, answer) => total + answer.total, 0);
  if (spec.distinct?.counted === true) return sum - repeatedValues(parts, spec.distinct.field);
  return Math.max(0, sum - rejected);
}

/** How often a value was counted by a second, third, … shard. */
function repeatedValues(parts: readonly FacetPart[], field: string): number {
  const seen = new Set<string>();
  let repeated = 0;
  for (const { distribution } of parts) {
    for (const { value } of valuesOf(distribution, field)) {
      const key = normalizeValue(value);
      if (seen.has(key)) repeated += 1;
      else seen.add(key);
    }
  }
  return repeated;
}

function valuesOf(distribution: readonly FacetField[], field: string): FacetField["values"] {
  return distribution.find((facet) => facet.field === field)?.values ?? [];
}

/** null: malformed. */
export function readFacetPart(answer: Counted): FacetPart | null {
  const distribution = answer.facetDistribution === null ? [] : readFacetDistribution(answer.facetDistribution);
  const stats = answer.facetStats === null ? new Map() : readFacetStats(answer.facetStats);
  return distribution === null || stats === null ? null : { distribution, stats, candidates: answer.total };
}

/** Without the facet that only the router asked for. */
export function combineFacets(parts: readonly FacetPart[], spec: MergeSpec, settlement: FacetSettlement): MergedFacets {
  const own = spec.distinct?.ownFacet ?? null;
  const visible = own === null ? parts : parts.map((part) => withoutOwnFacet(part, own));
  return mergeFacets(visible, spec.facets!, settlement);
}
