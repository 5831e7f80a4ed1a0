/**
 * Lists of documents over all shards, in insertion order or by the client's criteria. For a page far from the start
 * the nodes are first asked for nothing but what decides the order, which tells where each node's share of the page
 * begins; so a deep page does not make them send all documents in front of it.
 */
import { nodeError } from "../../core/errors/api-error.ts";
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import {
  mergeDocuments,
  type MergedDocuments,
  readDocumentsAnswer,
  renderDocument,
  type DocumentsAnswer,
} from "../../core/merge/merge-documents.ts";
import type { NodeId } from "../../core/topology/topology.ts";
import type { CoverPart } from "../../core/routing/shard-map.ts";
import { cleanNodeError } from "../../core/search/clean-node-error.ts";
import { readDocumentsRequest } from "../../core/search/documents-request.ts";
import { planDocuments, type DocumentsPlan } from "../../core/search/plan-documents.ts";
import { readDegraded } from "../../telemetry/events/search.ts";
import {
  countRefusalsAsMissing,
  emptyGathering,
  gatherParts,
  type Gathered,
  type GatherTask,
  type PartRefusal,
} from "../search/gather-parts.ts";
import { chooseReaders } from "../search/choose-readers.ts";
import { INDEX_UID } from "../search/index-uid.ts";
import { isAboutFilter } from "../search/settle-refusals.ts";
import { judgeByNode, judgeNetwork, visibleEntry, throwRefusal, type Judgement } from "../search/judge-by-node.ts";
import { exactFilters } from "../search/known-fields.ts";
import { requireAnswers } from "../search/gather-search.ts";
import type { SearchDeps } from "../search/search.ts";

export type ReadDocumentsDeps = Omit<SearchDeps, "random">;

export interface ReadDocumentsInput {
  readonly indexUid: string;
  /** The JSON body, or what the query string says; undefined: unreadable. */
  readonly parameters: unknown;
  readonly judgement: Judgement;
}

export interface ReadDocumentsResult {
  readonly text: string;
  readonly missingShards: readonly number[];
  readonly nodesAsked: number;
}

export async function readDocuments(
  given: ReadDocumentsDeps,
  input: ReadDocumentsInput,
  signal: AbortSignal,
): Promise<ReadDocumentsResult> {
  const request = readDocumentsRequest(input.parameters);
  if (request === null || !INDEX_UID.test(input.indexUid)) {
    return judgeByNode(given.relay, input.judgement, "the body", signal);
  }
  await judgeNetwork(given.relay, input.judgement, input.parameters, signal);
  const entry = await visibleEntry(given, input, request.filter, signal, request.sort.length > 0);
  const map = given.fleet.shardMap(entry.shards);
  const { deps, group, permitted } = chooseReaders(given, entry, map);
  const [filter] = await exactFilters(deps.knownFields, entry, [request.filter], signal);
  const plan = planDocuments({
    request: { ...request, filter },
    entry,
    map,
    group,
    permitted,
    pinnedKeysMax: deps.policy.pinnedKeysMax,
  });
  const read = await withinReach({ deps, input, entry, plan, signal, withoutPoints: new Set() });
  // By several criteria nodes may skip documents that they would not list.
  const deep = read.plan.request.offset >= DEEP_OFFSET && plan.order.criteria.length <= 1;
  const page = deep ? await readDeep(read) : await readFromStart(read);
  const { missing, nodesAsked } = page;
  if (missing.length > 0) deps.emit(readDegraded, { operation: "documents", indexUid: entry.uid, shards: missing });
  const results = page.merged.page.map(({ hit }) => renderDocument(hit, plan.order)).join(",");
  const text = `{"results":[${results}],"offset":${request.offset},"limit":${request.limit},"total":${page.total}}`;
  return { text, missingShards: missing, nodesAsked };
}

/**
 * A node that sorts makes room for as many documents as it is asked for before it looks how many there are, and dies of a
 * number that is large enough. So whoever asks for more than could be put together is first told how many there are.
 */
