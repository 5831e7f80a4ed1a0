/**
 * Decides a search: which nodes are asked for which shards, what they are asked, and how their answers are merged.
 * Pure: the same input gives the same plan, and a plan can be printed and compared.
 */
import type { IndexEntry } from "../catalog/index-entry.ts";
import { SEQUENCE_FIELD } from "../markers/fields.ts";
import { pinnedKeys } from "../filters/pinned-keys.ts";
import { askedRules } from "../merge/asked-rules.ts";
import type { DistinctSpec, MergeSpec, ThresholdSpec } from "../merge/merge-spec.ts";
import { hitsAsked, pageWindow, stopsWhenFull } from "../merge/merge-spec.ts";
import { ownFacet } from "../merge/own-facet.ts";
import type { PinSpec } from "../merge/pinned-hits.ts";
import { BY_DETAILS, type Ranking } from "../merge/ranking.ts";
import { SCORE_FIELD } from "../merge/render-hit.ts";
import { needsDetails } from "../merge/strategies.ts";
import { coveringSet, type Permitted } from "../routing/covering-set.ts";
import type { ShardMap } from "../routing/shard-map.ts";
import { shardOf } from "../routing/shard-of.ts";
import type { PinTable } from "../search-rules/pin-table.ts";
import { chooseMerge } from "./choose-merge.ts";
import { fingerprint } from "./fingerprint.ts";
import { indexView, type IndexView } from "./index-view.ts";
import { planRetrieval, withKey, type Retrieval } from "./plan-retrieval.ts";
import { projectFormatted } from "./project-attributes.ts";
import { sortsBeforeRelevancy } from "./vector-place.ts";
import { OWN_PARAMETERS, type SearchRequest } from "./search-request.ts";
import type { NodeQuery, SearchPlan } from "./search-plan.ts";

export interface PlanSearchInput {
  readonly request: SearchRequest;
  readonly entry: IndexEntry;
  /** Filters that the caller's credential imposes. */
  readonly forced: readonly unknown[];
  readonly map: ShardMap;
  readonly group: number;
  readonly permitted: Permitted;
  /** A filter with more primary keys than this is not narrowed. */
  readonly pinnedKeysMax: number;
  /** How the lists of the nodes are to be merged; by details when absent. */
  readonly ranking?: Ranking;
  /** What search rules may pin in this index; absent: nothing. */
  readonly pins?: PinTable | undefined;
  /** Is the merged list merged once more, with other searches? Then hits keep all that was read from them. */
  readonly forFederation?: boolean;
  /** Do hits have to tell which document they are? */
  readonly tellApart?: boolean;
  /** Of the question as the client asked it, where it is asked in several forms; they go to the same nodes then. */
  readonly fingerprint?: number;
}

/** `unsupported`: a sentence that says what cannot be done and what to do instead. */
export type PlannedSearch =
  { readonly kind: "plan"; readonly plan: SearchPlan } | { readonly kind: "unsupported"; readonly message: string };

export function planSearch(input: PlanSearchInput): PlannedSearch {
  const { request, map, group } = input;
  const view = indexView(input.entry);
  const distinctField = request.distinct ?? view.distinctAttribute;
  const found = planRetrieval(request, view, distinctField);
  if (found === null) return { kind: "unsupported", message: NESTED_DISTINCT };
  const pins = pinSpec(input);
  const retrieved = pins === undefined ? found : withKey(found, request, view, pins);
  const forFederation = input.forFederation === true;
  const ranking = chooseMerge(input.ranking ?? BY_DETAILS, request, input.entry);
  const merge = planMerge({ request, view, distinctField, retrieved, ranking, pins, forFederation });
  // Where no detail tells the place of a document in insertion order, the stored field does.
  const placeless = input.entry.tieBreak === "node" || !needsDetails(ranking);
  const tellsApart = forFederation || input.tellApart === true || placeless;
  const attributes = tellsApart ? withSequence(retrieved.attributes) : retrieved.attributes;
  const asksDetails = forFederation || needsDetails(ranking) || pins !== undefined;
  const shared = sharedBody(request, view, { attributes, merge, asksDetails });
  const print =
    input.fingerprint ?? fingerprint(JSON.stringify([input.entry.uid, shared, request.filter, input.forced]));
  // Nodes that can be asked by value are asked about documents that share one, whatever their score.
  const countsByValue = merge.distinct?.filterable === true;
  const asksWithoutThreshold = request.hasThreshold && stopsWhenFull(merge) && !countsByValue;
  const threshold = request.hasThreshold && stopsWhenFull(merge) ? planThreshold(input, merge) : null;
  const query: NodeQuery = {
    base: JSON.stringify({ ...shared, ...nodePaging(merge, hitsAsked(merge)) }),
    withoutThreshold: asksWithoutThreshold ? withoutThreshold(shared, threshold) : null,
    filter: request.filter,
    forced: input.forced,
  };
  const shards = narrow(input);
  const cover = coveringSet({
    map,
    group,
    fingerprint: print,
    permitted: input.permitted,
    ...(shards === undefined ? {} : { shards }),
  });
  const plan = { map, shards, fingerprint: print, cover, query };
  const spec = threshold === null ? merge : { ...merge, threshold };
  if (!forFederation) return { kind: "plan", plan: { ...plan, merge: spec } };
  return { kind: "plan", plan: { ...plan, merge: { ...spec, view: { ...merge.view, untouched: true } } } };
}

