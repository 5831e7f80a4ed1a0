/** The body of a search that a request contains, so that it can be asked again in another form. */
import type { DifferentialRequest } from "./request.ts";

export interface QueriedSearch {
  /** Of a query of a multi-search. */
  readonly index?: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** `position`: of the query in a multi-search. null: the body cannot be read. */
export function searchBody(request: DifferentialRequest, position: number | null): QueriedSearch | null {
  const body = typeof request.body === "string" ? parsed(request.body) : (request.body ?? {});
  if (!isObject(body)) return null;
  if (position !== null) {
    const query: unknown = Array.isArray(body["queries"]) ? body["queries"][position] : undefined;
    if (!isObject(query)) return null;
    const { indexUid, ...rest } = query;
    return { index: String(indexUid), body: rest };
  }
  return { body: request.method === "GET" ? fromQueryString(request.path) : body };
}

function fromQueryString(path: string): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [key, value] of new URLSearchParams(path.split("?")[1] ?? "")) {
    if (LISTS.has(key)) body[key] = value === "" ? [] : value.split(",");
    else if (key === "sort") body[key] = value.split(/,(?![^(]*\))/);
    else if (key === "q" || key === "cropMarker" || key.startsWith("highlight")) body[key] = value;
    else if (key === "hybridEmbedder" || key === "hybridSemanticRatio") {
      const name = key === "hybridEmbedder" ? "embedder" : "semanticRatio";
      body["hybrid"] = { ...(body["hybrid"] as object | undefined), [name]: parsed(value) ?? value };
    } else body[key] = key === "vector" ? value.split(",").map(Number) : (parsed(value) ?? value);
  }
  return body;
}

const LISTS: ReadonlySet<string> = new Set([
  "attributesToRetrieve",
  "attributesToCrop",
  "attributesToHighlight",
  "attributesToSearchOn",
  "facets",
  "fields",
  "ids",
  "locales",
]);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
