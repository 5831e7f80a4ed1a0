/**
 * The story of documents like a given one: its owner tells the document's vectors, every shard is asked for what is near
 * them, and the nearest of all are the answer. What is wrong with a request, the owner says, as it alone knows the
 * document.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { apiError, errorBody, nodeError } from "../../core/errors/api-error.ts";
import { isDocumentKey } from "../../core/documents/document-key.ts";
import { createHitCursor } from "../../core/merge/hit-cursor.ts";
import { isPinned } from "../../core/merge/pinned-hits.ts";
import type { PinTable } from "../../core/search-rules/pin-table.ts";
import { mergeSimilar, readSimilarAnswers } from "../../core/merge/merge-similar.ts";
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import { cleanNodeError } from "../../core/search/clean-node-error.ts";
import type { Permitted } from "../../core/routing/covering-set.ts";
import { fingerprint } from "../../core/search/fingerprint.ts";
import { indexView } from "../../core/search/index-view.ts";
import { planSimilar, type SimilarPlan } from "../../core/search/plan-similar.ts";
import { readSimilarRequest, type SimilarRequest } from "../../core/search/similar-request.ts";
import type { NodeRefused } from "../../nodes/node-outcome.ts";
import { scatter } from "../../scatter/scatter.ts";
import { readDegraded } from "../../telemetry/events/search.ts";
import {
  abortion,
  countRefusalsAsMissing,
  emptyGathering,
  gatherParts,
  type Gathered,
  type GatherTask,
  type PartRefusal,
} from "./gather-parts.ts";
import { requireAnswers } from "./gather-search.ts";
import { INDEX_UID } from "./index-uid.ts";
import { judgeByNode, throwRefusal, type Judgement } from "./judge-by-node.ts";
import { exactFilters } from "./known-fields.ts";
import { chooseReaders } from "./choose-readers.ts";
import type { SearchDeps } from "./search.ts";
import { isAboutFilter } from "./settle-refusals.ts";
import { askOwner, fetchVectors, passesFilter, type OwnedDocument, type Owner } from "./similar-document.ts";

export interface SimilarInput {
  readonly indexUid: string;
  /** The client's parameters: the JSON body, or what the query string says; undefined: unreadable. */
  readonly parameters: unknown;
  /** The body as text; null for a query string. */
  readonly text: string | null;
  /** The request as the client sent it, for the nodes to judge. */
  readonly judgement: Judgement;
  readonly forcedFilter: unknown;
}

export interface SimilarResult {
  /** The whole answer. */
  readonly text: string;
  /** Shards that nobody answered for, ascending; empty: complete. */
  readonly missingShards: readonly number[];
  readonly settingsVersion: number;
  readonly nodesAsked: number;
}

export async function similar(given: SearchDeps, input: SimilarInput, signal: AbortSignal): Promise<SimilarResult> {
  const read = readSimilarRequest(input.parameters, input.text);
  if (read.kind === "judge") return judgeByNode(given.relay, input.judgement, read.parameter, signal);
  if (!INDEX_UID.test(input.indexUid)) return judgeByNode(given.relay, input.judgement, "indexUid", signal);
  const entry = given.catalog.visible(input.indexUid);
  const { request } = read;
  if (!isDocumentKey(request.id)) return judgeByNode(given.relay, input.judgement, "id", signal);
  // The engine looks at the embedder before anything else.
  if (!knowsEmbedder(entry, request)) await throwRefusal(given.relay, input.judgement, signal);
  const map = given.fleet.shardMap(entry.shards);
  const { deps, group, permitted } = chooseReaders(given, entry, map);
  const owner: Owner = { entry, map, group, id: request.id };
  const { forcedFilter } = input;
  const filters = [request.filter, ...(forcedFilter === undefined ? [] : [forcedFilter])];
  const [filter, ...forced] = await exactFilters(deps.knownFields, entry, filters, signal);
  const { judgement } = input;
  const asked = { request: { ...request, filter }, ownFilter: request.filter };
  const work: Work = { deps, permitted, ...asked, owner, forced, judgement, signal };
  const [document, ownCounted] = await Promise.all([
    fetchVectors(deps, owner, { embedder: request.embedder, forced }, signal),
    passesFilter(deps, owner, { filter, forced }, signal),
  ]);
  if (signal.aborted) throw abortion(signal);
  if (document === "refused") return throwAsSimilar(work, null);
  if (document === null) return throwNotFound(work);
  return findNeighbours(work, document, ownCounted);
}

