/** The parameters of a search with their checks, for JSON bodies and for query strings. */
import {
  arrayOf,
  boolean,
  checkFields,
  integer,
  missingField,
  number,
  oneOf,
  ratio,
  string,
  strings,
  type Check,
  type FieldSpec,
} from "../http/validate.ts";

import { LOCALES } from "../text/locales.ts";

export interface SearchRequest {
  readonly q?: string;
  readonly vector?: readonly number[];
  readonly hybrid?: { readonly embedder: string; readonly semanticRatio?: number };
  readonly offset?: number;
  readonly limit?: number;
  readonly page?: number;
  readonly hitsPerPage?: number;
  readonly attributesToRetrieve?: readonly string[];
  readonly retrieveVectors?: boolean;
  readonly attributesToCrop?: readonly string[];
  readonly cropLength?: number;
  readonly cropMarker?: string;
  readonly attributesToHighlight?: readonly string[];
  readonly highlightPreTag?: string;
  readonly highlightPostTag?: string;
  readonly showMatchesPosition?: boolean;
  readonly showRankingScore?: boolean;
  readonly showRankingScoreDetails?: boolean;
  readonly filter?: unknown;
  readonly sort?: readonly string[];
  readonly distinct?: string;
  readonly facets?: readonly string[];
  readonly matchingStrategy?: "last" | "all" | "frequency";
  readonly attributesToSearchOn?: readonly string[];
  readonly rankingScoreThreshold?: number;
  readonly useNetwork?: boolean;
  readonly media?: unknown;
  readonly personalize?: unknown;
}

const filterValue: Check<unknown> = (value) => value;

const hybrid: Check<unknown> = (value, path, code) => {
  const checked = checkFields(
    value,
    {
      embedder: { check: string, code: "invalid_search_embedder" },
      semanticRatio: { check: ratio("semanticRatio"), code: "invalid_search_semantic_ratio" },
    },
    path,
    code,
  );
  if (checked["embedder"] === undefined) throw missingField("embedder", path, code);
  return checked;
};

const personalize: Check<unknown> = (value, path, code) => {
  const checked = checkFields(value, { userContext: { check: string, code } }, path, code);
  if (checked["userContext"] === undefined) throw missingField("userContext", path, code);
  return checked;
};

const field = (name: string, check: Check<unknown>): FieldSpec => ({ check, code: `invalid_search_${name}` });
const given = (name: string, check: Check<unknown>): FieldSpec => ({ ...field(name, check), refusesNull: true });

/** In the order in which error messages list them. */
export const SEARCH_FIELDS: Readonly<Record<string, FieldSpec>> = {
  q: field("q", string),
  offset: given("offset", integer),
  limit: given("limit", integer),
  page: field("page", integer),
  hitsPerPage: field("hits_per_page", integer),
  attributesToRetrieve: field("attributes_to_retrieve", strings),
  attributesToCrop: field("attributes_to_crop", strings),
  cropLength: given("crop_length", integer),
  cropMarker: given("crop_marker", string),
  attributesToHighlight: field("attributes_to_highlight", strings),
  highlightPreTag: given("highlight_pre_tag", string),
  highlightPostTag: given("highlight_post_tag", string),
  showMatchesPosition: given("show_matches_position", boolean),
  filter: field("filter", filterValue),
  sort: field("sort", strings),
  distinct: field("distinct", string),
  facets: field("facets", strings),
  matchingStrategy: given("matching_strategy", oneOf("last", "all", "frequency")),
  attributesToSearchOn: field("attributes_to_search_on", strings),
  rankingScoreThreshold: field("ranking_score_threshold", ratio("rankingScoreThreshold")),
  locales: field("locales", arrayOf(oneOf(...LOCALES))),
  hybrid: field("hybrid_query", hybrid),
  vector: field("vector", arrayOf(number)),
  retrieveVectors: given("retrieve_vectors", boolean),
  media: field("media", filterValue),
  personalize: field("personalize", personalize),
  useNetwork: field("use_network", boolean),
  showRankingScore: given("show_ranking_score", boolean),
  showRankingScoreDetails: given("show_ranking_score_details", boolean),
  showPerformanceDetails: given("show_performance_details", boolean),
};

export function searchRequest(body: unknown): SearchRequest {
  return checkFields(body, SEARCH_FIELDS);
}

type ParameterKind = "string" | "integer" | "boolean" | "ratio" | "list" | "numbers" | "filter" | "sort";

const PARAMETER_KINDS: Readonly<Record<string, ParameterKind>> = {
  offset: "integer",
  limit: "integer",
  page: "integer",
  hitsPerPage: "integer",
  cropLength: "integer",
  attributesToRetrieve: "list",
  attributesToCrop: "list",
  attributesToHighlight: "list",
  facets: "list",
  attributesToSearchOn: "list",
  locales: "list",
  vector: "numbers",
  filter: "filter",
  sort: "sort",
  rankingScoreThreshold: "ratio",
  hybridSemanticRatio: "ratio",
  showMatchesPosition: "boolean",
  retrieveVectors: "boolean",
  useNetwork: "boolean",
  showRankingScore: "boolean",
  showRankingScoreDetails: "boolean",
  showPerformanceDetails: "boolean",
};

/** What a query string's text stands for; text that stands for nothing is left for the checks to refuse. */
export function parameterValue(name: string, text: string): unknown {
  switch (PARAMETER_KINDS[name] ?? "string") {
    case "string":
      return text;
    case "integer":
      return /^\d+$/.test(text) ? Number(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "ratio":
      return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
    case "list":
      return text.split(",").filter((item) => item !== "");
    case "numbers":
      return text.split(",").map(Number);
    case "filter":
      return parsedFilter(text);
    case "sort":
      return splitSort(text);
  }
}

/** A filter in a query string is JSON when it can be read as such. */
export function parsedFilter(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" || Array.isArray(value) ? value : text;
  } catch {
    return text;
  }
}

/** Splits at commas, but keeps the two numbers of a point together. */
export function splitSort(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((item) => item.trim());
}
