/**
 * The `federation` of a multi-search as the client wrote it. As with searches only what the router understands is read;
 * of anything else the name is given, and a node has to say what is wrong with it.
 */
import type { Paging } from "../merge/merge-spec.ts";
import { isStrings } from "./index-view.ts";

export interface FederationRequest {
  readonly paging: Paging;
  /** Facets of each index; null: the index is named, but no facets are asked for. */
  readonly facetsByIndex: ReadonlyMap<string, readonly string[] | null>;
  /** null: facets stay apart, by index. */
  readonly mergeFacets: { readonly valuesMax: number | null } | null;
  readonly distinct: string | null;
  readonly showPerformanceDetails: boolean;
}

export type ReadFederation =
  | { readonly kind: "federation"; readonly federation: FederationRequest }
  | { readonly kind: "judge"; readonly parameter: string };

export function readFederation(value: unknown): ReadFederation {
  if (!isRecord(value)) return { kind: "judge", parameter: "federation" };
  for (const name in value) {
    if (CHECKS[name]?.(value[name]) !== true) return { kind: "judge", parameter: `federation.${name}` };
  }
  const merge = value["mergeFacets"];
  const facets = Object.entries((value["facetsByIndex"] as FacetsByIndex | undefined) ?? {});
  return {
    kind: "federation",
    federation: {
      paging: readPaging(value),
      facetsByIndex: new Map(facets.sort(([a], [b]) => (a < b ? -1 : 1))),
      mergeFacets: isRecord(merge)
        ? { valuesMax: (merge["maxValuesPerFacet"] as number | null | undefined) ?? null }
        : null,
      distinct: (value["distinct"] as string | null | undefined) ?? null,
      showPerformanceDetails: value["showPerformanceDetails"] === true,
    },
  };
}

/** `federationOptions` of one query: its weight; null: a node has to judge them. */
export function readWeight(options: unknown): number | null {
  if (options === undefined || options === null) return WEIGHT;
  if (!isRecord(options)) return null;
  const { weight = WEIGHT, remote = null, queryPosition = null, ...unknown } = options;
  if (typeof weight !== "number" || weight < 0 || remote !== null || queryPosition !== null) return null;
  return Object.keys(unknown).length === 0 ? weight : null;
}

/** A parameter of a query that stands for the federation as a whole and may not be given once more; null: none. */
export function misplacedParameter(
  query: Readonly<Record<string, unknown>>,
  federation: FederationRequest,
): string | null {
  const given = (name: string): boolean => (query[name] ?? null) !== null;
  const facets = query["facets"];
  if (Array.isArray(facets) && facets.length > 0) return "facets";
  if (federation.distinct !== null && given("distinct")) return "distinct";
  return ["offset", "limit", "page", "hitsPerPage", "showPerformanceDetails"].find(given) ?? null;
}

function readPaging(value: Readonly<Record<string, unknown>>): Paging {
  const [page, hitsPerPage] = [value["page"] ?? null, value["hitsPerPage"] ?? null] as (number | null)[];
  if (page !== null || hitsPerPage !== null) {
    return { mode: "page", page: page ?? 1, hitsPerPage: hitsPerPage ?? LIMIT };
  }
  const { offset = 0, limit = LIMIT } = value as { readonly offset?: number; readonly limit?: number };
  return { mode: "offset", offset, limit };
}

type FacetsByIndex = Readonly<Record<string, readonly string[] | null>>;
type Check = (value: unknown) => boolean;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const whole: Check = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

const CHECKS: Readonly<Record<string, Check>> = {
  limit: whole,
  offset: whole,
  page: orNull(whole),
  hitsPerPage: orNull(whole),
  facetsByIndex: (value) =>
    isRecord(value) &&
    Object.entries(value).every(([uid, facets]) => INDEX_UID.test(uid) && (facets === null || isStrings(facets))),
  mergeFacets: orNull(
    (value) =>
      isRecord(value) &&
      Object.entries(value).every(([name, max]) => name === "maxValuesPerFacet" && (max === null || whole(max))),
  ),
  distinct: orNull((value) => typeof value === "string"),
  showPerformanceDetails: (value) => typeof value === "boolean",
  // Only a node with a reranker has it; it says so itself, or the router does.
  personalize: (value) => value === null,
};

const INDEX_UID = /^[A-Za-z0-9_-]{1,400}$/;
const LIMIT = 20;
const WEIGHT = 1;
