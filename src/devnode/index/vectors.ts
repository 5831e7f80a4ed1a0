/** User-provided vectors of documents: read from `_vectors`, compared by cosine. */
import { NodeError } from "../node-error.ts";
import type { Embedder } from "./settings.ts";
import { isObject } from "./walk-fields.ts";

export interface ProvidedVectors {
  readonly embeddings: readonly (readonly number[])[];
  readonly regenerate: boolean;
}

/** By embedder; only those the index knows. */
export type DocumentVectors = ReadonlyMap<string, ProvidedVectors>;

/** The vectors of a document for the embedders of its index; throws when one is malformed, of a wrong size or missing. */
export function readVectors(
  id: string,
  field: unknown,
  embedders: Readonly<Record<string, Embedder>>,
): DocumentVectors {
  if (field !== undefined && field !== null && !isObject(field)) {
    throw new NodeError(
      "internal",
      `invalid type: ${typeof field === "number" ? "integer" : typeof field} \`${JSON.stringify(field)}\`, expected a map at line 1 column 1`,
    );
  }
  const given = field ?? {};
  for (const [name, value] of Object.entries(given)) checkShape(id, name, value);
  const vectors = new Map<string, ProvidedVectors>();
  for (const [name, { dimensions }] of Object.entries(embedders)) {
    const value = given[name];
    if (value === undefined) throw missingVectors(id, name);
    const embeddings = embeddingsOf(value).map((embedding) => embedding.map(Math.fround));
    const wrong = embeddings.findIndex((embedding) => embedding.length !== dimensions);
    if (wrong !== -1) {
      throw new NodeError(
        "invalid_vector_dimensions",
        `Invalid vector dimensions in document with id \`${id}\` in \`._vectors.${name}\`.\n  - note: embedding #${wrong} has dimensions ${embeddings[wrong]?.length ?? 0}\n  - note: embedder \`${name}\` requires ${dimensions ?? 0}`,
      );
    }
    vectors.set(name, { embeddings, regenerate: isObject(value) && value["regenerate"] === true });
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

function missingVectors(id: string, name: string): NodeError {
  return new NodeError(
    "vector_embedding_error",
    `While embedding documents for embedder \`${name}\`: no vectors provided for document \`${id}\`\n- Note: \`${name}\` has \`source: userProvided\`, so documents must provide embeddings as an array in \`_vectors.${name}\`.\n- Hint: opt-out for a document with \`_vectors.${name}: null\``,
  );
}

function shifted(score: number, embedder: Embedder): number {
  if (embedder.distribution === undefined) return score;
  const factor = 0.4 / embedder.distribution.sigma;
  const moved = factor * score + 0.5 - factor * embedder.distribution.mean;
  return Math.min(1, moved <= 0 ? 1.1920929e-7 : moved);
}

function checkShape(id: string, name: string, value: unknown): void {
  const isNumbers = (item: unknown): boolean => Array.isArray(item) && item.every((part) => typeof part === "number");
  const list = isObject(value) ? value["embeddings"] : value;
  if (list === null || list === undefined || isNumbers(list) || (Array.isArray(list) && list.every(isNumbers))) return;
  const kind = typeof list === "string" ? `the string \`${list}\`` : `\`${JSON.stringify(list)}\``;
  throw new NodeError(
    "invalid_vectors_type",
    `Bad embedder configuration in the document with id: \`${id}\`. Expected \`._vectors.${name}\` to be an array of floats, an array of arrays of floats, or an object with at least the field \`regenerate\`, but got ${kind}`,
  );
}

function embeddingsOf(value: unknown): number[][] {
  const list = (isObject(value) ? value["embeddings"] : value) as number[] | number[][] | null | undefined;
  if (list === null || list === undefined || list.length === 0) return [];
  return typeof list[0] === "number" ? [list as number[]] : (list as number[][]);
}
