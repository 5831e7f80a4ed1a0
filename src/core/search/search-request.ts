/**
 * A search as the client wrote it. Only what the router must understand is read; everything else is passed through,
 * and the nodes judge it. A body that cannot be read here goes to a node as it is, for the engine's own words.
 */
import type { Paging } from "../merge/merge-spec.ts";
import { isStrings } from "./index-view.ts";

export interface SearchRequest {
  /** The client's object, untouched. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly paging: Paging;
  readonly kind: SearchKind;
  readonly filter: unknown;
  /** null: all. */
  readonly attributesToRetrieve: readonly string[] | null;
  readonly attributesToHighlight: readonly string[] | null;
  readonly attributesToCrop: readonly string[] | null;
  readonly showMatchesPosition: boolean;
  readonly showRankingScoreDetails: boolean;
  readonly facets: readonly string[];
  readonly distinct: string | null;
  readonly hasThreshold: boolean;
}

export type SearchKind = "keyword" | "semantic" | "hybrid";

/** `judge`: a node has to say what is wrong; `parameter` is what the router could not make sense of. */
export type ReadSearchRequest =
  | { readonly kind: "request"; readonly request: SearchRequest }
  | { readonly kind: "judge"; readonly parameter: string };

export function readSearchRequest(value: unknown, route: SearchRoute = "search"): ReadSearchRequest {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return judge("the body");
  const body = value as Readonly<Record<string, unknown>>;
  for (const name in body) {
    if (body[name] === null && route === "multi_search" && NULL_IN_MULTI_SEARCH.has(name)) continue;
    const check = PARAMETERS[name];
    if (check === undefined || !check(body[name])) return judge(name);
  }
  return {
    kind: "request",
    request: {
      body,
      paging: readPaging(body),
      kind: readKind(body),
      filter: body["filter"] ?? undefined,
      attributesToRetrieve: strings(body["attributesToRetrieve"]),
      attributesToHighlight: strings(body["attributesToHighlight"]),
      attributesToCrop: strings(body["attributesToCrop"]),
      showMatchesPosition: body["showMatchesPosition"] === true,
      showRankingScoreDetails: body["showRankingScoreDetails"] === true,
      facets: strings(body["facets"]) ?? [],
      distinct: typeof body["distinct"] === "string" ? body["distinct"] : null,
      hasThreshold: typeof body["rankingScoreThreshold"] === "number",
    },
  };
}

/** A query of a multi-search may have null where a single search may not. */
export type SearchRoute = "search" | "multi_search";

const NULL_IN_MULTI_SEARCH: ReadonlySet<string> = new Set(["offset", "limit", "showPerformanceDetails"]);

/** The parameters that the router takes for itself and the nodes therefore never see as the client wrote them. */
export const OWN_PARAMETERS: readonly string[] = ["offset", "limit", "page", "hitsPerPage", "filter", "useNetwork"];

function judge(parameter: string): ReadSearchRequest {
  return { kind: "judge", parameter };
}

function readPaging(body: Readonly<Record<string, unknown>>): Paging {
  const page = body["page"] ?? null;
  const hitsPerPage = body["hitsPerPage"] ?? null;
  if (page !== null || hitsPerPage !== null) {
    return { mode: "page", page: (page as number | null) ?? 1, hitsPerPage: (hitsPerPage as number | null) ?? LIMIT };
  }
  const offset = (body["offset"] as number | null | undefined) ?? 0;
  return { mode: "offset", offset, limit: (body["limit"] as number | null | undefined) ?? LIMIT };
}

/** As the engine decides it: without a query and a vector even a hybrid request is a keyword search. */
export function readKind(body: Readonly<Record<string, unknown>>): SearchKind {
  const hybrid = body["hybrid"] as { readonly semanticRatio?: number } | null | undefined;
  if (hybrid === null || hybrid === undefined) return "keyword";
  const ratio = hybrid.semanticRatio ?? SEMANTIC_RATIO;
  if (ratio === 0) return "keyword";
  const hasQuery = typeof body["q"] === "string" && body["q"].trim() !== "";
  const hasVector = (body["vector"] ?? null) !== null || (body["media"] ?? null) !== null;
  if (!hasQuery && !hasVector) return "keyword";
  return ratio === 1 || !hasQuery ? "semantic" : "hybrid";
}

function strings(value: unknown): readonly string[] | null {
  return isStrings(value) ? value : null;
}

type Check = (value: unknown) => boolean;

const anything: Check = () => true;
const flag: Check = (value) => typeof value === "boolean";
const whole: Check = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const text: Check = (value) => typeof value === "string";
const absent: Check = (value) => value === null || value === false;

function isHybrid(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { embedder, semanticRatio, ...rest } = value as Readonly<Record<string, unknown>>;
  if (typeof embedder !== "string" || Object.keys(rest).length > 0) return false;
  return semanticRatio === undefined || (typeof semanticRatio === "number" && semanticRatio >= 0 && semanticRatio <= 1);
}

function isFilter(value: unknown): boolean {
  return typeof value === "string" || Array.isArray(value);
}

/** Every parameter of a search, and whether the router can work with a value of it. */
const PARAMETERS: Readonly<Record<string, Check>> = {
  q: orNull((value) => typeof value === "string"),
  vector: orNull((value) => Array.isArray(value) && value.every((element) => typeof element === "number")),
  media: anything,
  hybrid: orNull(isHybrid),
  offset: whole,
  limit: whole,
  page: orNull(whole),
  hitsPerPage: orNull(whole),
  attributesToRetrieve: orNull(isStrings),
  retrieveVectors: flag,
  attributesToCrop: orNull(isStrings),
  // In a multi-search a node has to see the whole request to word what is wrong with a type.
  cropLength: whole,
  cropMarker: text,
  attributesToHighlight: orNull(isStrings),
  highlightPreTag: text,
  highlightPostTag: text,
  showMatchesPosition: flag,
  showRankingScore: flag,
  showRankingScoreDetails: flag,
  showPerformanceDetails: flag,
  filter: orNull(isFilter),
  sort: orNull(isStrings),
  distinct: orNull((value) => typeof value === "string"),
  facets: orNull(isStrings),
  matchingStrategy: (value) => value === "all" || value === "last" || value === "frequency",
  attributesToSearchOn: orNull(isStrings),
  rankingScoreThreshold: orNull((value) => typeof value === "number" && value >= 0 && value <= 1),
  locales: orNull(isStrings),
  // These two need what only a single node has; it says so itself, or the router does.
  personalize: (value) => value === null,
  useNetwork: absent,
};

const LIMIT = 20;
const SEMANTIC_RATIO = 0.5;
