/** Indexes: list, create, change, delete, swap, and their statistics. */
import type { SearchIndex } from "../index/search-index.ts";
import { NodeError } from "../node-error.ts";
import { summary, type Swap, type TaskContent } from "../tasks/task.ts";
import { listFields } from "./fields-route.ts";
import {
  badIndexUid,
  booleanParameter,
  indexUid,
  integerParameter,
  isIndexUid,
  jsonBody,
  queryParameters,
  type NodeReply,
  type NodeRequestContext,
} from "./request.ts";
import type { Route } from "./route.ts";
import { boolean, checkFields, missingField, object, string, strings, wrongKind, type Check } from "./validate.ts";

export const indexRoutes: readonly Route[] = [
  { method: "GET", path: "/indexes", action: "indexes.get", handle: list },
  { method: "POST", path: "/indexes", action: "indexes.create", handle: create },
  {
    method: "GET",
    path: "/indexes/:index",
    action: "indexes.get",
    handle: (context) => ({ status: 200, body: view(context.node.index(indexUid(context))) }),
  },
  { method: "PATCH", path: "/indexes/:index", action: "indexes.update", handle: update },
  {
    method: "DELETE",
    path: "/indexes/:index",
    action: "indexes.delete",
    handle: (context) => enqueue(context, indexUid(context), { type: "indexDeletion" }),
  },
  {
    method: "GET",
    path: "/indexes/:index/stats",
    action: "stats.get",
    handle: (context) => {
      const index = context.node.index(indexUid(context));
      checkSizeParameters(context);
      return { status: 200, body: indexStats(index) };
    },
  },
  { method: "POST", path: "/indexes/:index/fields", action: "fields.post", handle: listFields },
  {
    method: "POST",
    path: "/indexes/:index/compact",
    action: "indexes.compact",
    handle: (context) => enqueue(context, indexUid(context), { type: "indexCompaction" }),
  },
  { method: "POST", path: "/swap-indexes", action: "indexes.swap", handle: swap },
  { method: "GET", path: "/stats", action: "stats.get", handle: stats },
];

function list(context: NodeRequestContext): NodeReply {
  const parameters = queryParameters(context, ["offset", "limit"]);
  const offset = integerParameter(parameters, "offset", 0, "invalid_index_offset");
  const limit = integerParameter(parameters, "limit", 20, "invalid_index_limit");
  const visible = visibleIndexes(context);
  return {
    status: 200,
    body: { results: visible.slice(offset, offset + limit).map(view), offset, limit, total: visible.length },
  };
}

function visibleIndexes(context: NodeRequestContext): SearchIndex[] {
  return [...context.node.indexes.values()]
    .filter(({ uid }) => context.authority.sees(uid))
    .sort((a, b) => (a.uid < b.uid ? -1 : 1));
}

function view({ uid, createdAt, updatedAt, primaryKey }: SearchIndex): Record<string, unknown> {
  return { uid, createdAt, updatedAt, primaryKey };
}

const uidCheck: Check<string> = (value, path, code) => {
  const uid = string(value, path, code);
  if (!isIndexUid(uid)) throw badIndexUid(uid, `Invalid value at \`${path}\`: `);
  return uid;
};

const PRIMARY_KEY = { check: string, code: "invalid_index_primary_key" };
const UID = { check: uidCheck, code: "invalid_index_uid" };

async function create(context: NodeRequestContext): Promise<NodeReply> {
  const body = checkFields(await jsonBody(context), { uid: UID, primaryKey: PRIMARY_KEY });
  const uid = body["uid"] as string | undefined;
  if (uid === undefined) throw missingField("uid", "", "missing_index_uid");
  if (!context.authority.mayCreateIndex(uid))
    throw new NodeError("invalid_api_key", "The provided API key is invalid.");
  return enqueue(context, uid, {
    type: "indexCreation",
    primaryKey: (body["primaryKey"] as string | undefined) ?? null,
  });
}

async function update(context: NodeRequestContext): Promise<NodeReply> {
  const uid = indexUid(context);
  const body = object(await jsonBody(context), "", "bad_request");
  for (const [field, code] of [
    ["createdAt", "immutable_index_created_at"],
    ["updatedAt", "immutable_index_updated_at"],
  ] as const) {
    if (field in body)
      throw new NodeError(code, `Immutable field \`${field}\`: expected one of \`primaryKey\`, \`uid\``);
  }
  const { primaryKey, uid: newUid } = checkFields(body, { primaryKey: PRIMARY_KEY, uid: UID }) as {
    primaryKey?: string;
    uid?: string;
  };
  return enqueue(context, uid, { type: "indexUpdate", primaryKey: primaryKey ?? null, newUid: newUid ?? null });
}

