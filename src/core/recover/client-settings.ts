/**
 * What a client must have set, read back from the settings of a node: the markers taken out, the widened values made
 * narrow again, and what is the engine's default left away. Some things no node has kept; they are named.
 */
import { isObject, type JsonObject } from "../settings/json-shape.ts";
import { DEFAULT_MAX_VALUES_PER_FACET, DEFAULT_RANKING_RULES, raisedMaxValuesPerFacet } from "../settings/node-form.ts";
import { toClientValue } from "../settings/to-client-view.ts";

export interface RecoveredSettings {
  readonly settings: JsonObject;
  /** Sentences for the operator: what has to be set again by hand. */
  readonly lost: readonly string[];
}

export function recoverClientSettings(node: JsonObject): RecoveredSettings {
  const settings: Record<string, unknown> = {};
  const lost: string[] = ["`displayedAttributes` was kept in the store alone: set it again if it was restricted."];
  for (const [key, value] of Object.entries(node)) {
    const shown = key === "displayedAttributes" ? undefined : clientValue(key, value, lost);
    if (shown !== undefined && !isDefault(key, shown)) settings[key] = shown;
  }
  return { settings, lost };
}

function clientValue(key: string, value: unknown, lost: string[]): unknown {
  if (key === "faceting" && isObject(value)) return faceting(value, lost);
  const shown = toClientValue(key, value, undefined);
  return key === "embedders" && isObject(shown) ? embedders(shown, lost) : shown;
}

function faceting(value: JsonObject, lost: string[]): JsonObject | undefined {
  const { maxValuesPerFacet: raised, ...rest } = value;
  const sorted = isObject(rest["sortFacetValuesBy"]) ? rest["sortFacetValuesBy"] : {};
  const isPlain = Object.entries(sorted).every(([name, order]) => name === "*" && order === "alpha");
  const limit = typeof raised === "number" ? narrowed(raised, lost) : undefined;
  const shown = {
    ...(limit === undefined ? {} : { maxValuesPerFacet: limit }),
    ...(isPlain ? {} : { sortFacetValuesBy: sorted }),
  };
  return Object.keys(shown).length === 0 ? undefined : shown;
}

/** The limit of which this is the widened form; undefined: as far as can be told it is the default. */
function narrowed(raised: number, lost: string[]): number | undefined {
  if (raised > 10_000) return raised;
  const limit = Math.floor(raised / 10);
  if (raised === raisedMaxValuesPerFacet(DEFAULT_MAX_VALUES_PER_FACET)) {
    lost.push("`faceting.maxValuesPerFacet` is taken as its default of 100; set it again if it was lower.");
    return undefined;
  }
  if (raised === 10_000) {
    lost.push("`faceting.maxValuesPerFacet` was 1000 to 10000 and is taken as 1000; set it again if it was higher.");
  }
  return limit;
}

/** The nodes show an embedder's key shortened, which is no key. */
function embedders(shown: JsonObject, lost: string[]): JsonObject {
  const bare = Object.entries(shown).map(([name, one]) => [name, withoutSecret(one)] as const);
  if (bare.some(([name, one]) => JSON.stringify(one) !== JSON.stringify(shown[name]))) {
    lost.push("The API keys of `embedders` stay on the nodes and are not known here: send them with the next change.");
  }
  return Object.fromEntries(bare);
}

function withoutSecret(embedder: unknown): unknown {
  if (!isObject(embedder)) return embedder;
  const kept = Object.entries(embedder).filter(([key, value]) => key !== "apiKey" && !isTemplateByDefault(key, value));
  return Object.fromEntries(
    kept.map(([key, value]) => [
      key,
      key === "searchEmbedder" || key === "indexingEmbedder" ? withoutSecret(value) : value,
    ]),
  );
}

function isTemplateByDefault(key: string, value: unknown): boolean {
  return key === "documentTemplate" && typeof value === "string" && value.startsWith("{% for field in fields %}");
}

function isDefault(key: string, value: unknown): boolean {
  if (value === null || (Array.isArray(value) && value.length === 0)) return true;
  if (isObject(value) && Object.keys(value).length === 0) return true;
  return JSON.stringify(value) === JSON.stringify(DEFAULTS[key]);
}

/** As the engine shows them, keys in its order. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  searchableAttributes: ["*"],
  rankingRules: DEFAULT_RANKING_RULES,
  proximityPrecision: "byWord",
  pagination: { maxTotalHits: 1000 },
  facetSearch: true,
  prefixSearch: "indexingTime",
  typoTolerance: {
    enabled: true,
    minWordSizeForTypos: { oneTypo: 5, twoTypos: 9 },
    disableOnWords: [],
    disableOnAttributes: [],
    disableOnNumbers: false,
  },
};