async function withinReach(read: DocumentsRead): Promise<DocumentsRead> {
  const { request } = read.plan;
  if (request.offset + request.limit <= REACH_MAX) return read;
  const { total } = await gatherAndMerge(read, "keys", { offset: 0, limit: 0 }, { from: 0, to: 0 });
  const limit = Math.max(0, Math.min(request.limit, total - request.offset));
  const offset = limit === 0 ? 0 : request.offset;
  return { ...read, plan: { ...read.plan, request: { ...request, offset, limit } } };
}

interface DocumentsRead {
  readonly deps: ReadDocumentsDeps;
  readonly input: ReadDocumentsInput;
  readonly entry: IndexEntry;
  readonly plan: DocumentsPlan;
  readonly signal: AbortSignal;
  /** Nodes that cannot sort by distance, as none of their documents has ever had coordinates. */
  readonly withoutPoints: Set<NodeId>;
}

interface Page {
  readonly merged: MergedDocuments;
  readonly total: number;
  readonly missing: readonly number[];
  readonly nodesAsked: number;
}

/** Every node sends its list from the start, as far as the page could reach. */
async function readFromStart(read: DocumentsRead): Promise<Page> {
  const { offset, limit } = read.plan.request;
  return gatherAndMerge(read, "documents", { offset: 0, limit: offset + limit }, { from: offset, to: offset + limit });
}

/** First the order of everything up to the page, then the page: each node sends only its own share of it. */
async function readDeep(read: DocumentsRead): Promise<Page> {
  const { deps, plan, signal } = read;
  const { offset, limit } = plan.request;
  const reach = { offset: 0, limit: offset + limit };
  const order = await gatherAndMerge(read, "keys", reach, { from: offset, to: offset + limit });
  if (order.merged.repeats) return readFromStart(read);
  const shares = order.parts.map((_, answer) => ({
    offset: order.merged.skipped[answer]!,
    limit: order.merged.page.filter((hit) => hit.answer === answer).length,
  }));
  const gathered = emptyGathering<DocumentsAnswer>();
  const paging = new Map<CoverPart, NodePaging>();
  order.parts.forEach((part, answer) => {
    if (shares[answer]!.limit > 0) paging.set(part, shares[answer]!);
  });
  const task = documentsTask(read, "documents", (part) => paging.get(part) ?? { offset: 0, limit: 0 });
  // Another owner's list has other neighbours, so a share cannot be had from it: then everything is read anew.
  const nobody = { readable: () => false, worthTrying: () => Promise.resolve(false) };
  const noOther = { ...deps, fleet: { ...deps.fleet, ...nobody } };
  await gatherParts(noOther, task, gathered, [...paging.keys()], signal);
  const answers = gathered.answers.map(({ answer }) => answer);
  const merged = mergeDocuments(answers, plan.order, 0, limit);
  if (gathered.missing.length > 0 || gathered.refusals.length > 0 || merged.kind === "garbage") {
    return readFromStart(read);
  }
  return { ...order, merged };
}

interface NodePaging {
  readonly offset: number;
  readonly limit: number;
}

async function gatherAndMerge(
  read: DocumentsRead,
  what: "documents" | "keys",
  paging: NodePaging,
  window: { readonly from: number; readonly to: number },
): Promise<Page & { readonly parts: readonly CoverPart[] }> {
  const { deps, plan, entry, signal } = read;
  const asked = new Map<string, CoverPart>();
  const task = documentsTask(read, what, (part) => {
    asked.set(`${part.nodeId} ${part.shards[0]}`, part);
    return paging;
  });
  const gathered = emptyGathering<DocumentsAnswer>();
  gathered.missing = [...plan.cover.uncovered];
  let parts = plan.cover.parts;
  for (;;) {
    await gatherParts(deps, task, gathered, parts, signal);
    if (gathered.refusals.length > 0) await settle(read, task, gathered);
    requireAnswers(deps, gathered, entry);
    const answers = gathered.answers.map(({ answer }) => answer);
    const merged = mergeDocuments(answers, plan.order, window.from, window.to);
    if (merged.kind === "merged") {
      return {
        merged,
        total: answers.reduce((sum, { total }) => sum + total, 0),
        missing: gathered.missing,
        nodesAsked: gathered.answers.length + gathered.failed.size,
        parts: gathered.answers.map(({ nodeId, shards }) => asked.get(`${nodeId} ${shards[0]}`)!),
      };
    }
    // Every turn leaves out one more node, so this ends.
    const [garbled] = gathered.answers.splice(merged.answer, 1);
    gathered.failed.add(garbled!.nodeId);
    gathered.missing.push(...garbled!.shards);
    parts = [];
  }
}

