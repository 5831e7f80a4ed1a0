/** User-provided vectors of documents: read from `_vectors`, compared by cosine. */
import { NodeError } from "../node-error.ts";
import type { Embedder } from "./settings.ts";
import { isObject } from "./walk-fields.ts";

export type DocumentVectors = ReadonlyMap<
  string,
  { readonly embeddings: readonly (readonly number[])[]; readonly regenerate: boolean }
>;

/** The vectors of a document for the embedders of its index; throws when one has the wrong shape or size. */
export function readVectors(
  id: string,
  field: unknown,
  embedders: Readonly<Record<string, Embedder>>,
): DocumentVectors {
  const vectors = new Map<string, { embeddings: number[][]; regenerate: boolean }>();
  if (field === undefined || field === null) return vectors;
  if (!isObject(field)) {
    throw new NodeError(
      "invalid_vectors_type",
      `The \`_vectors\` field in the document with id: \`${id}\` is not an object. Was expecting an object with a key for each embedder with manually provided vectors, but instead got \`${JSON.stringify(field)}\``,
    );
  }
  for (const [name, given] of Object.entries(field)) {
    const embedder = embedders[name];
    const explicit = isObject(given);
    const embeddings = embeddingsOf(explicit ? given["embeddings"] : given);
    if (embeddings === null) {
      throw new NodeError(
        "invalid_vectors_type",
        `Bad embedder configuration in the document with id: \`${id}\`. Invalid value type at \`._vectors.${name}\`: expected null or an array, but found ${JSON.stringify(given)}`,
      );
    }
    const wrong = embeddings.findIndex(
      (embedding) => embedder?.dimensions !== undefined && embedding.length !== embedder.dimensions,
    );
    if (wrong !== -1) {
      throw new NodeError(
        "invalid_vector_dimensions",
        `Invalid vector dimensions in document with id \`${id}\` in \`._vectors.${name}\`.\n  - note: embedding #${wrong} has dimensions ${embeddings[wrong]?.length ?? 0}\n  - note: embedder \`${name}\` requires ${embedder?.dimensions ?? 0}`,
      );
    }
    vectors.set(name, { embeddings, regenerate: explicit && given["regenerate"] === true });
  }
  return vectors;
}

/** Similarity of two vectors between 0 and 1, in the single precision of the engine. */
export function similarity(left: readonly number[], right: readonly number[], embedder: Embedder): number {
  let dot = 0;
  let leftSquare = 0;
  let rightSquare = 0;
  for (let i = 0; i < left.length; i += 1) {
    const a = left[i] ?? 0;
    const b = right[i] ?? 0;
    dot += a * b;
    leftSquare += a * a;
    rightSquare += b * b;
  }
  const norms = Math.sqrt(leftSquare) * Math.sqrt(rightSquare);
  const cosine = norms === 0 ? 0 : dot / norms;
  return Math.fround(shifted(Math.fround((1 + cosine) / 2), embedder));
}

function shifted(score: number, embedder: Embedder): number {
  if (embedder.distribution === undefined) return score;
  const factor = 0.4 / embedder.distribution.sigma;
  const moved = factor * score + 0.5 - factor * embedder.distribution.mean;
  return Math.min(1, moved <= 0 ? 1.1920929e-7 : moved);
}

function embeddingsOf(given: unknown): number[][] | null {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) return null;
  if (given.every((item) => typeof item === "number")) return given.length === 0 ? [] : [given];
  return given.every((item) => Array.isArray(item) && item.every((part) => typeof part === "number"))
    ? (given as number[][])
    : null;
}
