/** Which embedder and vector a search is about, if any; a development node embeds nothing by itself. */
import type { SearchIndex } from "../index/search-index.ts";
import type { Embedder } from "../index/settings.ts";
import { NodeError } from "../node-error.ts";
import type { SearchRequest } from "./search-request.ts";

export interface SemanticTarget {
  readonly name: string;
  readonly embedder: Embedder;
  readonly target: readonly number[];
}

export function semanticTarget(index: SearchIndex, request: SearchRequest): SemanticTarget | null {
  const { hybrid, vector, media } = request;
  if ((vector !== undefined || media !== undefined) && hybrid === undefined) {
    throw new NodeError(
      "missing_search_hybrid",
      "Invalid request: missing `hybrid` parameter when `vector` or `media` are present.",
    );
  }
  if (hybrid === undefined || hybrid.semanticRatio === 0) return null;
  const embedder = index.settings.embedders[hybrid.embedder];
  if (embedder === undefined) {
    throw new NodeError("invalid_search_embedder", `Cannot find embedder with name \`${hybrid.embedder}\`.`);
  }
  const hasText = request.q !== undefined && request.q !== "";
  if (vector === undefined && !hasText) return null;
  if (vector === undefined) {
    throw new NodeError(
      "vector_embedding_error",
      `Error while generating embeddings: user error: attempt to embed the following text in a configuration where embeddings must be user provided:\n  - \`${request.q ?? ""}\``,
    );
  }
  if (embedder.dimensions !== undefined && vector.length !== embedder.dimensions) {
    throw new NodeError(
      "invalid_vector_dimensions",
      `Invalid vector dimensions: expected: \`${embedder.dimensions}\`, found: \`${vector.length}\`.`,
    );
  }
  return { name: hybrid.embedder, embedder, target: vector };
}
