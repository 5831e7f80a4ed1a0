/** The settings of an index: their values, their defaults and how a change is applied to them. */
import { NodeError } from "../node-error.ts";
import { decomposed, normalized } from "../text/tokenize.ts";
import type { FilterableRule } from "./attribute-patterns.ts";

export interface Embedder {
  readonly source: string;
  readonly dimensions?: number;
  readonly distribution?: { readonly mean: number; readonly sigma: number };
  readonly binaryQuantized?: boolean;
}

export interface TypoTolerance {
  readonly enabled: boolean;
  readonly minWordSizeForTypos: { readonly oneTypo: number; readonly twoTypos: number };
  readonly disableOnWords: readonly string[];
  readonly disableOnAttributes: readonly string[];
  readonly disableOnNumbers: boolean;
}

export interface Settings {
  readonly displayedAttributes: readonly string[];
  readonly searchableAttributes: readonly string[];
  readonly filterableAttributes: readonly FilterableRule[];
  readonly sortableAttributes: readonly string[];
  /** Kept and shown; no search of a development node uses them. */
  readonly foreignKeys: readonly unknown[];
  readonly rankingRules: readonly string[];
  readonly stopWords: readonly string[];
  readonly nonSeparatorTokens: readonly string[];
  readonly separatorTokens: readonly string[];
  readonly dictionary: readonly string[];
  readonly synonyms: Readonly<Record<string, readonly string[]>>;
  readonly distinctAttribute: string | null;
  readonly proximityPrecision: "byWord" | "byAttribute";
  readonly typoTolerance: TypoTolerance;
  readonly faceting: {
    readonly maxValuesPerFacet: number;
    readonly sortFacetValuesBy: Readonly<Record<string, "alpha" | "count">>;
  };
  readonly pagination: { readonly maxTotalHits: number };
  readonly embedders: Readonly<Record<string, Embedder>>;
  readonly searchCutoffMs: number | null;
  readonly localizedAttributes: readonly unknown[] | null;
  readonly facetSearch: boolean;
  readonly prefixSearch: "indexingTime" | "disabled";
  /** Kept and shown like the foreign keys. */
  readonly chat: Readonly<Record<string, unknown>>;
}

export type SettingKey = keyof Settings;

/** What a client sends: some of the keys, null for "back to the default". */
export type SettingsChange = Readonly<Record<string, unknown>>;

export const DEFAULT_SETTINGS: Settings = {
  displayedAttributes: ["*"],
  searchableAttributes: ["*"],
  filterableAttributes: [],
  sortableAttributes: [],
  foreignKeys: [],
  rankingRules: ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"],
  stopWords: [],
  nonSeparatorTokens: [],
  separatorTokens: [],
  dictionary: [],
  synonyms: {},
  distinctAttribute: null,
  proximityPrecision: "byWord",
  typoTolerance: {
    enabled: true,
    minWordSizeForTypos: { oneTypo: 5, twoTypos: 9 },
    disableOnWords: [],
    disableOnAttributes: [],
    disableOnNumbers: false,
  },
  faceting: { maxValuesPerFacet: 100, sortFacetValuesBy: { "*": "alpha" } },
  pagination: { maxTotalHits: 1000 },
  embedders: {},
  searchCutoffMs: null,
  localizedAttributes: null,
  facetSearch: true,
  prefixSearch: "indexingTime",
  chat: {
    description: "",
    documentTemplate:
      "{% for field in fields %}{% if field.is_searchable and field.value != nil %}{{ field.name }}: {{ field.value }}\n{% endif %}{% endfor %}",
    documentTemplateMaxBytes: 400,
    searchParameters: {},
  },
};

/** Settings whose change alters which words a document has. */
const WORD_SETTINGS: readonly SettingKey[] = [
  "searchableAttributes",
  "stopWords",
  "nonSeparatorTokens",
  "separatorTokens",
  "dictionary",
  "typoTolerance",
];

const SORTED: readonly SettingKey[] = ["sortableAttributes", "nonSeparatorTokens", "separatorTokens", "dictionary"];