function pinSpec({ pins, entry }: PlanSearchInput): PinSpec | undefined {
  return pins === undefined || entry.primaryKey === null ? undefined : { table: pins, primaryKey: entry.primaryKey };
}

/** The sequence tells documents apart, whatever the client retrieves. */
function withSequence(attributes: readonly string[] | null): readonly string[] | null {
  return attributes === null ? null : [...attributes, SEQUENCE_FIELD];
}

/**
 * A filter that pins the primary key needs only the shards of those keys. Facets and attributes to search on are about
 * fields, of which some node without a hit may be the only one to know, and words are dropped by how often all shards
 * have them.
 */
function narrow({ request, entry, map, pinnedKeysMax }: PlanSearchInput): readonly number[] | undefined {
  if (request.facets.length > 0 || (request.body["attributesToSearchOn"] ?? null) !== null) return undefined;
  if (entry.primaryKey === null || request.filter === undefined) return undefined;
  if (request.body["matchingStrategy"] === "frequency") return undefined;
  const keys = pinnedKeys(request.filter, entry.primaryKey, pinnedKeysMax);
  if (keys === null) return undefined;
  const shards = new Set(keys.map((key) => shardOf(key, map.shards)));
  // A filter that nothing can meet still gets its answer, with its zeros, from some node.
  if (shards.size === 0) shards.add(0);
  return [...shards].sort((a, b) => a - b);
}

interface PlanMergeInput {
  readonly request: SearchRequest;
  readonly view: IndexView;
  readonly distinctField: string | null;
  readonly retrieved: Retrieval;
  readonly ranking: Ranking;
  readonly pins: PinSpec | undefined;
  readonly forFederation: boolean;
}

function planMerge(input: PlanMergeInput): MergeSpec {
  const { request, view, distinctField, retrieved, ranking, pins, forFederation } = input;
  const { paging } = request;
  const { cut, cutFormatted, dropFormatted = [], hiddenKey, hiddenKeyFormatted } = retrieved;
  // The score decides, but only a client that asked for it sees it.
  const hidesScore = ranking.strategy === "score" && request.body["showRankingScore"] !== true;
  const dropFields = hidesScore ? [...retrieved.dropFields, SCORE_FIELD] : retrieved.dropFields;
  let distinct: DistinctSpec | null = null;
  if (distinctField !== null) {
    const filterable = view.isFilterable(distinctField);
    const looksAtAll = request.hasThreshold && !stopsWhenFull({ paging, maxTotalHits: view.maxTotalHits });
    const estimated = request.kind === "semantic" && !looksAtAll;
    // A point is no value, and its facet is answered as two others.
    const counted = paging.mode === "page" && filterable && !estimated && distinctField !== GEO_FIELD;
    const requested = request.distinct !== null;
    distinct = {
      field: distinctField,
      requested,
      ...(requested && !forFederation ? { looksTwice: true } : {}),
      filterable,
      counted,
      ownFacet: counted ? ownFacet(distinctField, request.facets) : null,
      ...(estimated ? { estimated } : {}),
    };
  }
  return {
    paging,
    maxTotalHits: view.maxTotalHits,
    view: {
      keepDetails: request.showRankingScoreDetails,
      hasDerivedFields:
        request.showMatchesPosition || request.attributesToHighlight !== null || request.attributesToCrop !== null,
      dropFields,
      ...(cut === undefined ? {} : { cut }),
      ...(cutFormatted === undefined ? {} : { cutFormatted }),
      ...(dropFormatted.length === 0 ? {} : { dropFormatted }),
      ...(hiddenKey === undefined ? {} : { hiddenKey }),
      ...(hiddenKeyFormatted === undefined ? {} : { hiddenKeyFormatted }),
      displayed: view.displayed,
    },
    distinct,
    facets: request.facets.length === 0 ? null : askedRules(view.facetRules, request.facets),
    ranking,
    ...(pins === undefined ? {} : { pins }),
  };
}

