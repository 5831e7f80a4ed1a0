/**
 * The query string of `GET …/search` as the body of the same search by POST. What does not parse gives undefined: a
 * node then judges the query string itself.
 */
import { readQueryString, type ParameterParsers } from "./read-query-string.ts";

/**
 * undefined: a parameter is unknown or has a value that the engine may refuse. Of a repeated one the last value counts.
 */
export function searchQueryString(query: URLSearchParams): Record<string, unknown> | undefined {
  const body = readQueryString(query, PARAMETERS);
  if (body === undefined) return undefined;
  const { hybridEmbedder, hybridSemanticRatio, ...rest } = body;
  if (hybridEmbedder === undefined) {
    return hybridSemanticRatio === undefined && rest["vector"] === undefined ? rest : undefined;
  }
  const ratio = hybridSemanticRatio === undefined ? {} : { semanticRatio: hybridSemanticRatio };
  return { ...rest, hybrid: { embedder: hybridEmbedder, ...ratio } };
}

/** JSON if it is JSON, else the text itself is the filter expression. */
export function filterParameter(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Splits at commas, but not inside `_geoPoint(…)`. */
export function sortParameter(text: string): readonly string[] {
  const entries: string[] = [];
  let insidePoint = false;
  for (const piece of text
    .replace(/^"+|"+$/g, "")
    .split(",")
    .map((part) => part.trim())) {
    if (insidePoint) {
      entries[entries.length - 1] += `,${piece}`;
      insidePoint = !piece.endsWith("):asc") && !piece.endsWith("):desc");
    } else {
      entries.push(piece);
      insidePoint = piece.startsWith("_geoPoint(");
    }
  }
  return entries;
}

export function listParameter(text: string): readonly string[] {
  return text === "" ? [] : text.split(",");
}

export function wholeParameter(text: string): number | undefined {
  if (!/^\+?\d+$/.test(text)) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  // The engine's own numbers are larger than those that are exact here; of so many there are all.
  return BigInt(text.replace("+", "")) <= U64_MAX ? Number.MAX_SAFE_INTEGER : undefined;
}

export function flagParameter(text: string): boolean | undefined {
  return text === "true" ? true : text === "false" ? false : undefined;
}

export function decimalParameter(text: string): number | undefined {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

function decimals(text: string): readonly number[] | undefined {
  const numbers = listParameter(text).map((part) => decimalParameter(part.trim()));
  return numbers.some((value) => value === undefined) ? undefined : (numbers as number[]);
}

const same = (text: string): string => text;

const PARAMETERS: ParameterParsers = {
  q: same,
  vector: decimals,
  offset: wholeParameter,
  limit: wholeParameter,
  page: wholeParameter,
  hitsPerPage: wholeParameter,
  attributesToRetrieve: listParameter,
  retrieveVectors: flagParameter,
  attributesToCrop: listParameter,
  cropLength: wholeParameter,
  cropMarker: same,
  attributesToHighlight: listParameter,
  highlightPreTag: same,
  highlightPostTag: same,
  showMatchesPosition: flagParameter,
  showRankingScore: flagParameter,
  showRankingScoreDetails: flagParameter,
  showPerformanceDetails: flagParameter,
  filter: filterParameter,
  sort: sortParameter,
  distinct: same,
  facets: listParameter,
  matchingStrategy: same,
  attributesToSearchOn: listParameter,
  rankingScoreThreshold: decimalParameter,
  locales: listParameter,
  hybridEmbedder: same,
  hybridSemanticRatio: decimalParameter,
};

const U64_MAX = 2n ** 64n - 1n;