/** Applies a checked change; keys that are not named keep their value. */
export function applyChange(current: Settings, change: SettingsChange): Settings {
  const next: Record<string, unknown> = { ...current };
  for (const [key, value] of Object.entries(change)) next[key] = changed(key as SettingKey, current, value);
  return next as unknown as Settings;
}

/** A word that may have two typos is not shorter than one that may have one. */
export function checkWordSizes(oneTypo: number, twoTypos: number, where = ""): void {
  if (oneTypo <= twoTypos) return;
  throw new NodeError(
    "invalid_settings_typo_tolerance",
    `${where}\`minWordSizeForTypos\` setting is invalid. \`oneTypo\` and \`twoTypos\` fields should be between \`0\` and \`255\`, and \`twoTypos\` should be greater or equals to \`oneTypo\` but found \`oneTypo: ${oneTypo}\` and twoTypos: ${twoTypos}\`.`,
  );
}

/** True when the two settings give a document different words, so that the index must read all documents again. */
export function needsReindexing(before: Settings, after: Settings): boolean {
  return WORD_SETTINGS.some((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}

function changed(key: SettingKey, current: Settings, value: unknown): unknown {
  if (value === null) return DEFAULT_SETTINGS[key];
  if (key === "stopWords") return sortedSet((value as string[]).map(decomposed));
  if (SORTED.includes(key)) return sortedSet(value as string[]);
  // Every other key simply takes its value.
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check
  switch (key) {
    case "displayedAttributes":
    case "searchableAttributes":
      return (value as string[]).includes("*") ? ["*"] : [...new Set(value as string[])];
    case "synonyms":
      return sortedMap(value as Record<string, string[]>);
    case "typoTolerance":
      return typoTolerance(current.typoTolerance, value as Partial<TypoTolerance>);
    case "faceting":
      return faceting(current.faceting, value as Record<string, unknown>);
    case "pagination":
      return merged(current.pagination, value as Record<string, unknown>, DEFAULT_SETTINGS.pagination);
    case "chat":
      return merged(current.chat, value as Record<string, unknown>, DEFAULT_SETTINGS.chat);
    case "embedders":
      return embedders(current.embedders, value as Record<string, Embedder | null>);
    default:
      return value;
  }
}

function typoTolerance(current: TypoTolerance, change: Partial<TypoTolerance>): TypoTolerance {
  const next = merged(current, change, DEFAULT_SETTINGS.typoTolerance);
  const sizes = change.minWordSizeForTypos;
  return {
    ...next,
    minWordSizeForTypos:
      sizes === undefined || sizes === null
        ? next.minWordSizeForTypos
        : merged(current.minWordSizeForTypos, sizes, DEFAULT_SETTINGS.typoTolerance.minWordSizeForTypos),
    disableOnWords: sortedSet(next.disableOnWords.map(normalized)),
    disableOnAttributes: sortedSet(next.disableOnAttributes),
  };
}

function faceting(current: Settings["faceting"], change: Record<string, unknown>): Settings["faceting"] {
  const next = merged(current, change, DEFAULT_SETTINGS.faceting);
  const orders: Record<string, "alpha" | "count"> = { "*": "alpha", ...next.sortFacetValuesBy };
  return { ...next, sortFacetValuesBy: sortedMap(orders) };
}

function embedders(
  current: Readonly<Record<string, Embedder>>,
  change: Readonly<Record<string, Embedder | null>>,
): Readonly<Record<string, Embedder>> {
  const next: Record<string, Embedder> = { ...current };
  for (const [name, embedder] of Object.entries(change)) {
    if (embedder === null) delete next[name];
    else next[name] = { ...next[name], ...embedder };
  }
  return next;
}

function merged<T extends object>(current: T, change: object, defaults: T): T {
  const next: Record<string, unknown> = { ...(current as Record<string, unknown>) };
  for (const [key, value] of Object.entries(change)) {
    next[key] = value === null ? (defaults as Record<string, unknown>)[key] : value;
  }
  return next as T;
}

/** Ascending by the bytes of UTF-8, each once. */
export function sortedSet(values: readonly string[]): string[] {
  return [...new Set(values)].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}

/** By its keys, as `sortedSet`. */
export function sortedMap<T>(values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(sortedSet(Object.keys(values)).map((key) => [key, values[key] as T]));
}
