/** Writing documents: adding, replacing, partly updating, deleting, editing by a function. */
import { apiError } from "../../core/errors/api-error.ts";
import { idList } from "../../core/documents/id-list.ts";
import { payloadFormat } from "../../core/documents/payload-format.ts";
import { addDocuments, type AddDeps } from "../../services/documents/add-documents.ts";
import {
  deleteAllDocuments,
  deleteByFilter,
  deleteByIds,
  type FilterDeps,
} from "../../services/documents/delete-documents.ts";
import { editDocuments } from "../../services/documents/edit-documents.ts";
import type { Submitted } from "../../services/documents/submit-write.ts";
import type { Idempotency } from "../../services/idempotency/idempotency.ts";
import { refusedByNode } from "../../services/indexes/read-index-request.ts";
import { isIndexUid, requireIndexUid } from "../../services/indexes/require-index-uid.ts";
import { jsonBody, requireJsonContentType } from "../decode/json-body.ts";
import { decodeQuery, invalidParameter, type QueryParameter, text } from "../decode/query.ts";
import { idempotent } from "../idempotent.ts";
import type { Reply, RequestContext, Route } from "../route.ts";
import { summarizedReply } from "../task-reply.ts";

export type DocumentsWriteDeps = AddDeps &
  FilterDeps & {
    /** null: `Idempotency-Key` is not honoured. */
    readonly idempotency: Idempotency | null;
  };

export function documentsWriteRoutes(deps: DocumentsWriteDeps): readonly Route[] {
  const once = (write: (deps: DocumentsWriteDeps, context: RequestContext) => Promise<Reply>): Route["handler"] =>
    idempotent(deps.idempotency, (context, taskId) => write(withTaskId(deps, taskId), context));
  return [
    {
      method: "POST",
      path: DOCUMENTS,
      access: ADD,
      answered: "split by primary key, every document to all owners of its shard",
      handler: once((own, context) => add(own, context, "replace")),
    },
    {
      method: "PUT",
      path: DOCUMENTS,
      access: ADD,
      answered: "as POST; the owners merge the fields",
      handler: once((own, context) => add(own, context, "update")),
    },
    {
      method: "DELETE",
      path: `${DOCUMENTS}/{documentId}`,
      access: DELETE,
      answered: "to all owners of the document's shard",
      handler: once(deleteOne),
    },
    {
      method: "DELETE",
      path: DOCUMENTS,
      access: DELETE,
      answered: "to every node",
      handler: once(deleteAll),
    },
    {
      method: "POST",
      path: `${DOCUMENTS}/delete-batch`,
      access: DELETE,
      answered: "split by primary key",
      handler: once(deleteBatch),
    },
    {
      method: "POST",
      path: `${DOCUMENTS}/delete`,
      access: DELETE,
      answered: "to every node, once one of them has judged the filter",
      handler: once(deleteFiltered),
    },
    {
      method: "POST",
      path: `${DOCUMENTS}/edit`,
      access: { kind: "action", action: "documents.*" },
      answered: "to every node, each edits its own documents",
      handler: once(edit),
    },
  ];
}

const DOCUMENTS = "/indexes/{indexUid}/documents";
const ADD = { kind: "action", action: "documents.add" } as const;
const DELETE = { kind: "action", action: "documents.delete" } as const;

async function add(deps: DocumentsWriteDeps, context: RequestContext, method: "replace" | "update"): Promise<Reply> {
  const parameters = decodeQuery(context.query, ADD_PARAMETERS);
  const indexUid = pathUid(context);
  const format = payloadFormat(context.request.headers.get("content-type"), parameters.csvDelimiter);
  const body = await context.body();
  const submitted = await addDocuments(
    deps,
    {
      indexUid,
      method,
      body,
      format,
      primaryKey: parameters.primaryKey ?? null,
      skipCreation: parameters.skipCreation ?? false,
      customMetadata: parameters.customMetadata ?? null,
      mayCreateIndex: context.authority.allowsAction("indexes.create"),
    },
    context.signal,
  );
  return reply(context, submitted);
}

/** The one task of a write has to have this name. */
function withTaskId(deps: DocumentsWriteDeps, miroirId: string | undefined): DocumentsWriteDeps {
  if (miroirId === undefined) return deps;
  const { tasks } = deps;
  return { ...deps, tasks: { ...tasks, register: (draft) => tasks.register({ ...draft, miroirId }) } };
}

