/**
 * A request for a list of documents, by `POST …/documents/fetch` or by query string, and what the nodes are asked for
 * it. As with searches only what the router must understand is read, and nodes judge the rest.
 */
import { readQueryString } from "./read-query-string.ts";
import { SEQUENCE_FIELD, SEQUENCE_RULE } from "../markers/fields.ts";
import { isStrings } from "./index-view.ts";
import { filterParameter, flagParameter, listParameter, sortParameter, wholeParameter } from "./search-query-string.ts";

export interface DocumentsRequest {
  readonly offset: number;
  readonly limit: number;
  /** null: all. */
  readonly fields: readonly string[] | null;
  readonly retrieveVectors: boolean;
  readonly ids: readonly unknown[] | null;
  readonly filter: unknown;
  readonly sort: readonly string[];
}

/** null: a node has to judge it. */
export function readDocumentsRequest(value: unknown): DocumentsRequest | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const body = value as Readonly<Record<string, unknown>>;
  for (const name in body) {
    const check = PARAMETERS[name];
    if (check === undefined || !check(body[name])) return null;
  }
  return {
    offset: (body["offset"] as number | undefined) ?? 0,
    limit: (body["limit"] as number | undefined) ?? LIMIT,
    fields: (body["fields"] as readonly string[] | null | undefined) ?? null,
    retrieveVectors: body["retrieveVectors"] === true,
    ids: (body["ids"] as readonly unknown[] | null | undefined) ?? null,
    filter: body["filter"] ?? undefined,
    sort: (body["sort"] as readonly string[] | null | undefined) ?? [],
  };
}

/** undefined: unreadable. */
export function documentsQueryString(query: URLSearchParams): Record<string, unknown> | undefined {
  return readQueryString(query, QUERY_PARAMETERS);
}

export interface NodeDocuments {
  /** Is nothing wanted but what decides the order? */
  readonly keysOnly: boolean;
  /** What of the documents decides the order. */
  readonly sortFields: readonly string[];
  /** False for a node that knows no coordinates, and refuses to sort by them. */
  readonly knowsPoints: boolean;
  /** Nodes cannot sort by the sequence: it is read. */
  readonly placeStored: boolean;
}

/**
 * The body for the nodes without paging and filter. Insertion order comes from the sequence, as the last criterion, or,
 * where nodes cannot sort by it, as a field that is read.
 */
export function nodeDocumentsBody(request: DocumentsRequest, asked: NodeDocuments): Record<string, unknown> {
  const { fields, ids, sort, retrieveVectors } = request;
  const { keysOnly, sortFields, knowsPoints, placeStored } = asked;
  const wanted = keysOnly ? [] : fields;
  const deciding = [...(sort.length === 0 || placeStored ? [SEQUENCE_FIELD] : []), ...sortFields];
  const criteria = sort.filter((criterion) => knowsPoints || !criterion.startsWith(POINT));
  const sorted = placeStored ? criteria : [...criteria, SEQUENCE_RULE];
  return {
    ...(wanted === null ? {} : { fields: [...new Set([...wanted, ...deciding])] }),
    ...(ids === null ? {} : { ids }),
    ...(retrieveVectors && !keysOnly ? { retrieveVectors } : {}),
    ...(sorted.length === 0 ? {} : { sort: sorted }),
  };
}

const POINT = "_geoPoint(";

type Check = (value: unknown) => boolean;

const whole: Check = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

const PARAMETERS: Readonly<Record<string, Check>> = {
  offset: whole,
  limit: whole,
  fields: orNull(isStrings),
  retrieveVectors: (value) => typeof value === "boolean",
  ids: orNull(
    (value) => Array.isArray(value) && value.every((id) => typeof id === "string" || Number.isSafeInteger(id)),
  ),
  filter: orNull((value) => typeof value === "string" || Array.isArray(value)),
  sort: orNull(isStrings),
  useNetwork: (value) => value === null || value === false,
};

const QUERY_PARAMETERS: Readonly<Record<string, (text: string) => unknown>> = {
  offset: wholeParameter,
  limit: wholeParameter,
  // A star anywhere in the list stands for all fields; in a JSON body it is a name like any other.
  fields: (text) => (text.split(",").includes("*") ? null : listParameter(text)),
  retrieveVectors: flagParameter,
  ids: listParameter,
  filter: filterParameter,
  sort: sortParameter,
};

const LIMIT = 20;
