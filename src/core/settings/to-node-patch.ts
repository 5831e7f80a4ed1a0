/**
 * The nodes' form of a client's settings patch. The markers are put in, resets are spelled out where the engine's
 * default would lose them, and what the router does itself (display, facet limits) is widened. A value of a shape that
 * the engine refuses is passed on as it is, so that a node says so in its own words.
 */
import { isObject, isStringList, type JsonObject } from "./json-shape.ts";
import { mergeEmbedder, sourceOf } from "./merge-settings.ts";
import {
  DEFAULT_DOCUMENT_TEMPLATE,
  DEFAULT_MAX_VALUES_PER_FACET,
  DEFAULT_RANKING_RULES,
  filterableMarkers,
  nodeDocumentTemplate,
  type NodeForm,
  RANKING_MARKER,
  raisedMaxValuesPerFacet,
  SORTABLE_MARKER,
  withMarker,
} from "./node-form.ts";
import { RESET_ALL } from "./settings-keys.ts";

/** `before` is the client's view the patch is applied to; only embedders depend on it. */
export function toNodePatch(patch: JsonObject, before: JsonObject, form: NodeForm): JsonObject {
  const node: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(patch)) node[key] = toNodeValue(key, value, before[key], form);
  return node;
}

/**
 * Everything a new index needs on a node: the markers, and what the client has already asked for. All else is reset: a node
 * may have an index of that name left from a change that was cut off and could not be taken back there.
 */
export function initialNodeSettings(client: JsonObject, form: NodeForm): JsonObject {
  return toNodePatch({ ...RESET_NEW, ...client }, {}, form);
}

export function toNodeValue(key: string, value: unknown, before: unknown, form: NodeForm): unknown {
  switch (key) {
    case "displayedAttributes":
      return isStringList(value) ? ["*"] : value;
    case "filterableAttributes":
      return withList(value, [], (list) => [...filterableMarkers(form), ...list]);
    case "sortableAttributes":
      return withList(value, [], (list) => withMarker(list, SORTABLE_MARKER, form));
    case "rankingRules":
      return withList(value, DEFAULT_RANKING_RULES, (list) => withMarker(list, RANKING_MARKER, form));
    case "faceting":
      return nodeFaceting(value);
    case "embedders":
      return isObject(value) ? nodeEmbedders(value, before, form) : value;
    default:
      return value;
  }
}

/** Without settings that nodes of other versions may not know, and refuse. */
const { chat: _chat, foreignKeys: _foreignKeys, ...RESET_NEW } = RESET_ALL;

const SOURCES_WITH_TEMPLATE: ReadonlySet<unknown> = new Set(["openAi", "huggingFace", "ollama", "rest"]);

function withList(
  value: unknown,
  reset: readonly string[],
  change: (list: readonly unknown[]) => readonly unknown[],
): unknown {
  if (value === null) return change(reset);
  return Array.isArray(value) ? change(value as readonly unknown[]) : value;
}

function nodeFaceting(value: unknown): unknown {
  if (value === null) return { ...NODE_FACETING_RESET };
  if (!isObject(value) || !("maxValuesPerFacet" in value)) return value;
  const wanted = value["maxValuesPerFacet"] ?? DEFAULT_MAX_VALUES_PER_FACET;
  const valid = typeof wanted === "number" && Number.isInteger(wanted) && wanted >= 0;
  return valid ? { ...value, maxValuesPerFacet: raisedMaxValuesPerFacet(wanted) } : value;
}

const NODE_FACETING_RESET = {
  maxValuesPerFacet: raisedMaxValuesPerFacet(DEFAULT_MAX_VALUES_PER_FACET),
  sortFacetValuesBy: null,
} as const;

function nodeEmbedders(patch: JsonObject, before: unknown, form: NodeForm): JsonObject {
  const old = isObject(before) ? before : {};
  return Object.fromEntries(
    Object.entries(patch).map(([name, value]) => [
      name,
      isObject(value) ? nodeEmbedder(value, old[name], form) : value,
    ]),
  );
}

function nodeEmbedder(patch: JsonObject, before: unknown, form: NodeForm): JsonObject {
  const after = mergeEmbedder(before, patch);
  if (sourceOf(after) === "composite") {
    const inner = patch["indexingEmbedder"];
    if (!isObject(inner)) return patch;
    const innerBefore = isObject(before) ? before["indexingEmbedder"] : undefined;
    return { ...patch, indexingEmbedder: nodeEmbedder(inner, innerBefore, form) };
  }
  if (!SOURCES_WITH_TEMPLATE.has(sourceOf(after)) || isObject(after["indexingFragments"])) return patch;
  const template = after["documentTemplate"];
  return template === undefined || template === DEFAULT_DOCUMENT_TEMPLATE
    ? { ...patch, documentTemplate: nodeDocumentTemplate(form) }
    : patch;
}
