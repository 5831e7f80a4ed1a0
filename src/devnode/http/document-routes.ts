/** The document routes of an index. */
import { DocSet } from "../doc-set.ts";
import { toJson } from "../exact-json.ts";
import { parseFilter } from "../filter/parse-filter.ts";
import type { SearchIndex, StoredDocument } from "../index/search-index.ts";
import { featureRequired, NodeError } from "../node-error.ts";
import { pickMembers, vectorsView } from "../search/make-hits.ts";
import { parsedFilters } from "../search/search.ts";
import { parsedFilter, splitSort } from "../search/search-request.ts";
import { checkSortable, parseSort } from "../search/sort-criteria.ts";
import { sortedDocuments, sortValues } from "../search/sort-documents.ts";
import { summary, type TaskContent } from "../tasks/task.ts";
import { readDocuments } from "./read-documents.ts";
import {
  bodyText,
  booleanParameter,
  indexUid,
  integerParameter,
  isSwitchedOn,
  jsonBody,
  queryParameters,
  requireContentType,
  type NodeReply,
  type NodeRequestContext,
} from "./request.ts";
import {
  arrayOf,
  boolean,
  checkFields,
  integer,
  missingField,
  object,
  strings,
  type Check,
  type FieldSpec,
} from "./validate.ts";
import type { Route } from "./route.ts";
import { unsupported } from "./unsupported.ts";

const PAYLOAD_TYPES = ["application/json", "application/x-ndjson", "text/csv"];
const path = "/indexes/:index/documents";

export const documentRoutes: readonly Route[] = [
  { method: "GET", path, action: "documents.get", handle: list },
  { method: "POST", path, action: "documents.add", handle: (context) => add(context, false) },
  { method: "PUT", path, action: "documents.add", handle: (context) => add(context, true) },
  { method: "DELETE", path, action: "documents.delete", handle: clear },
  { method: "POST", path: `${path}/fetch`, action: "documents.get", handle: fetchDocuments },
  { method: "POST", path: `${path}/delete-batch`, action: "documents.delete", handle: deleteBatch },
  { method: "POST", path: `${path}/edit`, action: "*", handle: edit },
  { method: "POST", path: `${path}/delete`, action: "documents.delete", handle: deleteByFilter },
  { method: "GET", path: `${path}/:document`, action: "documents.get", handle: getOne },
  { method: "DELETE", path: `${path}/:document`, action: "documents.delete", handle: deleteOne },
];

async function add(context: NodeRequestContext, merge: boolean): Promise<NodeReply> {
  const uid = indexUid(context);
  const parameters = queryParameters(context, ["primaryKey", "csvDelimiter", "customMetadata", "skipCreation"]);
  const delimiter = parameters.get("csvDelimiter");
  const type = requireContentType(context.request, PAYLOAD_TYPES);
  if (delimiter !== undefined) checkDelimiter(delimiter, type);
  const { documents, received } = readDocuments(await bodyText(context), type, delimiter ?? ",");
  return enqueue(context, uid, {
    type: "documentAdditionOrUpdate",
    documents,
    received,
    merge,
    primaryKey: parameters.get("primaryKey") ?? null,
    skipCreation: skipCreation(parameters.get("skipCreation")),
    allowsIndexCreation: context.authority.mayCreateIndex(uid),
  });
}

function skipCreation(text: string | undefined): boolean {
  if (text === undefined || text === "true" || text === "false") return text === "true";
  throw new NodeError("invalid_skip_creation", `skipCreation must be either \`true\` or \`false\`. Found: \`${text}\``);
}

