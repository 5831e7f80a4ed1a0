/**
 * The settings of an index, one row each: the key in the whole object, the sub-route, and how a change is applied.
 * `replace`: the new value takes the place of the old one (PUT). `merge`: named parts change, the others stay (PATCH).
 */
export interface SettingRow {
  readonly key: string;
  readonly route: string;
  readonly change: "replace" | "merge";
}

const row = (key: string, route: string, change: SettingRow["change"] = "replace"): SettingRow => ({
  key,
  route,
  change,
});

export const settingRows: readonly SettingRow[] = [
  row("displayedAttributes", "displayed-attributes"),
  row("searchableAttributes", "searchable-attributes"),
  row("filterableAttributes", "filterable-attributes"),
  row("sortableAttributes", "sortable-attributes"),
  row("foreignKeys", "foreign-keys"),
  row("rankingRules", "ranking-rules"),
  row("stopWords", "stop-words"),
  row("nonSeparatorTokens", "non-separator-tokens"),
  row("separatorTokens", "separator-tokens"),
  row("dictionary", "dictionary"),
  row("synonyms", "synonyms"),
  row("distinctAttribute", "distinct-attribute"),
  row("proximityPrecision", "proximity-precision"),
  row("typoTolerance", "typo-tolerance", "merge"),
  row("faceting", "faceting", "merge"),
  row("pagination", "pagination", "merge"),
  row("embedders", "embedders", "merge"),
  row("searchCutoffMs", "search-cutoff-ms"),
  row("localizedAttributes", "localized-attributes"),
  row("facetSearch", "facet-search"),
  row("prefixSearch", "prefix-search"),
  row("chat", "chat", "merge"),
];

export function settingByKey(key: string): SettingRow | undefined {
  return byKey.get(key);
}

/** What DELETE of all settings asks for, as a patch. */
export const RESET_ALL: Readonly<Record<string, null>> = Object.fromEntries(settingRows.map(({ key }) => [key, null]));

const byKey: ReadonlyMap<string, SettingRow> = new Map(settingRows.map((one) => [one.key, one]));
