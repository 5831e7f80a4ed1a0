/**
 * What a client may read of a node's settings: everything of Miroir's taken out and the client's own values put back
 * where the nodes carry wider ones. Written over whatever keys the node's object has, so that one function serves the
 * whole object and every sub-route.
 */
import { EXPIRES_AT_FIELD, NO_FIELD, SEQUENCE_FIELD, SHARD_FIELD, UPDATED_AT_FIELD } from "../markers/fields.ts";
import { isObject, isStringList, type JsonObject } from "./json-shape.ts";
import {
  DEFAULT_DOCUMENT_TEMPLATE,
  DEFAULT_MAX_VALUES_PER_FACET,
  isNodeDocumentTemplate,
  RANKING_MARKER,
  SORTABLE_MARKER,
} from "./node-form.ts";

/** `client` is the catalog's record of what the client has set. */
export function toClientView(node: JsonObject, client: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, toClientValue(key, value, client[key])]));
}

export function toClientValue(key: string, value: unknown, client: unknown): unknown {
  switch (key) {
    case "displayedAttributes":
      return displayed(client);
    case "filterableAttributes":
      return Array.isArray(value) ? value.filter((one) => !isFilterableMarker(one)) : value;
    case "sortableAttributes":
      return Array.isArray(value) ? value.filter((one) => one !== SORTABLE_MARKER) : value;
    case "rankingRules":
      return Array.isArray(value) ? value.filter((one) => one !== RANKING_MARKER) : value;
    case "faceting":
      return isObject(value) ? { ...value, maxValuesPerFacet: maxValuesPerFacet(client) } : value;
    case "embedders":
      return isObject(value) ? withDefaultTemplates(value) : value;
    default:
      return value;
  }
}

/**
 * The `details` of a client's settings task, from those of a node's: the same keys as the patch, in the engine's
 * normal form.
 */
export function toClientDetails(node: JsonObject, patch: JsonObject): JsonObject {
  const details: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    if (key in patch) details[key] = clientDetail(key, value, patch[key]);
  }
  return details;
}

/** The `details` of a task that no node has worked on yet: the patch itself, as the engine would show it. */
export function requestedDetails(patch: JsonObject): JsonObject {
  const shown = Object.entries(maskSecrets(patch)).map(([key, value]) => [
    key,
    value === null && WILDCARD_WHEN_RESET.has(key) ? ["*"] : value,
  ]);
  return Object.fromEntries(shown) as JsonObject;
}

/** The engine shows an embedder's key shortened to its first characters. */
export function maskSecrets(patch: JsonObject): JsonObject {
  const embedders = patch["embedders"];
  if (!isObject(embedders)) return patch;
  return {
    ...patch,
    embedders: Object.fromEntries(Object.entries(embedders).map(([name, one]) => [name, maskEmbedder(one)])),
  };
}

const MARKERS: ReadonlySet<unknown> = new Set([SHARD_FIELD, NO_FIELD, SEQUENCE_FIELD, UPDATED_AT_FIELD]);

function isFilterableMarker(element: unknown): boolean {
  if (!isObject(element)) return false;
  const patterns = element["attributePatterns"];
  if (!Array.isArray(patterns) || !patterns.some((one) => MARKERS.has(one))) return false;
  // Alone it may be a field of the client's.
  return patterns.every((one) => MARKERS.has(one) || one === EXPIRES_AT_FIELD);
}

/** The engine keeps the first of equal names, and a `*` anywhere means all. */
function displayed(client: unknown): readonly string[] {
  if (!isStringList(client) || client.includes("*")) return ["*"];
  return [...new Set(client)];
}

function maxValuesPerFacet(client: unknown): unknown {
  return (isObject(client) ? client["maxValuesPerFacet"] : undefined) ?? DEFAULT_MAX_VALUES_PER_FACET;
}

function withDefaultTemplates(embedders: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(embedders).map(([name, one]) => [name, withDefaultTemplate(one)]));
}

function withDefaultTemplate(embedder: unknown): unknown {
  if (!isObject(embedder)) return embedder;
  const shown: Record<string, unknown> = { ...embedder };
  if (isNodeDocumentTemplate(shown["documentTemplate"])) shown["documentTemplate"] = DEFAULT_DOCUMENT_TEMPLATE;
  if (isObject(shown["indexingEmbedder"])) shown["indexingEmbedder"] = withDefaultTemplate(shown["indexingEmbedder"]);
  return shown;
}

function clientDetail(key: string, value: unknown, patch: unknown): unknown {
  if (key === "displayedAttributes") return patch ?? ["*"];
  if (patch === null) return WILDCARD_WHEN_RESET.has(key) ? ["*"] : null;
  if (key === "faceting" && isObject(value) && isObject(patch)) {
    return "maxValuesPerFacet" in value ? { ...value, maxValuesPerFacet: patch["maxValuesPerFacet"] } : value;
  }
  if (key === "embedders" && isObject(value) && isObject(patch)) return embedderDetails(value, patch);
  return toClientValue(key, value, undefined);
}

const WILDCARD_WHEN_RESET: ReadonlySet<string> = new Set(["displayedAttributes", "searchableAttributes"]);

function embedderDetails(value: JsonObject, patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, embedderDetail(one, patch[name])]));
}

/** A template the client did not write is not shown; one it did is shown as written. */
function embedderDetail(value: unknown, patch: unknown): unknown {
  if (!isObject(value)) return value;
  const written = isObject(patch) ? patch : {};
  const shown: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) {
    if (key === "documentTemplate" && isNodeDocumentTemplate(one)) {
      if (key in written) shown[key] = written[key];
    } else shown[key] = key === "indexingEmbedder" ? embedderDetail(one, written[key]) : one;
  }
  return shown;
}

function maskEmbedder(embedder: unknown): unknown {
  if (!isObject(embedder)) return embedder;
  const shown: Record<string, unknown> = { ...embedder };
  if (typeof shown["apiKey"] === "string") shown["apiKey"] = masked(shown["apiKey"]);
  for (const key of ["searchEmbedder", "indexingEmbedder"]) if (key in shown) shown[key] = maskEmbedder(shown[key]);
  return shown;
}

/** The longer a secret, the more of its beginning may be shown. */
function masked(secret: string): string {
  const bytes = new TextEncoder().encode(secret).length;
  if (bytes < 10) return "XXX...";
  if (bytes < 20) return `${secret.slice(0, 2)}XXXX...`;
  if (bytes < 30) return `${secret.slice(0, 3)}XXXXX...`;
  return `${secret.slice(0, 5)}XXXXXX...`;
}
