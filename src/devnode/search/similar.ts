/** Documents like a given one: the first vector is compared with the first, the second with the second, and so on. */
import { DocSet } from "../doc-set.ts";
import {
  boolean,
  checkFields,
  integer,
  missingField,
  ratio,
  string,
  strings,
  wrongKind,
  type Check,
  type FieldSpec,
} from "../http/validate.ts";
import type { SearchIndex } from "../index/search-index.ts";
import { similarity } from "../index/vectors.ts";
import { NodeError } from "../node-error.ts";
import { bucketSort } from "./bucket-sort.ts";
import { makeHit } from "./make-hits.ts";
import { createMatcher } from "./match-text.ts";
import { globalScore } from "./score-details.ts";
import { parsedFilters, type SearchEnvironment } from "./search.ts";
import { vectorRule, type Likeness } from "./value-rules.ts";

export interface SimilarRequest {
  readonly id: string;
  readonly embedder: string;
  readonly offset?: number;
  readonly limit?: number;
  readonly filter?: unknown;
  readonly attributesToRetrieve?: readonly string[];
  readonly retrieveVectors?: boolean;
  readonly showRankingScore?: boolean;
  readonly showRankingScoreDetails?: boolean;
  readonly rankingScoreThreshold?: number;
}

const documentId: Check<string> = (value, path, code) => {
  const id = typeof value === "number" && Number.isInteger(value) ? String(value) : value;
  if (typeof id !== "string") throw wrongKind(value, path, "an integer or a string", code);
  if (/^[a-zA-Z0-9_-]{1,511}$/.test(id)) return id;
  throw new NodeError(
    code,
    `Invalid value at \`${path}\`: Document identifier \`${JSON.stringify(id)}\` is invalid. A document identifier can be of type integer or string, only composed of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more than 511 bytes.`,
  );
};

const anything: Check<unknown> = (value) => value;
const nullable = (name: string, check: Check<unknown>): FieldSpec => ({ check, code: `invalid_similar_${name}` });
const field = (name: string, check: Check<unknown>): FieldSpec => ({ ...nullable(name, check), refusesNull: true });

export const SIMILAR_FIELDS: Readonly<Record<string, FieldSpec>> = {
  id: field("id", documentId),
  offset: field("offset", integer),
  limit: field("limit", integer),
  filter: nullable("filter", anything),
  embedder: field("embedder", string),
  attributesToRetrieve: nullable("attributes_to_retrieve", strings),
  retrieveVectors: field("retrieve_vectors", boolean),
  showRankingScore: field("show_ranking_score", boolean),
  showRankingScoreDetails: field("show_ranking_score_details", boolean),
  showPerformanceDetails: field("show_performance_details", boolean),
  rankingScoreThreshold: nullable("ranking_score_threshold", ratio("rankingScoreThreshold")),
};

export function similarRequest(body: unknown): SimilarRequest {
  const checked = checkFields(body, SIMILAR_FIELDS);
  for (const name of ["id", "embedder"]) if (checked[name] === undefined) throw missingField(name, "", "bad_request");
  return checked as unknown as SimilarRequest;
}

export function similarDocuments(
  index: SearchIndex,
  request: SimilarRequest,
  environment: SearchEnvironment,
): Record<string, unknown> {
  const { limit = 20, offset = 0 } = request;
  const embedder = index.settings.embedders[request.embedder];
  if (embedder === undefined) {
    throw new NodeError("invalid_similar_embedder", `Cannot find embedder with name \`${request.embedder}\`.`);
  }
  const filters = [request.filter, environment.forcedFilter];
  const filtered = parsedFilters(filters, environment, "invalid_similar_filter");
  const internal = index.internalId(request.id);
  const own = parsedFilters([environment.forcedFilter], environment, "invalid_similar_filter")(index);
  if (internal === undefined || !own.has(internal))
    throw new NodeError("not_found_similar_id", `Document \`${request.id}\` not found.`);
  const universe = filtered(index).minus(DocSet.of([internal]));
  const withVectors = DocSet.of(
    [...universe].filter((id) => (index.documents.get(id)?.vectors.get(request.embedder)?.embeddings.length ?? 0) > 0),
  );
  const target = index.documents.get(internal)?.vectors.get(request.embedder)?.embeddings ?? [];
  const likeness: Likeness = (embeddings) =>
    Math.max(
      0,
      ...target.map((vector, at) => (embeddings[at] === undefined ? 0 : similarity(vector, embeddings[at], embedder))),
    );
  const ranked = bucketSort({
    universe: target.length === 0 ? new DocSet() : withVectors,
    rules: [vectorRule(index, request.embedder, likeness)],
    graph: null,
    count: offset + limit,
    evaluated: offset + limit,
    distinct: null,
    threshold: null,
  });
  const near = ranked.documents.slice(0, offset + limit);
  const { rankingScoreThreshold: threshold = 0 } = request;
  const end = near.findIndex(({ details }, at) => at >= offset && globalScore(details) < threshold);
  const { id: _id, embedder: _embedder, ...shown } = request;
  const context = { index, request: shown, matcher: createMatcher(null, index.tokenizer), geoTarget: null };
  return {
    hits: near.slice(offset, end === -1 ? undefined : end).map((document) => makeHit(document, context)),
    id: request.id,
    processingTimeMs: 0,
    limit,
    offset,
    estimatedTotalHits: Math.min(end === -1 ? universe.size : end, index.settings.pagination.maxTotalHits),
  };
}
