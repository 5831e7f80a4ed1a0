/** Indexes and random federated searches over them, the same for every run with the same seed. */
import type { Dice } from "../differential/random.ts";

export interface FederationIndex {
  readonly uid: string;
  readonly primaryKey: string;
  readonly documents: number;
  readonly settings: object;
}

const shared = {
  filterableAttributes: ["genre", "tags", "price", "year", "_geo"],
  sortableAttributes: ["price", "year", "title", "_geo"],
  embedders: { own: { source: "userProvided", dimensions: 3 } },
};

export const INDEXES: readonly FederationIndex[] = [
  {
    uid: "films",
    primaryKey: "id",
    documents: 200,
    settings: { ...shared, searchableAttributes: ["title", "overview", "tags"] },
  },
  {
    uid: "books",
    primaryKey: "isbn",
    documents: 150,
    settings: {
      ...shared,
      rankingRules: ["words", "typo", "proximity", "attribute", "sort", "exactness", "year:desc"],
    },
  },
  {
    uid: "things",
    primaryKey: "key",
    documents: 150,
    settings: {
      ...shared,
      rankingRules: ["sort", "words", "typo", "proximity", "attributeRank", "wordPosition", "exactness"],
      pagination: { maxTotalHits: 30 },
      displayedAttributes: ["key", "title", "genre", "year"],
    },
  },
];

/** The documents of one index. */
export function federationDocuments(index: FederationIndex, dice: Dice): readonly object[] {
  const words = (least: number, most: number): string =>
    Array.from({ length: least + dice.below(most - least + 1) }, () => dice.pick(WORDS)).join(" ");
  return Array.from({ length: index.documents }, (_, id) => ({
    [index.primaryKey]: id,
    title: words(1, 5),
    overview: words(4, 30),
    genre: dice.pick(["Drama", "Comedy", "Action", "Sci Fi"]),
    tags: dice.some(WORDS, dice.below(3)),
    price: dice.chance(0.1) ? null : dice.below(50),
    year: 1990 + dice.below(30),
    _vectors: { own: [dice.fraction(), dice.fraction(), dice.fraction()] },
    ...(dice.chance(0.8) ? { _geo: { lat: 40 + dice.below(1000) / 500, lng: 2 + dice.below(1000) / 500 } } : {}),
  }));
}

/**
 * One request: two to four queries over one to three indexes. Some mixtures are refused by the engine, which is part
 * of what is compared. Left out is what is known to differ: a threshold together with a sort or with few hits
 * to page through, and ascending distances.
 */
export function federationRequest(dice: Dice): object {
  const indexes = dice.chance(0.4) ? [dice.pick(INDEXES)] : dice.chance(0.6) ? INDEXES.slice(0, 2) : INDEXES;
  const sort = dice.chance(0.3) ? dice.pick(SORTS) : null;
  const refusable = dice.chance(0.1);
  const mode = dice.pick(["keyword", "placeholder", "mixed", "mixed"]);
  const queries = Array.from({ length: 2 + dice.below(3) }, () => {
    const own = refusable && dice.chance(0.5) ? dice.pick(SORTS) : sort;
    const keyword = mode === "keyword" || (mode === "mixed" && dice.chance(0.7));
    const index = dice.pick(indexes);
    const thresholded = own === null && index.uid !== "things";
    return {
      indexUid: index.uid,
      ...(keyword ? { q: queryWords(dice) } : dice.chance(0.5) ? { q: "" } : {}),
      ...maybe(dice, 0.4, () => ({ filter: dice.pick(FILTERS) })),
      ...(own === null ? {} : { sort: own }),
      ...maybe(dice, thresholded ? 0.08 : 0, () => ({ rankingScoreThreshold: dice.pick([0.3, 0.6]) })),
      ...maybe(dice, 0.4, () => ({ federationOptions: { weight: dice.pick([0, 0.3, 0.5, 0.9, 1, 1.2, 2.5]) } })),
      ...maybe(dice, 0.2, () => ({ matchingStrategy: dice.pick(["all", "last"]) })),
      ...maybe(dice, 0.2, () => ({ attributesToRetrieve: dice.pick([["title"], ["year", "genre"], [], ["*"]]) })),
      ...maybe(dice, 0.3, () => ({ showRankingScore: true })),
      ...maybe(dice, 0.2, () => ({ showRankingScoreDetails: true })),
      ...maybe(dice, 0.1, () => ({ attributesToHighlight: ["title"] })),
      ...maybe(dice, 0.05, () => ({ attributesToSearchOn: ["title"] })),
    };
  });
  return { queries, federation: { ...paging(dice), ...facets(dice, indexes) } };
}

function paging(dice: Dice): object {
  if (dice.chance(0.75)) {
    return {
      ...maybe(dice, 0.5, () => ({ limit: dice.pick([0, 1, 5, 20, 60]) })),
      ...maybe(dice, 0.4, () => ({ offset: dice.pick([0, 3, 10, 40]) })),
    };
  }
  return { page: dice.pick([0, 1, 2, 3]), ...maybe(dice, 0.7, () => ({ hitsPerPage: dice.pick([0, 1, 4, 10, 25]) })) };
}

function facets(dice: Dice, indexes: readonly FederationIndex[]): object {
  if (dice.chance(0.65)) return {};
  const fields = [["genre"], ["genre", "tags"], ["year", "price"], ["tags"], ["*"], [], null];
  return {
    facetsByIndex: Object.fromEntries(dice.some(indexes, 1 + dice.below(3)).map(({ uid }) => [uid, dice.pick(fields)])),
    ...maybe(dice, 0.5, () => ({ mergeFacets: dice.pick([{}, { maxValuesPerFacet: 3 }, null]) })),
  };
}

/** Whole words, beginnings, and words with a wrong letter. */
function queryWords(dice: Dice): string {
  return Array.from({ length: 1 + dice.below(3) }, () => {
    const word = dice.pick(WORDS);
    if (dice.chance(0.15)) return word.slice(0, 3);
    return dice.chance(0.1) && word.length > 4 ? `${word.slice(0, -2)}x${word.slice(-1)}` : word;
  }).join(" ");
}

function maybe(dice: Dice, probability: number, make: () => object): object {
  return dice.chance(probability) ? make() : {};
}

const WORDS =
  "red blue green small big house river mountain city old new cat dog the silver golden story night light water".split(
    " ",
  );
const SORTS: readonly (readonly string[])[] = [
  ["price:asc"],
  ["price:asc", "year:asc"],
  ["year:desc"],
  ["title:asc"],
  ["price:desc"],
  ["_geoPoint(41.0007, 3.0013):desc"],
];
const FILTERS: readonly unknown[] = [
  "year > 2004",
  "price < 20",
  ["genre = drama"],
  [["genre = Comedy", "tags = red"]],
  "genre = drama OR year < 2000",
  ["year > 2000", ["price > 10", "price IS NULL"]],
];
