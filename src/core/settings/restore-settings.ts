/**
 * The patch that takes another patch back: for every setting `applied` touched, what brings a node from any state to
 * `wanted` (a client's view). Parts that `wanted` lacks are reset by name, because merging settings keep what a patch
 * does not mention.
 */
import { isObject, type JsonObject } from "./json-shape.ts";
import { sourceOf } from "./merge-settings.ts";

export function restoreSettings(applied: JsonObject, wanted: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(applied).map((key) => [key, restoreValue(key, applied[key], wanted[key])]));
}

function restoreValue(key: string, applied: unknown, wanted: unknown): unknown {
  if (key === "embedders") return restoreEmbedders(applied, wanted);
  const parts = PARTS[key];
  if (parts === undefined || !isObject(wanted)) return wanted ?? null;
  const restored: Record<string, unknown> = {};
  for (const part of parts) restored[part] = wanted[part] ?? null;
  const sizes = wanted["minWordSizeForTypos"];
  if (isObject(sizes)) restored["minWordSizeForTypos"] = { oneTypo: null, twoTypos: null, ...sizes };
  return restored;
}

const PARTS: Readonly<Record<string, readonly string[]>> = {
  typoTolerance: ["enabled", "minWordSizeForTypos", "disableOnWords", "disableOnAttributes", "disableOnNumbers"],
  faceting: ["maxValuesPerFacet", "sortFacetValuesBy"],
  pagination: ["maxTotalHits"],
};

function restoreEmbedders(applied: unknown, wanted: unknown): unknown {
  const before = isObject(wanted) ? wanted : {};
  if (!isObject(applied)) return Object.keys(before).length === 0 ? null : { ...before };
  return Object.fromEntries(
    Object.entries(applied).map(([name, change]) => [name, restoreEmbedder(change, before[name])]),
  );
}

function restoreEmbedder(change: unknown, before: unknown): unknown {
  if (!isObject(before)) return null;
  const added = isObject(change) ? Object.keys(change).filter((key) => !(key in before)) : [];
  return { ...Object.fromEntries(added.map((key) => [key, null])), ...before, source: sourceOf(before) };
}
