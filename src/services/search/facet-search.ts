/**
 * The story of one facet search: the nodes that cover all shards are asked for the values they have, and their counts
 * are added. How a value is spelled depends on documents that the search may leave out, so the nodes are asked for that
 * as well where it leaves any out.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { ApiError } from "../../core/errors/api-error.ts";
import type { SpellingChoice } from "../../core/merge/facets.ts";
import { createHitCursor } from "../../core/merge/hit-cursor.ts";
import { mergeFacetHits, readFacetHits, type NodeFacetHits } from "../../core/merge/merge-facet-search.ts";
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import {
  askedFacetName,
  isNarrowed,
  readFacetSearchRequest,
  type FacetSearchRequest,
} from "../../core/search/facet-search-request.ts";
import { droppingOrder } from "../../core/search/frequency-order.ts";
import { frequencyLevels } from "../../core/search/frequency-plan.ts";
import { indexView } from "../../core/search/index-view.ts";
import { planSearch, type PlanSearchInput } from "../../core/search/plan-search.ts";
import { nodeBody, type NodeQuery, type SearchPlan } from "../../core/search/search-plan.ts";
import { readDegraded } from "../../telemetry/events/search.ts";
import { chooseReaders } from "./choose-readers.ts";
import { needsVector, requireVector } from "./embed-query.ts";
import { askFrequencies } from "./frequency-search.ts";
import { abortion, emptyGathering, gatherParts, type Gathered, type GatherTask } from "./gather-parts.ts";
import { gatherQuestion, requireAnswers, searchTask } from "./gather-search.ts";
import { exactFilters } from "./known-fields.ts";
import { INDEX_UID } from "./index-uid.ts";
import { judgeByNode, judgeNetwork, refuseUnsupported, type Judgement } from "./judge-by-node.ts";
import type { SearchDeps } from "./search.ts";
import { settleSpellings } from "./settle-spellings.ts";

export interface FacetSearchInput {
  readonly indexUid: string;
  /** The client's JSON body. */
  readonly parameters: unknown;
  /** The request as the client sent it, for the nodes to judge. */
  readonly judgement: Judgement;
  readonly forcedFilter: unknown;
}

export interface FacetSearchResult {
  /** The whole answer. */
  readonly text: string;
  /** Shards that nobody answered for, ascending; empty: complete. */
  readonly missingShards: readonly number[];
  readonly settingsVersion: number;
  readonly nodesAsked: number;
}

export async function facetSearch(
  deps: SearchDeps,
  input: FacetSearchInput,
  signal: AbortSignal,
): Promise<FacetSearchResult> {
  const read = readFacetSearchRequest(input.parameters);
  if (read.kind === "judge") return judgeByNode(deps.relay, input.judgement, read.parameter, signal);
  if (!INDEX_UID.test(input.indexUid)) return judgeByNode(deps.relay, input.judgement, "indexUid", signal);
  await judgeNetwork(deps.relay, input.judgement, input.parameters, signal);
  const { request } = read;
  const asked = askedFacetName(request.facetName);
  if (asked === request.facetName) return findValues(deps, request, input, signal);
  const body = JSON.stringify({ ...(input.parameters as object), facetName: asked });
  try {
    const renamed = { ...request, facetName: asked };
    return await findValues(deps, renamed, { ...input, judgement: { ...input.judgement, body } }, signal);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const message = error.body.message.replaceAll(asked, request.facetName);
    throw new ApiError(error.status, { ...error.body, message }, { cause: error });
  }
}

interface Work {
  readonly deps: SearchDeps;
  readonly request: FacetSearchRequest;
  readonly entry: IndexEntry;
  readonly plan: SearchPlan;
  readonly judgement: Judgement;
  readonly signal: AbortSignal;
}

async function findValues(
  given: SearchDeps,
  asked: FacetSearchRequest,
  input: FacetSearchInput,
  signal: AbortSignal,
): Promise<FacetSearchResult> {
  const entry = given.catalog.visible(input.indexUid);
  const map = given.fleet.shardMap(entry.shards);
  const { deps, group, permitted } = chooseReaders(given, entry, map);
  const { forcedFilter } = input;
  const filters = [asked.search.filter, ...(forcedFilter === undefined ? [] : [forcedFilter])];
  const [filter, ...forced] = await exactFilters(deps.knownFields, entry, filters, signal);
  const wordless = { ...asked.search, filter };
  const search = needsVector(wordless) ? await requireVector(deps.relay, entry.uid, wordless, signal) : wordless;
  const request = { ...asked, search };
  const planning = planInput(deps, request, { entry, forced, map, group, permitted });
  const planned = planSearch(planning);
  const { judgement } = input;
  if (planned.kind === "unsupported") {
    return refuseUnsupported(deps.relay, judgement, planned.message, signal, indexView(entry).displayed);
  }
  const work: Work = { deps, request, entry, plan: planned.plan, judgement, signal };
  const [counted, spelled] = await Promise.all([
    gatherCounts(work),
    isNarrowed(request, planning.forced) ? gatherSpellings(work, planning) : null,
  ]);
  if (signal.aborted) throw abortion(signal);
  requireAnswers(deps, counted, entry);
  return mergeCounts(work, counted, spelled);
}

function planInput(
  deps: SearchDeps,
  { search }: FacetSearchRequest,
  about: Pick<PlanSearchInput, "entry" | "forced" | "map" | "group" | "permitted">,
): PlanSearchInput {
  return { request: search, ...about, pinnedKeysMax: deps.policy.pinnedKeysMax };
}

