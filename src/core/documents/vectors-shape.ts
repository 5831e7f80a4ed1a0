/**
 * What the engine demands of `_vectors`. It finds a violation only while indexing and then fails every task of the same
 * batch on that node, so whatever can be known from the settings is judged here: the shape always, the numbers and
 * their count for configured embedders, and the presence of vectors where the user has to provide them.
 */
import type { ErrorCode } from "../errors/codes.ts";

export interface EmbedderShape {
  readonly name: string;
  /** null when only the node knows. */
  readonly dimensions: number | null;
  /** The engine cannot make the vectors, so every new document has to bring them. */
  readonly userProvided: boolean;
}

export interface VectorComplaint {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * `vectors` is undefined when the document has no such field. `mayBeStored`: the document may exist with vectors that
 * stay (a partial update), so that missing ones prove nothing.
 */
export function vectorsComplaint(
  id: string,
  vectors: unknown,
  embedders: readonly EmbedderShape[],
  mayBeStored: boolean,
): VectorComplaint | null {
  if (vectors !== undefined && (vectors === null || typeof vectors !== "object" || Array.isArray(vectors))) {
    return { code: "invalid_vectors_type", message: badType(id, "Expected `._vectors` to be an object.") };
  }
  const given = (vectors ?? {}) as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(given)) {
    const embedder = embedders.find((one) => one.name === name);
    const complaint = shapeComplaint(id, name, value) ?? (embedder && numbersComplaint(id, embedder, value));
    if (complaint) return complaint;
  }
  if (mayBeStored) return null;
  const without = embedders.find((one) => one.userProvided && lacksVectors(given, one.name));
  return without === undefined ? null : missingVectors(id, without.name);
}

function lacksVectors(given: Readonly<Record<string, unknown>>, embedder: string): boolean {
  if (!Object.hasOwn(given, embedder)) return true;
  const value = given[embedder];
  return isRecord(value) && value["regenerate"] === true && value["embeddings"] === undefined;
}

function missingVectors(id: string, embedder: string): VectorComplaint {
  return {
    code: "vector_embedding_error",
    message:
      `While embedding documents for embedder \`${embedder}\`: no vectors provided for document \`${id}\`\n` +
      `- Note: \`${embedder}\` has \`source: userProvided\`, so documents must provide embeddings as an array in \`_vectors.${embedder}\`.\n` +
      `- Hint: opt-out for a document with \`_vectors.${embedder}: null\``,
  };
}

/** Holds for names without an embedder too. */
function shapeComplaint(id: string, embedder: string, value: unknown): VectorComplaint | null {
  if (value === null || Array.isArray(value)) return null;
  const where = `._vectors.${embedder}`;
  if (!isRecord(value)) {
    const kind = typeof value === "number" ? (Number.isInteger(value) ? "integer" : "number") : typeof value;
    return typeError(
      id,
      `Expected \`${where}\` to be an array of floats, an array of arrays of floats, or an object with at least the field \`regenerate\`, but got the ${kind} \`${typeof value === "string" ? value : JSON.stringify(value)}\``,
    );
  }
  const unknown = Object.keys(value).find((key) => key !== "regenerate" && key !== "embeddings");
  if (unknown !== undefined) {
    return typeError(
      id,
      `Unexpected field \`${where}.${unknown}\`\n  - note: the allowed fields are \`regenerate\` and \`embeddings\``,
    );
  }
  if (!Object.hasOwn(value, "regenerate")) {
    return typeError(
      id,
      `Missing field \`${where}.regenerate\`\n  - note: \`${where}\` must be an array of floats, an array of arrays of floats, or an object with field \`regenerate\``,
    );
  }
  if (typeof value["regenerate"] === "boolean") return null;
  return typeError(id, `Could not parse \`${where}.regenerate\`: expected a boolean`);
}

function numbersComplaint(id: string, embedder: EmbedderShape, value: unknown): VectorComplaint | null {
  const explicit = isRecord(value);
  const where = `._vectors.${embedder.name}${explicit ? ".embeddings" : ""}`;
  const embeddings = explicit ? value["embeddings"] : value;
  if (embeddings === undefined || embeddings === null) return null;
  if (!Array.isArray(embeddings)) return wrong(id, where, "null or an array", embeddings);
  const [first] = embeddings as readonly unknown[];
  if (first === undefined) return null;
  if (typeof first === "number") return vectorComplaint(id, embedder, where, embeddings, 0);
  if (!Array.isArray(first)) return wrong(id, `${where}[0]`, "a number or an array", first);
  for (const [i, vector] of (embeddings as readonly unknown[]).entries()) {
    if (!Array.isArray(vector)) return wrong(id, `${where}[${i}]`, "an array", vector);
    const complaint = vectorComplaint(id, embedder, `${where}[${i}]`, vector, i);
    if (complaint) return complaint;
  }
  return null;
}

function vectorComplaint(
  id: string,
  embedder: EmbedderShape,
  where: string,
  vector: readonly unknown[],
  position: number,
): VectorComplaint | null {
  for (const [i, number] of vector.entries()) {
    if (typeof number !== "number") return wrong(id, `${where}[${i}]`, "a number", number);
  }
  if (embedder.dimensions === null || vector.length === embedder.dimensions) return null;
  return {
    code: "invalid_vector_dimensions",
    message:
      `Invalid vector dimensions in document with id \`${id}\` in \`._vectors.${embedder.name}\`.\n` +
      `  - note: embedding #${position} has dimensions ${vector.length}\n` +
      `  - note: embedder \`${embedder.name}\` requires ${embedder.dimensions}`,
  };
}

function wrong(id: string, where: string, expected: string, found: unknown): VectorComplaint {
  const what = found === null ? "null" : `${kindOf(found)}: \`${JSON.stringify(found)}\``;
  return typeError(id, `Invalid value type at \`${where}\`: expected ${expected}, but found ${what}`);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "string") return "a string";
  if (typeof value === "boolean") return "a boolean";
  if (typeof value !== "number") return "an object";
  if (!Number.isInteger(value)) return "a number";
  return value < 0 ? "a negative integer" : "a positive integer";
}

function typeError(id: string, what: string): VectorComplaint {
  return { code: "invalid_vectors_type", message: badType(id, what) };
}

function badType(id: string, what: string): string {
  return `Bad embedder configuration in the document with id: \`${id}\`. ${what}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
