/**
 * A request for documents like a given one, by JSON body or by query string. As with searches only what the router must
 * understand is read, and nodes judge the rest.
 */
import { readQueryString } from "./read-query-string.ts";
import { documentKey } from "../documents/document-key.ts";
import { decodeKey, MALFORMED, readObject, skipSpace } from "../json/scan.ts";
import { isStrings } from "./index-view.ts";
import {
  decimalParameter,
  filterParameter,
  flagParameter,
  listParameter,
  wholeParameter,
} from "./search-query-string.ts";

export interface SimilarRequest {
  /** The document's key, as it is stored. */
  readonly id: string;
  readonly embedder: string;
  readonly offset: number;
  readonly limit: number;
  readonly filter: unknown;
  /** null: all. */
  readonly attributesToRetrieve: readonly string[] | null;
  readonly retrieveVectors: boolean;
  readonly showRankingScore: boolean;
  readonly showRankingScoreDetails: boolean;
  readonly showPerformanceDetails: boolean;
  /** null: none. */
  readonly rankingScoreThreshold: number | null;
}

/** `judge`: a node has to say what is wrong; `parameter` is what the router could not make sense of. */
export type ReadSimilarRequest =
  | { readonly kind: "request"; readonly request: SimilarRequest }
  | { readonly kind: "judge"; readonly parameter: string };

/** `text`: the body as it was sent, since a number may stand there in a form that is no key; null for a query string. */
export function readSimilarRequest(value: unknown, text: string | null): ReadSimilarRequest {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return judge("the body");
  const body = value as Readonly<Record<string, unknown>>;
  for (const name in body) {
    const check = PARAMETERS[name];
    if (check === undefined || !check(body[name])) return judge(name);
  }
  const id = keyOf(text === null ? JSON.stringify(body["id"] ?? null) : memberOf(text, "id"));
  if (id === null) return judge("id");
  if (typeof body["embedder"] !== "string") return judge("embedder");
  return {
    kind: "request",
    request: {
      id,
      embedder: body["embedder"],
      offset: (body["offset"] as number | undefined) ?? 0,
      limit: (body["limit"] as number | undefined) ?? LIMIT,
      filter: body["filter"] ?? undefined,
      attributesToRetrieve: (body["attributesToRetrieve"] as readonly string[] | null | undefined) ?? null,
      retrieveVectors: body["retrieveVectors"] === true,
      showRankingScore: body["showRankingScore"] === true,
      showRankingScoreDetails: body["showRankingScoreDetails"] === true,
      showPerformanceDetails: body["showPerformanceDetails"] === true,
      rankingScoreThreshold: (body["rankingScoreThreshold"] as number | null | undefined) ?? null,
    },
  };
}

/** undefined: a parameter is unknown or has a value that the engine may refuse. */
export function similarQueryString(query: URLSearchParams): Record<string, unknown> | undefined {
  return readQueryString(query, QUERY_PARAMETERS);
}

function judge(parameter: string): ReadSimilarRequest {
  return { kind: "judge", parameter };
}

function keyOf(json: string | null): string | null {
  if (json === null) return null;
  const bytes = new TextEncoder().encode(json);
  return documentKey(bytes, 0, bytes.length);
}

/** Of a repeated member the last counts, as for whoever parses the text. */
function memberOf(text: string, name: string): string | null {
  const bounds: number[] = [];
  if (readObject(text, skipSpace(text, 0), bounds) === MALFORMED) return null;
  for (let i = bounds.length - 4; i >= 0; i -= 4) {
    if (decodeKey(text, bounds[i]!, bounds[i + 1]!) === name) return text.slice(bounds[i + 2], bounds[i + 3]);
  }
  return null;
}

type Check = (value: unknown) => boolean;

const flag: Check = (value) => typeof value === "boolean";
const whole: Check = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const text: Check = (value) => typeof value === "string";
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

const PARAMETERS: Readonly<Record<string, Check>> = {
  id: (value) => typeof value === "string" || typeof value === "number",
  embedder: text,
  offset: whole,
  limit: whole,
  filter: orNull((value) => typeof value === "string" || Array.isArray(value)),
  attributesToRetrieve: orNull(isStrings),
  retrieveVectors: flag,
  showRankingScore: flag,
  showRankingScoreDetails: flag,
  showPerformanceDetails: flag,
  rankingScoreThreshold: orNull((value) => typeof value === "number" && value >= 0 && value <= 1),
};

const QUERY_PARAMETERS: Readonly<Record<string, (text: string) => unknown>> = {
  id: (id) => id,
  embedder: (embedder) => embedder,
  offset: wholeParameter,
  limit: wholeParameter,
  filter: filterParameter,
  attributesToRetrieve: listParameter,
  retrieveVectors: flagParameter,
  showRankingScore: flagParameter,
  showRankingScoreDetails: flagParameter,
  showPerformanceDetails: flagParameter,
  rankingScoreThreshold: decimalParameter,
};

const LIMIT = 20;