interface Work {
  readonly deps: SearchDeps;
  readonly permitted: Permitted;
  readonly request: SimilarRequest;
  /** As the client wrote it. */
  readonly ownFilter: unknown;
  readonly owner: Owner;
  readonly forced: readonly unknown[];
  readonly judgement: Judgement;
  readonly signal: AbortSignal;
}

function knowsEmbedder({ settings }: IndexEntry, { embedder }: SimilarRequest): boolean {
  const { embedders } = settings;
  return typeof embedders === "object" && embedders !== null && Object.hasOwn(embedders, embedder);
}

async function findNeighbours(work: Work, document: OwnedDocument, ownCounted: boolean): Promise<SimilarResult> {
  const { deps, request, owner, forced, signal } = work;
  const { entry, map, group } = owner;
  const { embedder, filter } = request;
  const pins = deps.pinsOf?.(entry.uid);
  const plan = planSimilar({
    ...(pins === undefined ? {} : { pins }),
    request,
    vectors: document.vectors,
    entry,
    forced,
    map,
    group,
    permitted: work.permitted,
    pinnedKeysMax: deps.policy.pinnedKeysMax,
    fingerprint: fingerprint(JSON.stringify([entry.uid, owner.id, embedder, filter, forced])),
  });
  if (typeof plan === "string") {
    await throwAtOwner(work);
    throw apiError("miroir_not_supported", plan);
  }
  const gathered = await gatherNeighbours(work, plan);
  const { offset, limit, rankingScoreThreshold: threshold, showRankingScoreDetails: showDetails } = request;
  for (;;) {
    requireAnswers(deps, gathered, entry);
    const answers = gathered.answers.map(({ answer }) => answer);
    if (pins !== undefined && answers.some((lists) => showPins(lists, pins))) {
      throw apiError("miroir_not_supported", PINNED);
    }
    const merged = mergeSimilar({
      answers,
      id: owner.id,
      own: document.place,
      ownCounted,
      offset,
      limit,
      threshold,
      maxTotalHits: indexView(entry).maxTotalHits,
      view: plan.search.merge.view,
      showDetails,
    });
    if (merged.kind === "merged") {
      const missingShards = gathered.missing;
      if (missingShards.length > 0) {
        deps.emit(readDegraded, { operation: "similar", indexUid: entry.uid, shards: missingShards });
      }
      const nodesAsked = gathered.answers.length + gathered.failed.size;
      return { text: merged.text, missingShards, settingsVersion: entry.settingsVersion, nodesAsked };
    }
    // Every turn leaves out one more node, so this ends.
    const [garbled] = gathered.answers.splice(merged.answer, 1);
    gathered.failed.add(garbled!.nodeId);
    gathered.missing.push(...garbled!.shards);
    await gatherParts(deps, taskOf(work, plan), gathered, [], signal);
    countRefusalsAsMissing(gathered);
  }
}

async function gatherNeighbours(work: Work, plan: SimilarPlan): Promise<Gathered<readonly NodeAnswer[]>> {
  const { deps, signal } = work;
  const { cover } = plan.search;
  const gathered = emptyGathering<readonly NodeAnswer[]>();
  gathered.missing = [...cover.uncovered];
  await gatherParts(deps, taskOf(work, plan), gathered, cover.parts, signal);
  const { refusals } = gathered;
  const faulty = refusals.find((refusal) => gathered.answers.length === 0 || isAboutFilter(refusal, gathered));
  if (faulty !== undefined) await throwAsSimilar(work, faulty);
  countRefusalsAsMissing(gathered);
  if (refusals.length > 0) await gatherParts(deps, taskOf(work, plan), gathered, [], signal);
  countRefusalsAsMissing(gathered);
  return gathered;
}