/** What all nodes refuse is the client's error, and so is a fault in a filter; who refuses alone is asked no more. */
async function settle(
  read: DocumentsRead,
  task: GatherTask<DocumentsAnswer>,
  gathered: Gathered<DocumentsAnswer>,
): Promise<void> {
  if (gathered.answers.length === 0) return throwRefused(read, gathered.refusals[0]!);
  while (gathered.refusals.some((refusal) => isAboutPoints(read, refusal))) {
    const pointless = gathered.refusals.filter((refusal) => isAboutPoints(read, refusal));
    gathered.refusals = gathered.refusals.filter((refusal) => !pointless.includes(refusal));
    for (const { part } of pointless) {
      // It has no coordinates while others have: all its documents come behind theirs.
      read.withoutPoints.add(part.nodeId);
      gathered.missing.push(...part.shards);
    }
    await gatherParts(read.deps, task, gathered, [], read.signal);
  }
  const { refusals } = gathered;
  if (refusals.length === 0) return;
  countRefusalsAsMissing(gathered);
  await gatherParts(read.deps, task, gathered, [], read.signal);
  const faulty = [...gathered.refusals, ...refusals].find((refusal) => isAboutFilter(refusal, gathered));
  if (faulty !== undefined) await throwRefused(read, faulty);
  countRefusalsAsMissing(gathered);
}

/** An engine that has never seen `_geo` refuses to sort by it. */
function isAboutPoints({ withoutPoints }: DocumentsRead, { part, refused }: PartRefusal): boolean {
  if (withoutPoints.has(part.nodeId)) return false;
  return refused.error.code === "invalid_document_sort" && refused.error.message.includes("`_geo`");
}

async function throwRefused({ deps, input, signal }: DocumentsRead, { refused }: PartRefusal): Promise<never> {
  if (input.judgement.method === "GET" || refused.error.code.includes("filter")) {
    await throwRefusal(deps.relay, input.judgement, signal);
  }
  throw nodeError(refused.status, cleanNodeError(refused.error));
}

function documentsTask(
  { deps, entry, plan, withoutPoints }: DocumentsRead,
  what: "documents" | "keys",
  paging: (part: CoverPart) => NodePaging,
): GatherTask<DocumentsAnswer> {
  return {
    indexUid: entry.uid,
    operation: "documents.fetch",
    map: plan.map,
    group: plan.cover.group,
    fingerprint: plan.fingerprint,
    sortsBySequence: !plan.order.placeStored,
    request: (part) => ({
      method: "POST",
      path: `/indexes/${entry.uid}/documents/fetch`,
      body: plan.body(part, {
        keysOnly: what === "keys",
        knowsPoints: !withoutPoints.has(part.nodeId),
        paging: paging(part),
      }),
      ...(plan.order.criteria.length > 0 ? { headers: { "meili-proxy-search": "true" } } : {}),
      operation: "documents.fetch",
      timeoutMs: deps.policy.nodeTimeoutMs,
      repeat: "safe",
    }),
    read: readDocumentsAnswer,
  };
}

/** From here on two small rounds are cheaper than one large one. */
const DEEP_OFFSET = 1000;
/** More documents than one answer could hold; a node makes room for so many without any harm. */
const REACH_MAX = 10_000_000;
