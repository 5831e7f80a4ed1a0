/**
 * The patch, in the nodes' form, that brings some settings of a node from what it shows to what is wanted (a client's
 * view). What nobody asked for is reset by name, because settings that merge keep what a patch does not mention.
 */
import { isObject, type JsonObject } from "./json-shape.ts";
import type { NodeForm } from "./node-form.ts";
import { restoreSettings } from "./restore-settings.ts";
import { toNodePatch } from "./to-node-patch.ts";

export function repairPatch(
  shown: JsonObject,
  wanted: JsonObject,
  keys: readonly string[],
  form: NodeForm,
): JsonObject {
  const applied = Object.fromEntries(
    keys.map((key) => [key, key === "embedders" ? touchedEmbedders(shown[key], wanted[key]) : (shown[key] ?? null)]),
  );
  return toNodePatch(restoreSettings(applied, wanted), {}, form);
}

/** Those the node has, which may have to go, and those it lacks. */
function touchedEmbedders(shown: unknown, wanted: unknown): JsonObject {
  return { ...(isObject(wanted) ? wanted : {}), ...(isObject(shown) ? shown : {}) };
}