function checkDelimiter(delimiter: string, type: string): void {
  const [first = ""] = delimiter;
  if (delimiter.length !== 1 || first > "\u007F") {
    const why =
      delimiter === ""
        ? "Invalid value in parameter `csvDelimiter`: expected a string of one character, but found an empty string"
        : Array.from(delimiter).length > 1
          ? `Invalid value in parameter \`csvDelimiter\`: expected a string of one character, but found the following string of ${Array.from(delimiter).length} characters: \`${delimiter}\``
          : `csv delimiter must be an ascii character. Found: \`${delimiter}\``;
    throw new NodeError("invalid_document_csv_delimiter", why);
  }
  if (type !== "text/csv") {
    throw new NodeError(
      "invalid_content_type",
      `The Content-Type \`${type}\` does not support the use of a csv delimiter. The csv delimiter can only be used with the Content-Type \`text/csv\`.`,
    );
  }
}

async function deleteBatch(context: NodeRequestContext): Promise<NodeReply> {
  const uid = indexUid(context);
  customMetadata(context);
  const body = await jsonBody(context);
  if (!Array.isArray(body)) {
    const kind = body === null ? "null" : typeof body === "object" ? "map" : typeof body;
    throw new NodeError(
      "bad_request",
      `Json deserialize error: invalid type: ${kind}, expected a sequence at line 1 column 0`,
    );
  }
  const ids = (body as unknown[]).map((id) => (typeof id === "string" ? id : toJson(id)));
  return enqueue(context, uid, { type: "documentDeletion", by: "ids", ids });
}

async function deleteByFilter(context: NodeRequestContext): Promise<NodeReply> {
  const uid = indexUid(context);
  customMetadata(context);
  const any: Check<unknown> = (value) => value;
  const body = checkFields(await jsonBody(context), { filter: { check: any, code: "invalid_document_filter" } });
  const filter = body["filter"];
  if (filter === undefined) throw missingField("filter", "", "missing_document_filter");
  if (parseFilter(filter, "invalid_document_filter") === null) {
    throw new NodeError("invalid_document_filter", "Sending an empty filter is forbidden.");
  }
  return enqueue(context, uid, { type: "documentDeletion", by: "filter", filter });
}

function edit(context: NodeRequestContext): NodeReply {
  indexUid(context);
  if (context.node.features["editDocumentsByFunction"] === true) throw unsupported("documents/edit");
  throw featureRequired("Using the documents edit route", "edit documents by function", 762);
}

function deleteOne(context: NodeRequestContext): NodeReply {
  const uid = indexUid(context);
  return enqueue(context, uid, { type: "documentDeletion", by: "ids", ids: [context.parameters["document"] ?? ""] });
}

function clear(context: NodeRequestContext): NodeReply {
  return enqueue(context, indexUid(context), { type: "documentDeletion", by: "all" });
}

function customMetadata(context: NodeRequestContext): string | null {
  return context.query.get("customMetadata");
}

function enqueue(context: NodeRequestContext, uid: string, content: TaskContent): NodeReply {
  return { status: 202, body: summary(context.node.queue.enqueue(uid, content, customMetadata(context))) };
}

function getOne(context: NodeRequestContext): NodeReply {
  const index = context.node.index(indexUid(context));
  const parameters = queryParameters(context, ["fields", "retrieveVectors", "useNetwork"]);
  const id = context.parameters["document"] ?? "";
  const document = index.byId(id);
  if (document === undefined) throw new NodeError("document_not_found", `Document \`${id}\` not found.`);
  const withVectors = booleanParameter(parameters, "retrieveVectors", "invalid_document_retrieve_vectors");
  return { status: 200, body: view(index, document, parameters.get("fields")?.split(",") ?? ["*"], withVectors) };
}

interface ListQuery {
  readonly offset: number;
  readonly limit: number;
  readonly fields: readonly string[];
  readonly retrieveVectors: boolean;
  readonly ids: readonly string[] | null;
  readonly filter: unknown;
  readonly sort: readonly string[];
  /** Another node asks and merges; it is told what was sorted by. */
  readonly isProxied: boolean;
}