async function deleteOne(deps: DocumentsWriteDeps, context: RequestContext): Promise<Reply> {
  const customMetadata = metadataOf(context);
  const ids = [context.params["documentId"] ?? ""];
  return reply(context, await deleteByIds(deps, { indexUid: pathUid(context), ids, customMetadata }));
}

async function deleteAll(deps: DocumentsWriteDeps, context: RequestContext): Promise<Reply> {
  const indexUid = pathUid(context);
  return reply(context, await deleteAllDocuments(deps, { indexUid, customMetadata: metadataOf(context) }));
}

async function deleteBatch(deps: DocumentsWriteDeps, context: RequestContext): Promise<Reply> {
  requireJsonContentType(context.request.headers.get("content-type"));
  const received = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await context.body());
  // The engine looks no further than where an object begins.
  if (/^[ \t\r\n]*\{/.test(received)) return judged(deps, context, received);
  const { text: body, value } = await jsonBody(context);
  if (!Array.isArray(value)) return judged(deps, context, body);
  const customMetadata = metadataOf(context);
  const ids = idList(body);
  return reply(context, await deleteByIds(deps, { indexUid: pathUid(context), ids, customMetadata }));
}

async function deleteFiltered(deps: DocumentsWriteDeps, context: RequestContext): Promise<Reply> {
  const customMetadata = metadataOf(context);
  const { text: body, value } = await jsonBody(context);
  if (!hasOnly(value, ["filter"]) || !Object.hasOwn(value, "filter")) return judged(deps, context, body);
  const { filter } = value;
  const input = { indexUid: pathUid(context), customMetadata, filter, body };
  return reply(context, await deleteByFilter(deps, input, context.signal));
}

async function edit(deps: DocumentsWriteDeps, context: RequestContext): Promise<Reply> {
  const customMetadata = metadataOf(context);
  const { text: body, value } = await jsonBody(context);
  // The engine looks at its switch before it looks at the name.
  if (!isIndexUid(context.params["indexUid"] ?? "")) return judged(deps, context, body);
  if (!hasOnly(value, ["filter", "context", "function"]) || typeof value["function"] !== "string") {
    return judged(deps, context, body);
  }
  const input = {
    indexUid: pathUid(context),
    customMetadata,
    function: value["function"],
    context: value["context"],
    filter: value["filter"] ?? undefined,
    body,
  };
  return reply(context, await editDocuments(deps, input, context.signal));
}

/** A body that no node accepts: one of them says why, in its own words. */
function judged(deps: DocumentsWriteDeps, context: RequestContext, body: string): Promise<never> {
  return refusedByNode(deps.relay, { method: "POST", path: context.path, body }, context.signal);
}

function hasOnly(value: unknown, names: readonly string[]): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.keys(value).every((name) => names.includes(name));
}

function reply(context: RequestContext, submitted: Submitted): Reply {
  const { task, degraded } = submitted;
  context.note({ task_uid: task.uid, ...(degraded === null ? {} : { degraded: true }) });
  const summarized = summarizedReply(task);
  if (degraded === null) return summarized;
  return { ...summarized, headers: { ...summarized.headers, "X-Miroir-Degraded": degraded } };
}

function pathUid(context: RequestContext): string {
  return requireIndexUid(context.params["indexUid"] ?? "");
}

function metadataOf(context: RequestContext): string | null {
  return decodeQuery(context.query, { customMetadata: text }).customMetadata ?? null;
}

const csvDelimiter: QueryParameter<number> = {
  parse: (value, name) => {
    const characters = Array.from(value);
    const [only] = characters;
    if (only === undefined || characters.length > 1) {
      const found =
        only === undefined
          ? "an empty string"
          : `the following string of ${characters.length} characters: \`${value}\``;
      throw invalidParameter(
        "invalid_document_csv_delimiter",
        name,
        `expected a string of one character, but found ${found}`,
      );
    }
    const code = only.codePointAt(0) as number;
    if (code < 128) return code;
    throw apiError("invalid_document_csv_delimiter", `csv delimiter must be an ascii character. Found: \`${value}\``);
  },
};

const skipCreation: QueryParameter<boolean> = {
  parse: (value) => {
    const lower = value.toLowerCase();
    if (lower === "true" || lower === "false") return lower === "true";
    throw apiError("invalid_skip_creation", `skipCreation must be either \`true\` or \`false\`. Found: \`${value}\``);
  },
};

const ADD_PARAMETERS = { primaryKey: text, csvDelimiter, customMetadata: text, skipCreation };
