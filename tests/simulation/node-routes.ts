/** The routes of a simulated node, as far as the router uses them; anything else is a fault of the test. */
import { EXPIRES_AT_FIELD } from "../../src/core/markers/fields.ts";
import { addressOf, type Query } from "./node-address.ts";
import { type Json, NodeFault, type NodeIndex, select } from "./node-documents.ts";
import { listTasks, oneTask, timeText } from "./node-tasks.ts";
import type { NodeSwap, NodeWork, SimulatedNode, SimulatedTask } from "./simulated-node.ts";

export interface NodeReply {
  readonly status: number;
  readonly text: string;
}

export interface NodeCall {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly contentType: string | undefined;
}

export function answerCall(node: SimulatedNode, call: NodeCall): NodeReply {
  try {
    const answer = route(node, call);
    return { status: answer.status, text: "text" in answer ? answer.text : JSON.stringify(answer.value) };
  } catch (error) {
    if (!(error instanceof NodeFault)) throw error;
    return { status: error.status, text: JSON.stringify(error.view()) };
  }
}

type Answer = { readonly status: number; readonly value: unknown } | NodeReply;

function route(node: SimulatedNode, call: NodeCall): Answer {
  const { path, segments, query } = addressOf(call.path);
  const [, first = "", uid = "", area = "", rest = ""] = segments;
  if (first === "health") return ok({ status: "available" });
  if (first === "version") return ok({ commitSha: "unknown", commitDate: "unknown", pkgVersion: "1.50.0" });
  if (first === "experimental-features" && call.method === "GET") return ok({});
  if (first === "dynamic-search-rules") {
    const message =
      "Calling the `POST /dynamic-search-rules` route requires enabling the `dynamic search rules` feature.";
    throw new NodeFault(400, "feature_not_enabled", message);
  }
  if (first === "keys") {
    const message =
      "Meilisearch is running without a master key. To access this API endpoint, you must have set a master key at launch.";
    throw new NodeFault(401, "missing_master_key", message);
  }
  if (first === "tasks" && call.method === "GET") {
    return { status: 200, text: uid === "" ? listTasks(node, query) : oneTask(node, uid) };
  }
  if (first === "swap-indexes") return accepted(node.enqueue(null, { type: "indexSwap", swaps: swapsIn(call) }, null));
  if (first === "indexes" && uid === "" && call.method === "GET") return ok(listIndexes(node, query));
  if (first === "indexes" && uid === "") return createIndex(node, call);
  if (first === "indexes" && area === "") return indexRoute(node, uid, call);
  if (first === "indexes" && area === "settings") return settingsRoute(node, uid, call);
  if (first === "indexes" && area === "search") return ok(searchIndex(node.index(uid), parsed(call)));
  if (first === "indexes" && area === "documents") return documentsRoute(node, { ...call, path }, uid, rest, query);
  // Questions beside the point may stay without an answer; a write that is not understood is a fault of the test.
  if (call.method === "GET") throw new NodeFault(404, "not_found", `The simulated node does not know ${path}.`);
  throw new TypeError(`the simulated node does not know ${call.method} ${call.path}`);
}

function documentsRoute(node: SimulatedNode, call: NodeCall, uid: string, rest: string, query: Query): Answer {
  const enqueue = (work: NodeWork): Answer => accepted(node.enqueue(uid, work, query.get("customMetadata")));
  if (rest === "fetch") return ok(fetchDocuments(node.index(uid), parsed(call)));
  if (rest === "delete-batch") {
    return enqueue({ type: "documentDeletion", by: "ids", ids: (JSON.parse(call.body) as unknown[]).map(String) });
  }
  if (rest === "delete") return enqueue(deletionBy(node, uid, parsed(call)["filter"]));
  if (call.method === "GET") {
    return ok(
      rest === "" ? fetchDocuments(node.index(uid), listParameters(query)) : oneDocument(node.index(uid), rest),
    );
  }
  if (call.method === "DELETE" && rest !== "") return enqueue({ type: "documentDeletion", by: "ids", ids: [rest] });
  if (call.method === "DELETE") return enqueue({ type: "documentDeletion", by: "all" });
  if (rest === "" && (call.method === "POST" || call.method === "PUT")) {
    return enqueue({
      type: "documentAdditionOrUpdate",
      documents: documentsIn(call),
      merge: call.method === "PUT",
      primaryKey: query.get("primaryKey"),
      skipCreation: query.get("skipCreation") === "true",
    });
  }
  throw new TypeError(`the simulated node does not know ${call.method} ${call.path}`);
}

function deletionBy(node: SimulatedNode, uid: string, filter: unknown): NodeWork {
  if (!node.sweepsByKey || !String(filter).includes(EXPIRES_AT_FIELD)) {
    return { type: "documentDeletion", by: "filter", filter };
  }
  const index = node.index(uid);
  const found = select(index, filter, [], { filter: "invalid_document_filter", sort: "" });
  return {
    type: "documentDeletion",
    by: "ids",
    ids: found.map((document) => String(document[index.primaryKey ?? ""])),
  };
}

function swapsIn({ body }: NodeCall): readonly NodeSwap[] {
  const swaps = JSON.parse(body) as readonly { readonly indexes: readonly [string, string] }[];
  return swaps.map(({ indexes }) => ({ indexes, rename: false }));
}