function list(context: NodeRequestContext): NodeReply {
  const index = context.node.index(indexUid(context));
  const known = ["offset", "limit", "fields", "retrieveVectors", "ids", "filter", "sort", "useNetwork"];
  const parameters = queryParameters(context, known);
  const filter = parameters.get("filter");
  return found(context, index, {
    offset: integerParameter(parameters, "offset", 0, "invalid_document_offset"),
    limit: integerParameter(parameters, "limit", 20, "invalid_document_limit"),
    fields: parameters.get("fields")?.split(",") ?? ["*"],
    retrieveVectors: booleanParameter(parameters, "retrieveVectors", "invalid_document_retrieve_vectors"),
    ids: parameters.get("ids")?.split(",") ?? null,
    filter: filter === undefined ? undefined : parsedFilter(filter),
    sort: parameters.has("sort") ? splitSort(parameters.get("sort") ?? "") : [],
    isProxied: false,
  });
}

async function fetchDocuments(context: NodeRequestContext): Promise<NodeReply> {
  const index = context.node.index(indexUid(context));
  const any: Check<unknown> = (value) => value;
  const id: Check<string> = (value, at, code) => {
    if (typeof value === "string") return value;
    if (typeof value === "number" && Number.isInteger(value)) return String(value);
    throw new NodeError(code, `In \`${at}\`: ${idMessage(value)}`);
  };
  const specs: Readonly<Record<string, FieldSpec>> = {
    offset: { check: integer, code: "invalid_document_offset" },
    limit: { check: integer, code: "invalid_document_limit" },
    fields: { check: strings, code: "invalid_document_fields" },
    retrieveVectors: { check: boolean, code: "invalid_document_retrieve_vectors" },
    ids: { check: arrayOf(id), code: "invalid_document_ids" },
    filter: { check: any, code: "invalid_document_filter" },
    sort: { check: strings, code: "invalid_document_sort" },
    useNetwork: { check: boolean, code: "invalid_document_use_network" },
  };
  const body = checkFields(object(await jsonBody(context), "", "bad_request"), specs) as Partial<ListQuery>;
  return found(context, index, {
    offset: body.offset ?? 0,
    limit: body.limit ?? 20,
    fields: body.fields ?? ["*"],
    retrieveVectors: body.retrieveVectors ?? false,
    ids: body.ids ?? null,
    filter: body.filter,
    sort: body.sort ?? [],
    isProxied: isSwitchedOn(context, "meili-proxy-search", "true"),
  });
}

function idMessage(value: unknown): string {
  return `Document identifier \`${toJson(value)}\` is invalid. A document identifier can be of type integer or string, only composed of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more than 511 bytes.`;
}

/** Ids only narrow. */
function found(context: NodeRequestContext, index: SearchIndex, query: ListQuery): NodeReply {
  const environment = { isEnabled: (feature: string) => context.node.features[feature] === true };
  let documents = parsedFilters([query.filter], environment, "invalid_document_filter", "asWritten")(index);
  if (query.ids !== null) {
    documents = documents.and(DocSet.of(query.ids.flatMap((id) => index.internalId(id) ?? [])));
  }
  const criteria = parseSort(query.sort, "invalid_document_sort");
  checkSortable(criteria, index, "invalid_document_sort");
  const page = sortedDocuments(index, documents, criteria).drop(query.offset).take(query.limit);
  const results = [...page].map((internal) => {
    const document = index.stored(internal);
    const shown = view(index, document, query.fields, query.retrieveVectors);
    return query.isProxied ? { ...shown, _federation: sortValues(index, internal, document, criteria) } : shown;
  });
  return {
    status: 200,
    body: {
      results,
      offset: query.offset,
      limit: query.limit,
      total: documents.size,
    },
  };
}

function view(index: SearchIndex, document: StoredDocument, fields: readonly string[], withVectors: boolean): object {
  const picked = pickMembers(document, fields);
  return withVectors ? { ...picked, _vectors: vectorsView(document, index) } : picked;
}
