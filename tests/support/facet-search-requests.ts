/** An index with facets in many spellings and random facet searches over it, the same for every run with a seed. */
import type { Dice } from "../differential/random.ts";

export const FACET_SETTINGS = {
  searchableAttributes: ["title", "tags", "brand", "maker"],
  filterableAttributes: [
    "genre",
    "tags",
    "year",
    "maker.name",
    { attributePatterns: ["brand"], features: { facetSearch: true } },
    { attributePatterns: ["closed"], features: { facetSearch: false, filter: { equality: true, comparison: false } } },
  ],
  sortableAttributes: ["year"],
  faceting: { maxValuesPerFacet: 12, sortFacetValuesBy: { "*": "alpha", tags: "count" } },
  embedders: { own: { source: "userProvided", dimensions: 3 } },
};

export function facetDocuments(count: number, dice: Dice): readonly object[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    title: Array.from({ length: 1 + dice.below(4) }, () => dice.pick(WORDS)).join(" "),
    genre: spelled(dice, dice.pick(GENRES)),
    tags: dice.some(WORDS, dice.below(4)).map((word) => spelled(dice, word)),
    brand: `${dice.pick(WORDS)} ${dice.pick(WORDS)}`,
    year: dice.chance(0.2) ? String(1990 + dice.below(20)) : 1990 + dice.below(20),
    maker: { name: dice.pick(["Ann", "ann", "Bob", "Ünal", "unal", "Zoë"]) },
    closed: dice.pick(["yes", "no"]),
    _vectors: { own: [dice.fraction(), dice.fraction(), dice.fraction()] },
  }));
}

/**
 * One request. Left out is what is listed as a difference: an index with a distinct attribute, and a threshold for words
 * that are dropped by their frequency.
 */
export function facetSearchRequest(dice: Dice): object {
  const q = Array.from({ length: 1 + dice.below(3) }, () => dice.pick(WORDS)).join(" ");
  const hybrid = { embedder: "own", semanticRatio: dice.pick([0, 0.3, 1]) };
  return {
    facetName: dice.pick([
      "genre",
      "genre",
      "tags",
      "tags",
      "brand",
      "brand",
      "year",
      "maker.name",
      "closed",
      "absent",
    ]),
    ...maybe(dice, 0.7, () => ({ facetQuery: facetQuery(dice) })),
    ...maybe(dice, 0.4, () => ({ q: dice.chance(0.1) ? "" : q })),
    ...maybe(dice, 0.4, () => ({ filter: dice.pick(FILTERS) })),
    ...words(dice),
    ...maybe(dice, 0.1, () => ({ attributesToSearchOn: ["title"] })),
    ...maybe(dice, 0.2, () => ({ exhaustiveFacetCount: dice.chance(0.7) })),
    ...maybe(dice, 0.1, () => ({ locales: ["eng"] })),
    ...maybe(dice, 0.15, () => ({ hybrid, vector: [dice.fraction(), dice.fraction(), dice.fraction()] })),
    // Ignored, as everything that a facet search does not know.
    ...maybe(dice, 0.1, () => ({ limit: 3, attributesToHighlight: 7, nonsense: true })),
  };
}

/** Requests that are refused, each in another way. */
export const REFUSED_FACET_SEARCHES: readonly unknown[] = [
  {},
  [],
  { facetName: 3 },
  { facetName: null },
  { facetName: "genre", facetQuery: 3 },
  { facetName: "genre", exhaustiveFacetCount: "yes" },
  { facetName: "genre", q: 3 },
  { facetName: "genre", filter: "genre = " },
  { facetName: "genre", filter: "title = x" },
  { facetName: "genre", filter: 3 },
  { facetName: "genre", filter: ["genre = Drama", "title = x"] },
  { facetName: "genre", matchingStrategy: "some" },
  { facetName: "genre", matchingStrategy: null },
  { facetName: "genre", attributesToSearchOn: ["nowhere"], q: "sun" },
  { facetName: "genre", rankingScoreThreshold: 3 },
  { facetName: "genre", locales: ["xx"] },
  { facetName: "genre", vector: [1, 2, 3] },
  { facetName: "genre", vector: [1, 2], hybrid: { embedder: "own" } },
  { facetName: "genre", q: "sun", hybrid: { embedder: "none" } },
  { facetName: "genre", q: "sun", hybrid: { embedder: "own", semanticRatio: 1 } },
  { facetName: "genre", hybrid: {} },
  { facetName: "genre", useNetwork: true },
  { facetName: "genre", media: { a: 1 } },
  { facetName: "closed" },
  { facetName: "title" },
  { facetName: "_geo" },
  { facetName: "_miroir_shard" },
  { facetName: "_miroir_seq", facetQuery: "x" },
];

function words(dice: Dice): object {
  const matchingStrategy = dice.pick(["all", "last", "last", "last", "frequency"]);
  if (matchingStrategy === "frequency") return { matchingStrategy };
  return { matchingStrategy, ...maybe(dice, 0.2, () => ({ rankingScoreThreshold: dice.pick([0, 0.3, 0.7, 0.95]) })) };
}

function facetQuery(dice: Dice): string {
  const word = dice.pick([...WORDS, ...GENRES]);
  const cut = word.slice(0, 1 + dice.below(word.length));
  if (dice.chance(0.15)) return cut.toUpperCase();
  if (dice.chance(0.15) && cut.length > 4) return `${cut.slice(0, 2)}${cut.slice(3)}`;
  return dice.chance(0.05) ? dice.pick(["", " ", "Crème brûlée", "1", "zz"]) : cut;
}

function spelled(dice: Dice, word: string): string {
  if (dice.chance(0.1)) return word.toUpperCase();
  return dice.chance(0.1) ? word[0]!.toUpperCase() + word.slice(1) : word;
}

function maybe(dice: Dice, probability: number, make: () => object): object {
  return dice.chance(probability) ? make() : {};
}

const GENRES = [
  "drama",
  "comedy",
  "action",
  "sci-fi",
  "crème",
  "creme",
  "elegy",
  "élan",
  "ez listening",
  "œuvre",
  "war",
];
const WORDS =
  "sun flower sunflower moon light house summer winter garden river mountain stone ocean bridge castle dragon silver golden forest island harbor".split(
    " ",
  );
const FILTERS = [
  "genre = drama",
  "year > 2000",
  ["tags = sun", ["year < 2005", "genre = Comedy"]],
  "NOT genre = action",
  "maker.name = Bob",
  "genre = nothing",
  "",
  [],
];