async function gatherCounts(work: Work): Promise<Gathered<NodeFacetHits>> {
  const { deps, plan, entry, judgement, signal } = work;
  const { filter, forced } = plan.query;
  const query: NodeQuery = { base: await questionOf(work), withoutThreshold: null, filter, forced };
  const task = facetTask(work, (shards) => nodeBody(query, shards));
  const { displayed } = indexView(entry);
  return gatherQuestion(deps, { task, query, cover: plan.cover, judgement, displayed }, signal);
}

/** Which documents count does not depend on how many a single shard has, or on its own frequencies of words. */
async function questionOf(work: Work): Promise<string> {
  const { request, entry, plan, deps, signal } = work;
  const { facetName, facetQuery, exhaustive, search } = request;
  const { filter: _filter, ...parameters } = search.body;
  const body: Record<string, unknown> = { ...parameters, facetName };
  if (facetQuery !== null) body["facetQuery"] = facetQuery;
  if (exhaustive) body["exhaustiveFacetCount"] = true;
  if (search.hasThreshold && search.kind === "keyword" && !exhaustive && (await fillsPage(work))) {
    delete body["rankingScoreThreshold"];
  }
  const frequencies = await askFrequencies(deps, { plan, entry, request: search }, signal);
  if (frequencies === null) return JSON.stringify(body);
  const { query, total } = frequencies;
  const widest = frequencyLevels(query, droppingOrder(total), total)?.levels.at(-1);
  return JSON.stringify(widest === undefined ? body : { ...body, q: widest.q, matchingStrategy: "all" });
}

/** The engine stops at the end of the search's first page, and then counts what it has not looked at as well. */
async function fillsPage({ deps, request, entry, plan, signal }: Work): Promise<boolean> {
  const { filter: _filter, ...parameters } = request.search.body;
  const wanted = Math.min(PAGE, plan.merge.maxTotalHits);
  const base = JSON.stringify({ ...parameters, limit: wanted, attributesToRetrieve: [] });
  const gathered = emptyGathering<NodeAnswer>();
  await gatherParts(deps, searchTask(deps, plan, entry, base), gathered, plan.cover.parts, signal);
  return gathered.answers.reduce((sum, { answer }) => sum + countHits(answer), 0) >= wanted;
}

function countHits({ hits }: NodeAnswer): number {
  const cursor = createHitCursor(hits);
  let count = 0;
  for (let hit = cursor.next(); hit !== null && hit !== "garbage"; hit = cursor.next()) count += 1;
  return count;
}

/**
 * All values that begin with the text, whatever the search. Of no more than interest: without them the spelling is that
 * of a document that the search has found.
 */
async function gatherSpellings(work: Work, planning: PlanSearchInput): Promise<Gathered<NodeFacetHits>> {
  const { deps, request, plan, signal } = work;
  const { filter: _filter, ...search } = request.search;
  const everything = planSearch({ ...planning, request: { ...search, filter: undefined }, forced: [] });
  const gathered = emptyGathering<NodeFacetHits>();
  const { facetName, facetQuery } = request;
  const body = JSON.stringify({ facetName, ...(facetQuery === null ? {} : { facetQuery }) });
  const { cover } = everything.kind === "plan" ? everything.plan : plan;
  await gatherParts(
    deps,
    facetTask(work, () => body),
    gathered,
    cover.parts,
    signal,
  );
  return gathered;
}

function facetTask(
  { deps, entry, plan }: Work,
  body: (part: Parameters<GatherTask<NodeFacetHits>["request"]>[0]) => string,
): GatherTask<NodeFacetHits> {
  return {
    indexUid: entry.uid,
    operation: "facet_search",
    map: plan.map,
    group: plan.cover.group,
    fingerprint: plan.fingerprint,
    request: (part) => ({
      method: "POST",
      path: `/indexes/${entry.uid}/facet-search`,
      body: body(part),
      operation: "facet_search",
      timeoutMs: deps.policy.nodeTimeoutMs,
      repeat: "safe",
    }),
    read: readFacetHits,
  };
}

async function mergeCounts(
  { deps, request, entry, signal }: Work,
  counted: Gathered<NodeFacetHits>,
  spelled: Gathered<NodeFacetHits> | null,
): Promise<FacetSearchResult> {
  const { facetName: field, facetQuery } = request;
  const { facetRules } = indexView(entry);
  const parts = [...counted.answers, ...(spelled?.answers ?? [])];
  const merge = (choose?: SpellingChoice): ReturnType<typeof mergeFacetHits> =>
    mergeFacetHits({
      lists: counted.answers.map(({ answer }) => answer.hits),
      order: facetRules.orderOf(field),
      searched: facetQuery !== null,
      valuesMax: facetRules.valuesMax,
      spelled: parts.map(({ answer }) => answer.hits),
      field,
      ...(choose === undefined ? {} : { choose }),
    });
  let merged = merge();
  if (merged.disputes.length > 0) {
    const query: NodeQuery = { base: "{}", withoutThreshold: null, filter: undefined, forced: [] };
    const { disputes } = merged;
    const disputed = { indexUid: entry.uid, query, answers: parts, disputes, tieBreak: entry.tieBreak };
    merged = merge(await settleSpellings(deps, disputed, signal));
    if (signal.aborted) throw abortion(signal);
  }
  const missingShards = counted.missing;
  if (missingShards.length > 0) {
    deps.emit(readDegraded, { operation: "facet_search", indexUid: entry.uid, shards: missingShards });
  }
  const processingTimeMs = Math.max(0, ...counted.answers.map(({ answer }) => answer.timeMs));
  return {
    text: JSON.stringify({ facetHits: merged.hits, facetQuery, processingTimeMs }),
    missingShards,
    settingsVersion: entry.settingsVersion,
    nodesAsked: counted.answers.length + counted.failed.size,
  };
}

/** How many hits a search has that says nothing about it. */
const PAGE = 20;