function taskOf({ deps, owner }: Work, { search, queries, body }: SimilarPlan): GatherTask<readonly NodeAnswer[]> {
  return {
    indexUid: owner.entry.uid,
    operation: "similar",
    map: search.map,
    group: search.cover.group,
    fingerprint: search.fingerprint,
    request: (part) => ({
      method: "POST",
      path: "/multi-search",
      body: body(part),
      operation: "similar",
      timeoutMs: deps.policy.nodeTimeoutMs,
      repeat: "safe",
    }),
    read: (text) => readSimilarAnswers(text, queries),
  };
}

/** The owner's refusal of the client's own request; returns if it has no objection. */
async function throwAtOwner({ deps, owner, judgement, signal }: Work): Promise<void> {
  const { displayed } = indexView(owner.entry);
  const timeoutMs = deps.policy.nodeTimeoutMs;
  const request = { ...judgement, operation: "judge", timeoutMs, repeat: "safe" } as const;
  const { refusals } = await askOwner(deps, owner, request, signal);
  const [refusal] = refusals;
  if (refusal === undefined) return;
  throw nodeError(refusal.refused.status, cleanNodeError(refusal.refused.error, displayed));
}

/** What a node says of the searches it was asked for, said of the client's request. null: of the caller's filter. */
async function throwAsSimilar(work: Work, faulty: PartRefusal | null): Promise<never> {
  await throwAtOwner(work);
  if (faulty === null) throw apiError("invalid_similar_filter", "The filter of the credential is faulty.");
  const { displayed } = indexView(work.owner.entry);
  const refused = await refusedAlone(work, faulty);
  const error = cleanNodeError(refused.error, displayed);
  const message = error.message.replace(OF_SEVERAL, "");
  const isFilter = error.code === FILTER_FAULT;
  throw nodeError(refused.status, isFilter ? errorBody("invalid_similar_filter", message) : { ...error, message });
}

/** A message about a filter points into it: for a list of documents a node repeats it as the client wrote it. */
async function refusedAlone(
  { deps, owner, ownFilter, forced, signal }: Work,
  { part, refused }: PartRefusal,
): Promise<NodeRefused> {
  if (refused.error.code !== FILTER_FAULT || forced.length > 0) return refused;
  const request = {
    method: "POST",
    path: `/indexes/${owner.entry.uid}/documents/fetch`,
    body: JSON.stringify({ filter: ownFilter, limit: 0 }),
    operation: "judge",
    timeoutMs: deps.policy.nodeTimeoutMs,
    repeat: "safe",
  } as const;
  const [alone] = await scatter([{ client: deps.fleet.client(part.nodeId), request }], signal);
  if (alone?.kind !== "refused" || alone.error.code !== "invalid_document_filter") return refused;
  return { ...alone, error: { ...alone.error, code: FILTER_FAULT } };
}

const FILTER_FAULT = "invalid_search_filter";

/** A filter that cannot be read is told first. */
async function throwNotFound({ deps, owner, judgement, signal }: Work): Promise<never> {
  await throwRefusal(deps.relay, judgement, signal);
  throw apiError("not_found_similar_id", `Document \`${owner.id}\` not found.`);
}

/** A pinned document does not tell how near it is; the engine's own route knows of no rules. */
function showPins(lists: readonly NodeAnswer[], table: PinTable): boolean {
  return lists.some(({ hits }) => {
    const cursor = createHitCursor(hits);
    for (let read = 0; read < table.most; read += 1) {
      const hit = cursor.next();
      if (hit === null || hit === "garbage") return false;
      if (isPinned(hit)) return true;
    }
    return false;
  });
}

/** Where an error of one search stands among those of several. */
const OF_SEVERAL = /^(?:Inside `[^`]*`: )?(?:Index `[^`]*`: )?/;

const PINNED =
  "Documents like a given one cannot be found over several nodes while a search rule pins documents whatever is searched for. Give such rules a condition on the query (`conditions.query.words`, or `isEmpty: false`).";
