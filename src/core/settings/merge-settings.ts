/**
 * Applies a client's patch to the client's view: null takes a key away (back to the default), settings that merge
 * change part by part as they do in the engine. The result holds only what the client has set.
 */
import { isObject, type JsonObject } from "./json-shape.ts";

export function mergeSettings(before: JsonObject, patch: JsonObject): JsonObject {
  const after: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete after[key];
    else if (key === "embedders" && isObject(value)) setOrDrop(after, key, mergeEmbedders(before[key], value));
    else if (PART_DEPTH[key] !== undefined && isObject(value)) {
      setOrDrop(after, key, mergeParts(before[key], value, PART_DEPTH[key]));
    } else after[key] = value;
  }
  return after;
}

/** One embedder after a patch of it; a change of source drops what only the old source understood. */
export function mergeEmbedder(before: unknown, patch: JsonObject): JsonObject {
  const old = isObject(before) ? before : {};
  const source = patch["source"] === null ? DEFAULT_SOURCE : (patch["source"] ?? sourceOf(old));
  const kept = source === sourceOf(old) ? old : keepAcrossSources(old, source);
  const after: Record<string, unknown> = { ...kept };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete after[key];
    else if (SUB_EMBEDDERS.has(key) && isObject(value)) after[key] = mergeEmbedder(after[key], value);
    else if (FRAGMENTS.has(key) && isObject(value)) setOrDrop(after, key, mergeParts(after[key], value, 1));
    else after[key] = value;
  }
  return after;
}

/** The source of an embedder; the engine's default when none is named. */
export function sourceOf(embedder: JsonObject): unknown {
  return embedder["source"] ?? DEFAULT_SOURCE;
}

const DEFAULT_SOURCE = "openAi";
const SUB_EMBEDDERS: ReadonlySet<string> = new Set(["searchEmbedder", "indexingEmbedder"]);
const FRAGMENTS: ReadonlySet<string> = new Set(["indexingFragments", "searchFragments"]);

/** Settings made of parts, and how deep the parts are merged before a value replaces the old one. */
const PART_DEPTH: Readonly<Record<string, number>> = { typoTolerance: 2, faceting: 1, pagination: 1, chat: 1 };

function mergeEmbedders(before: unknown, patch: JsonObject): JsonObject {
  const after: Record<string, unknown> = isObject(before) ? { ...before } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete after[name];
    else after[name] = isObject(value) ? mergeEmbedder(after[name], value) : value;
  }
  return after;
}

function mergeParts(before: unknown, patch: JsonObject, depth: number): JsonObject {
  const after: Record<string, unknown> = isObject(before) ? { ...before } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete after[key];
    else if (depth > 1 && isObject(value)) setOrDrop(after, key, mergeParts(after[key], value, depth - 1));
    else after[key] = value;
  }
  return after;
}

function keepAcrossSources(old: JsonObject, source: unknown): JsonObject {
  const withoutText = source === "userProvided" || source === "composite";
  const kept = ["distribution", "binaryQuantized"];
  if (!withoutText) kept.push("documentTemplate", "documentTemplateMaxBytes");
  if (!withoutText && source !== "huggingFace") kept.push("apiKey");
  return Object.fromEntries(Object.entries(old).filter(([key]) => kept.includes(key)));
}

/** A setting of which no part is left is not set. */
function setOrDrop(target: Record<string, unknown>, key: string, value: JsonObject): void {
  if (Object.keys(value).length === 0) delete target[key];
  else target[key] = value;
}