async function swap(context: NodeRequestContext): Promise<NodeReply> {
  const body = await jsonBody(context);
  if (!Array.isArray(body)) throw wrongKind(body, "", "an array", "bad_request");
  const seen = new Map<string, number>();
  const swaps = (body as unknown[]).map((item, at): Swap => {
    const specs = {
      indexes: { check: strings, code: "invalid_swap_indexes" },
      rename: { check: boolean, code: "invalid_swap_rename" },
    };
    const { indexes, rename } = checkFields(item, specs, `[${at}]`) as { indexes?: string[]; rename?: boolean };
    if (indexes === undefined) throw missingField("indexes", `[${at}]`, "missing_swap_indexes");
    for (const [place, uid] of indexes.entries()) {
      if (!isIndexUid(uid))
        throw invalidSwap(badIndexUid(uid, `Invalid value at \`[${at}].indexes[${place}]\`: `).message);
      seen.set(uid, (seen.get(uid) ?? 0) + 1);
    }
    const [left, right] = indexes;
    if (left === undefined || right === undefined || indexes.length !== 2) {
      const names = indexes.map((uid) => `"${uid}"`).join(", ");
      throw invalidSwap(
        `Two indexes must be given for each swap. The list \`[${names}]\` contains ${indexes.length} indexes.`,
      );
    }
    return { indexes: [left, right], rename: rename ?? false };
  });
  const twice = [...seen].filter(([, count]) => count > 1).map(([uid]) => `\`${uid}\``);
  if (twice.length > 0) {
    const verb = twice.length === 1 ? "was" : "were";
    throw new NodeError(
      "invalid_swap_duplicate_index_found",
      `Indexes must be declared only once during a swap. ${twice.sort().join(", ")} ${verb} specified several times.`,
    );
  }
  return enqueue(context, null, { type: "indexSwap", swaps });
}

function invalidSwap(message: string): NodeError {
  return new NodeError("invalid_swap_indexes", message);
}

function enqueue(context: NodeRequestContext, uid: string | null, content: TaskContent): NodeReply {
  return { status: 202, body: summary(context.node.queue.enqueue(uid, content, null)) };
}

function stats(context: NodeRequestContext): NodeReply {
  checkSizeParameters(context);
  const visible = visibleIndexes(context);
  const size = [...context.node.indexes.values()].reduce((sum, index) => sum + documentBytes(index), 0);
  const lastUpdate =
    visible
      .map(({ updatedAt }) => updatedAt)
      .sort()
      .at(-1) ?? null;
  return {
    status: 200,
    body: {
      databaseSize: size,
      usedDatabaseSize: size,
      lastUpdate,
      indexes: Object.fromEntries(visible.map((index) => [index.uid, indexStats(index)])),
    },
  };
}

/** Sizes are always raw and those of databases never shown: there are no databases. */
function checkSizeParameters(context: NodeRequestContext): void {
  const parameters = queryParameters(context, ["showInternalDatabaseSizes", "sizeFormat"]);
  booleanParameter(parameters, "showInternalDatabaseSizes", "invalid_stats_show_internal_database_sizes");
  const format = parameters.get("sizeFormat") ?? "raw";
  if (format === "raw" || format === "human") return;
  throw new NodeError(
    "invalid_stats_size_format",
    `Unknown value \`${format}\` for parameter \`sizeFormat\`: expected one of \`human\`, \`raw\``,
  );
}

/** Counts of documents, of their bytes, of vectors, and of documents per top-level field. */
function indexStats(index: SearchIndex): Record<string, unknown> {
  const bytes = documentBytes(index);
  const fields = new Map<string, number>();
  let embeddings = 0;
  let embedded = 0;
  for (const { members, vectors } of index.documents.values()) {
    for (const name of members.keys()) if (name !== "_vectors") fields.set(name, (fields.get(name) ?? 0) + 1);
    const own = [...vectors]
      .filter(([name]) => name in index.settings.embedders)
      .reduce((sum, [, vector]) => sum + vector.embeddings.length, 0);
    embeddings += own;
    embedded += own > 0 ? 1 : 0;
  }
  const count = index.documents.size;
  return {
    numberOfDocuments: count,
    rawDocumentDbSize: bytes,
    avgDocumentSize: count === 0 ? 0 : Math.floor(bytes / count),
    isIndexing: false,
    numberOfEmbeddings: embeddings,
    numberOfEmbeddedDocuments: embedded,
    fieldDistribution: new Map([...fields].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function documentBytes(index: SearchIndex): number {
  let bytes = 0;
  for (const { members } of index.documents.values()) {
    for (const text of members.values()) bytes += Buffer.byteLength(text) + FIELD_BYTES;
  }
  return bytes;
}

/** Beside its value, as the engine stores it. */
const FIELD_BYTES = 3;
