/**
 * A facet search as the client wrote it: which values of a field begin with a text, among the documents of a search.
 * Unlike all other bodies the engine's own ignores what it does not know here, so that search parameters may come along.
 */
import { MARKER_PREFIX } from "../markers/fields.ts";
import { readSearchRequest, type SearchRequest } from "./search-request.ts";

export interface FacetSearchRequest {
  readonly facetName: string;
  /** null: all values. */
  readonly facetQuery: string | null;
  /** Are the documents counted to the end, instead of up to the first page of the search? */
  readonly exhaustive: boolean;
  /** The search whose documents count. */
  readonly search: SearchRequest;
}

/** `judge`: a node has to say what is wrong; `parameter` is what the router could not make sense of. */
export type ReadFacetSearchRequest =
  | { readonly kind: "request"; readonly request: FacetSearchRequest }
  | { readonly kind: "judge"; readonly parameter: string };

export function readFacetSearchRequest(value: unknown): ReadFacetSearchRequest {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return judge("the body");
  const body = value as Readonly<Record<string, unknown>>;
  const { facetName, facetQuery = null, exhaustiveFacetCount = null, useNetwork = null } = body;
  if (typeof facetName !== "string") return judge("facetName");
  if (facetQuery !== null && typeof facetQuery !== "string") return judge("facetQuery");
  if (exhaustiveFacetCount !== null && typeof exhaustiveFacetCount !== "boolean") return judge("exhaustiveFacetCount");
  if (useNetwork !== null && useNetwork !== false) return judge("useNetwork");
  const parameters = Object.fromEntries(
    SEARCH_PARAMETERS.flatMap((name) => (name in body ? [[name, body[name]]] : [])),
  );
  const read = readSearchRequest(parameters);
  if (read.kind === "judge") return read;
  const { request: search } = read;
  return { kind: "request", request: { facetName, facetQuery, exhaustive: exhaustiveFacetCount === true, search } };
}

/**
 * The name to ask nodes for. A marker's own is not told to them, as they know it and a single node does not: this one
 * meets the same patterns, and no document has it.
 */
export function askedFacetName(facetName: string): string {
  return facetName.startsWith(MARKER_PREFIX)
    ? `${MARKER_PREFIX}no${facetName.slice(MARKER_PREFIX.length - 1)}`
    : facetName;
}

/** Could a document count that another search leaves out? */
export function isNarrowed({ search }: FacetSearchRequest, forced: readonly unknown[]): boolean {
  if (forced.length > 0 || search.filter !== undefined) return true;
  const { q } = search.body;
  return search.kind === "keyword" && ((typeof q === "string" && q.trim() !== "") || search.hasThreshold);
}

function judge(parameter: string): ReadFacetSearchRequest {
  return { kind: "judge", parameter };
}

const SEARCH_PARAMETERS: readonly string[] = [
  "q",
  "vector",
  "media",
  "hybrid",
  "filter",
  "matchingStrategy",
  "attributesToSearchOn",
  "rankingScoreThreshold",
  "locales",
];