function documentsIn({ body, contentType }: NodeCall): readonly Json[] {
  if (contentType === "application/json") {
    const value: unknown = JSON.parse(body);
    return (Array.isArray(value) ? value : [value]) as Json[];
  }
  const lines = body.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => JSON.parse(line) as Json);
}

function indexRoute(node: SimulatedNode, uid: string, call: NodeCall): Answer {
  if (call.method === "GET") return ok(indexView(node.index(uid)));
  if (call.method === "DELETE") return accepted(node.enqueue(uid, { type: "indexDeletion" }, null));
  const { primaryKey = null, uid: newUid = null } = parsed(call) as { primaryKey?: string; uid?: string };
  return accepted(node.enqueue(uid, { type: "indexUpdate", primaryKey, newUid }, null));
}

function createIndex(node: SimulatedNode, call: NodeCall): Answer {
  const { uid, primaryKey = null } = parsed(call) as { uid: string; primaryKey?: string | null };
  return accepted(node.enqueue(uid, { type: "indexCreation", primaryKey }, null));
}

function settingsRoute(node: SimulatedNode, uid: string, call: NodeCall): Answer {
  if (call.method === "GET") return ok(node.index(uid).settings);
  return accepted(node.enqueue(uid, { type: "settingsUpdate", patch: parsed(call) }, null));
}

function indexView({ uid, primaryKey, createdAt, updatedAt }: NodeIndex): Json {
  return { uid, createdAt, updatedAt, primaryKey };
}

function fetchDocuments(index: NodeIndex, body: FetchBody): Json {
  const { ids, filter, sort = [], fields, offset = 0, limit = 20, retrieveVectors = false } = body;
  let found = select(index, filter, sort, { filter: "invalid_document_filter", sort: "invalid_document_sort" });
  if (ids !== undefined) {
    const wanted = new Set(ids.map(String));
    found = found.filter((document) => wanted.has(String(document[index.primaryKey ?? ""])));
  }
  const page = found.slice(offset, offset + limit).map((document) => {
    return retrieveVectors ? { ...picked(document, fields), _vectors: {} } : picked(document, fields);
  });
  return { results: page, offset, limit, total: found.length };
}

/** What a list of documents may be asked for in its address. */
function listParameters(query: Query): FetchBody {
  const list = (name: string): Json => {
    const text = query.get(name);
    return text === null ? {} : { [name]: text.split(",") };
  };
  const number = (name: string): Json => {
    const text = query.get(name);
    return text === null ? {} : { [name]: Number(text) };
  };
  const filter = query.get("filter");
  return {
    ...list("ids"),
    ...list("sort"),
    ...list("fields"),
    ...number("offset"),
    ...number("limit"),
    ...(filter === null ? {} : { filter }),
    retrieveVectors: query.get("retrieveVectors") === "true",
  };
}

interface FetchBody {
  readonly ids?: readonly unknown[];
  readonly filter?: unknown;
  readonly sort?: readonly string[];
  readonly fields?: readonly string[] | null;
  readonly offset?: number;
  readonly limit?: number;
  readonly retrieveVectors?: boolean;
}

function picked(document: Json, fields: readonly string[] | null | undefined): Json {
  if (fields === undefined || fields === null || fields.includes("*")) return document;
  return Object.fromEntries(Object.entries(document).filter(([name]) => fields.includes(name)));
}

function oneDocument(index: NodeIndex, id: string): Json {
  const document = index.documents.get(id);
  if (document !== undefined) return document;
  throw new NodeFault(404, "document_not_found", `Document \`${id}\` not found.`);
}

/** Without words every document is a hit, in the order of the hidden rule. */
function searchIndex(index: NodeIndex, body: Json): Json {
  const { filter, offset = 0, limit = 20 } = body as { filter?: unknown; offset?: number; limit?: number };
  const ranked = (index.settings["rankingRules"] as string[]).filter((rule) => rule.includes(":"));
  const faults = { filter: "invalid_search_filter", sort: "invalid_settings_ranking_rules" };
  const found = select(index, filter, ranked, faults);
  const hits = found.slice(offset, offset + limit).map((document) => {
    const details = ranked.map((rule, order) => [rule, { order, value: document[rule.split(":")[0] as string] }]);
    return { ...document, _rankingScoreDetails: Object.fromEntries(details) as Json };
  });
  return { hits, query: "", processingTimeMs: 0, limit, offset, estimatedTotalHits: found.length };
}

function listIndexes(node: SimulatedNode, query: Query): Json {
  const [offset, limit] = [Number(query.get("offset") ?? 0), Number(query.get("limit") ?? 20)];
  const all = [...node.indexes.values()].toSorted((left, right) => (left.uid < right.uid ? -1 : 1));
  return { results: all.slice(offset, offset + limit).map(indexView), offset, limit, total: all.length };
}

function accepted(task: SimulatedTask): Answer {
  const { uid, indexUid, customMetadata } = task;
  const value = {
    taskUid: uid,
    indexUid,
    status: "enqueued",
    type: task.work.type,
    enqueuedAt: timeText(task.enqueuedAtMs),
  };
  return { status: 202, value: customMetadata === null ? value : { ...value, customMetadata } };
}

function parsed(call: NodeCall): Json {
  return JSON.parse(call.body) as Json;
}

function ok(value: unknown): Answer {
  return { status: 200, value };
}