interface SharedBodyInput {
  readonly attributes: readonly string[] | null;
  readonly merge: MergeSpec;
  readonly asksDetails: boolean;
}

/** The client's body as all nodes get it, but for paging and filter. */
function sharedBody(
  request: SearchRequest,
  view: IndexView,
  { attributes, merge, asksDetails }: SharedBodyInput,
): Record<string, unknown> {
  const { ranking } = merge;
  const body: Record<string, unknown> = { ...request.body };
  for (const name of OWN_PARAMETERS) delete body[name];
  // Allowed in a multi-search, but not in the single searches that the nodes get.
  if (body["showPerformanceDetails"] === null) delete body["showPerformanceDetails"];
  if (attributes !== null) body["attributesToRetrieve"] = attributes;
  if (view.displayed !== null) {
    const { attributesToHighlight, attributesToCrop } = request;
    if (attributesToHighlight !== null) {
      body["attributesToHighlight"] = projectFormatted(attributesToHighlight, view.displayed);
    }
    if (attributesToCrop !== null) body["attributesToCrop"] = projectFormatted(attributesToCrop, view.displayed);
  }
  if (view.hidesVectors) delete body["retrieveVectors"];
  const own = merge.distinct?.ownFacet ?? null;
  if (own !== null) body["facets"] = [...request.facets, own.field];
  if (asksDetails) body["showRankingScoreDetails"] = true;
  if (ranking?.strategy === "score") body["showRankingScore"] = true;
  return body;
}

/** From the start of the list, as many as could be on the page if one shard had them all. */
function nodePaging({ paging }: MergeSpec, count: number): Record<string, number> {
  return paging.mode === "offset" ? { offset: 0, limit: count } : { page: 1, hitsPerPage: count };
}

/** null: documents stand in the order of their scores, so that none is taken out before the page is full. */
function planThreshold({ request, entry }: PlanSearchInput, merge: MergeSpec): ThresholdSpec | null {
  const score = request.body["rankingScoreThreshold"];
  if (typeof score !== "number" || !sortsBeforeRelevancy(entry, request.body["sort"])) return null;
  const { to } = pageWindow(merge.paging, merge.maxTotalHits);
  return { score, asked: Math.min(2 * to + LOOKED_AT_MIN, merge.maxTotalHits) };
}

/**
 * For a full page the engine's estimate and facets ignore the threshold, so they are asked for without one, and where
 * it has taken out documents before, with the hits that tell.
 */
function withoutThreshold(shared: Readonly<Record<string, unknown>>, threshold: ThresholdSpec | null): string {
  const { rankingScoreThreshold: _threshold, ...rest } = shared;
  if (threshold === null) return JSON.stringify({ ...rest, offset: 0, limit: 0 });
  const kept = Object.fromEntries(Object.entries(rest).filter(([name]) => !DECORATION.has(name)));
  // The values of facets that are taken off stand in the documents.
  const retrieved = rest["facets"] === undefined ? { attributesToRetrieve: [SEQUENCE_FIELD] } : {};
  const shown = { showRankingScore: true, showRankingScoreDetails: true };
  return JSON.stringify({ ...kept, ...retrieved, ...shown, offset: 0, limit: threshold.asked });
}

/** What only decides how a hit looks. */
const DECORATION: ReadonlySet<string> = new Set([
  "attributesToRetrieve",
  "attributesToHighlight",
  "attributesToCrop",
  "showMatchesPosition",
  "retrieveVectors",
]);
/** As far as can be paged unless settings say otherwise: documents that are not good enough may stand in front of all others. */
const LOOKED_AT_MIN = 1000;
const GEO_FIELD = "_geo";
const NESTED_DISTINCT =
  "`distinct` on a nested attribute is not in this version of Miroir when `attributesToRetrieve` names only parts of it. Retrieve the distinct attribute as well.";
