/** Generated settings: the first is the engine's default with filters and sorts, each further one varies what it can. */
import { FIELDS, type Words } from "./generate-documents.ts";
import type { Kind } from "./kinds.ts";
import type { Dice } from "./random.ts";

export interface GeneratedSettings {
  /** The body of the settings request. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly filterable: readonly string[];
  readonly sortable: readonly string[];
  readonly searchable: readonly string[];
  readonly embedder: string | null;
}

const ALL_FILTERABLE = [...FIELDS.filter((field) => field !== "body"), "_geo"];
const ALL_SORTABLE = ["price", "brand", "id", "year", "rating", "meta.size", "code", "tags", "stock", "rare", "_geo"];
const RULES = ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"];
export const EMBEDDER = "own";
export const DIMENSIONS = 4;

export function makeSettings(dice: Dice, number: number, words: Words, kinds: ReadonlySet<Kind>): GeneratedSettings {
  const base: Record<string, unknown> = {
    filterableAttributes: ALL_FILTERABLE,
    sortableAttributes: ALL_SORTABLE,
    // A search that runs out of time on a busy machine would be another search.
    searchCutoffMs: 60_000,
  };
  if (number > 0) vary(dice, base, words, kinds);
  // With vectors one settings of three: they change what documents have to look like.
  const embedder = (kinds.has("vector") || kinds.has("similar")) && number % 3 === 1 ? EMBEDDER : null;
  if (embedder !== null) base["embedders"] = { [embedder]: { source: "userProvided", dimensions: DIMENSIONS } };
  return {
    body: base,
    filterable: plainNames(base["filterableAttributes"]),
    sortable: base["sortableAttributes"] as readonly string[],
    searchable: (base["searchableAttributes"] as readonly string[] | undefined) ?? ["title", "body", "brand", "tags"],
    embedder,
  };
}

function vary(dice: Dice, settings: Record<string, unknown>, words: Words, kinds: ReadonlySet<Kind>): void {
  const word = (): string => words.pick(dice);
  const put = (probability: number, key: string, value: () => unknown): void => {
    if (dice.chance(probability)) settings[key] = value();
  };
  put(0.5, "filterableAttributes", () => filterable(dice));
  put(0.4, "sortableAttributes", () => [
    "id",
    ...dice.some(ALL_SORTABLE.slice(0, 2), 2),
    ...dice.some(ALL_SORTABLE.slice(3), 4),
  ]);
  put(0.6, "searchableAttributes", () =>
    dice.some(["title", "body", "brand", "tags", "meta.colour", "deep", "list.name", "code"], 2 + dice.below(5)),
  );
  put(0.6, "rankingRules", () => rankingRules(dice));
  put(0.4, "stopWords", () => dice.some(["the", "a", "of", "to", "and", word()], 1 + dice.below(4)));
  put(0.4, "synonyms", () => synonyms(dice, word));
  put(0.5, "typoTolerance", () => typoTolerance(dice, word));
  put(0.2, "separatorTokens", () => dice.some(["|", "ka", "&", "x"], 1 + dice.below(2)));
  put(0.15, "nonSeparatorTokens", () => dice.some(["#", "@", "-", "+"], 1 + dice.below(2)));
  put(0.2, "dictionary", () => [`${word()}.${word()}`, "C++", "new york"]);
  put(0.25, "proximityPrecision", () => dice.pick(["byAttribute", "byWord"]));
  put(0.5, "faceting", () => faceting(dice));
  put(0.4, "pagination", () => ({ maxTotalHits: dice.pick([1, 7, 25, 60, 1_000, 5_000]) }));
  put(0.35, "displayedAttributes", () => displayed(dice));
  put(0.25, "prefixSearch", () => dice.pick(["disabled", "indexingTime"]));
  put(0.15, "localizedAttributes", () => [
    { attributePatterns: ["title", "b*"], locales: dice.some(["eng", "fra", "jpn", "deu"], 1 + dice.below(2)) },
  ]);
  put(0.1, "facetSearch", () => false);
  if (kinds.has("distinct")) put(0.3, "distinctAttribute", () => dice.pick(["brand", "code", "meta.colour", "year"]));
}

/** `id` stays filterable: the machine asks nodes for single documents. */
function filterable(dice: Dice): unknown[] {
  const names = dice.some(
    ALL_FILTERABLE.filter((name) => name !== "id"),
    4 + dice.below(9),
  );
  if (dice.chance(0.3)) {
    return [
      "id",
      ...names.slice(2),
      {
        attributePatterns: names.slice(0, 2).map((name) => (dice.chance(0.3) ? `${name.slice(0, 2)}*` : name)),
        features: { facetSearch: dice.chance(0.5), filter: { equality: true, comparison: dice.chance(0.6) } },
      },
    ];
  }
  // A name and no pattern, so that nothing but `id` can be filtered by.
  return dice.chance(0.1) ? ["id", "*"] : ["id", ...names];
}

function rankingRules(dice: Dice): readonly string[] {
  const form = dice.below(6);
  const rules =
    form === 0
      ? ["words", "typo", "proximity", "attribute", "sort", "exactness"]
      : form === 1
        ? dice.some(["words", "typo", "proximity", "attribute", "sort", "exactness"], 2 + dice.below(5))
        : form <= 3
          ? dice.some(RULES, RULES.length)
          : dice.some(RULES, 1 + dice.below(RULES.length));
  const custom = dice.some(
    ["price:asc", "price:desc", "year:desc", "brand:asc", "meta.size:desc", "rare:asc"],
    dice.below(3),
  );
  const at = dice.below(rules.length + 1);
  const chosen = dice.chance(0.5) ? [...rules.slice(0, at), ...custom, ...rules.slice(at)] : rules;
  const seen = new Set<string>();
  return chosen.filter((rule) => {
    const name = rule.split(":")[0] as string;
    return !seen.has(name) && seen.add(name);
  });
}

function synonyms(dice: Dice, word: () => string): Record<string, readonly string[]> {
  return Object.fromEntries(
    Array.from({ length: 1 + dice.below(4) }, () => [
      dice.chance(0.2) ? `${word()} ${word()}` : word(),
      Array.from({ length: 1 + dice.below(3) }, () => (dice.chance(0.3) ? `${word()} ${word()}` : word())),
    ]),
  );
}

function typoTolerance(dice: Dice, word: () => string): Record<string, unknown> {
  if (dice.chance(0.25)) return { enabled: false };
  const oneTypo = 1 + dice.below(6);
  return {
    enabled: true,
    ...(dice.chance(0.6) ? { minWordSizeForTypos: { oneTypo, twoTypos: oneTypo + dice.below(6) } } : {}),
    ...(dice.chance(0.4) ? { disableOnWords: [word(), word()] } : {}),
    ...(dice.chance(0.4) ? { disableOnAttributes: dice.some(["title", "body", "brand"], 1) } : {}),
    ...(dice.chance(0.3) ? { disableOnNumbers: true } : {}),
  };
}

function faceting(dice: Dice): Record<string, unknown> {
  const order = (): string => dice.pick(["alpha", "count"]);
  return {
    ...(dice.chance(0.6) ? { maxValuesPerFacet: dice.pick([1, 3, 5, 20, 500]) } : {}),
    ...(dice.chance(0.7) ? { sortFacetValuesBy: { "*": order(), brand: order(), price: order() } } : {}),
  };
}

/** `id` stays displayed: it is how the machine knows a hit. */
function displayed(dice: Dice): readonly string[] {
  return [
    "id",
    ...dice.some(
      ["title", "body", "brand", "price", "meta", "meta.colour", "tags", "deep.a", "list"],
      1 + dice.below(6),
    ),
  ];
}

function plainNames(entries: unknown): readonly string[] {
  const names = (entries as readonly unknown[]).filter((entry): entry is string => typeof entry === "string");
  return names.includes("*") ? ALL_FILTERABLE : names;
}
