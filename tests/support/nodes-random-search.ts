/** Documents, settings and queries made from a seed, to ask two engines the same. The same seed gives the same case. */

export interface RandomCase {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly documents: readonly Readonly<Record<string, unknown>>[];
  readonly queries: readonly Readonly<Record<string, unknown>>[];
}

type Row = Record<string, unknown>;

const STEMS =
  "sun flower sunflower moon light house summer winter garden river mountain stone ocean bridge castle dragon silver golden forest island harbor wind storm night morning shadow crystal paper engine rocket planet travel journey secret letter music piano guitar violin dancing running walking reading writing painter sailor captain doctor teacher student kitchen window mirror candle blanket pillow basket bottle button ribbon feather".split(
    " ",
  );
const VOCABULARY = [
  ...STEMS,
  ...STEMS.map((stem) => `${stem}s`),
  ...STEMS.slice(0, 40).map((stem) => `${stem}er`),
  "the",
  "a",
  "of",
  "and",
  "in",
  "12",
  "7",
  "2019",
  "3.5",
  "York",
  "New",
  "café",
  "Été",
  "naïve",
  "it's",
  "e-mail",
  "A.B.C",
];
const RANKINGS = [
  ["words", "typo", "proximity", "attribute", "sort", "exactness"],
  ["words", "sort", "typo", "proximity", "attributeRank", "wordPosition", "exactness", "year:desc"],
  ["typo", "exactness", "words", "proximity", "sort", "price:asc"],
  ["proximity", "attribute", "sort"],
  ["sort", "words", "wordPosition", "exactness"],
];
const SEARCHED = [
  ["title", "body", "meta"],
  ["body", "title"],
  ["title", "genre", "meta.author", "body"],
];

export function randomCase(seed: number, documentCount: number, queryCount: number): RandomCase {
  const chance = new Chance(seed);
  const documents = Array.from({ length: documentCount }, (_, at) => randomDocument(chance, at + 1));
  const settings = randomSettings(chance);
  const queries = Array.from({ length: queryCount }, () => randomQuery(chance, documents));
  return { settings, documents, queries };
}

function randomDocument(chance: Chance, id: number): Row {
  const genres = ["Action", "drama", "Comedy", "horror", "comedy", "Sci-Fi", "ACTION"];
  const year = chance.below(30) + 1990;
  return {
    id,
    title: randomText(chance, 1 + chance.below(5)),
    body: randomText(chance, 3 + chance.below(25)),
    ...chance.maybe(0.8, () => ({
      genre: chance.is(0.3) ? [chance.pick(genres), chance.pick(genres)] : chance.pick(genres),
    })),
    ...chance.maybe(0.85, () => ({ year: chance.is(0.1) ? String(year) : year })),
    ...chance.maybe(0.8, () => ({ price: chance.is(0.1) ? null : chance.below(1000) / 10 })),
    ...chance.maybe(0.3, () => ({ flag: chance.is(0.5) })),
    ...chance.maybe(0.5, () => ({
      meta: {
        author: chance.pick(["ann", "Bob", "carl", "Dora"]),
        tags: chance.list(chance.below(3), () => chance.pick(STEMS)),
      },
    })),
    ...chance.maybe(0.6, () => ({ _geo: { lat: (4500 + chance.below(1000)) / 100, lng: chance.below(1000) / 100 } })),
  };
}

/** Without `proximityPrecision: byAttribute` and facets by count: the suite says why. */
function randomSettings(chance: Chance): Row {
  const typoTolerance = {
    minWordSizeForTypos: { oneTypo: 4, twoTypos: 7 },
    disableOnWords: ["garden"],
    disableOnAttributes: chance.is(0.5) ? ["title"] : [],
  };
  return {
    filterableAttributes: ["genre", "year", "price", "flag", "meta", "_geo"],
    sortableAttributes: ["year", "price", "title", "_geo", "genre"],
    ...chance.maybe(0.6, () => ({ searchableAttributes: chance.pick(SEARCHED) })),
    ...chance.maybe(0.5, () => ({ rankingRules: chance.pick(RANKINGS) })),
    ...chance.maybe(0.3, () => ({ stopWords: ["the", "a", "of", "and", "in"] })),
    ...chance.maybe(0.3, () => ({
      synonyms: { sun: ["moon light", "star"], castle: ["house"], "silver dragon": ["rocket"] },
    })),
    ...chance.maybe(0.2, () => ({ distinctAttribute: "genre" })),
    ...chance.maybe(0.3, () => ({ typoTolerance })),
    ...chance.maybe(0.1, () => ({ prefixSearch: "disabled" })),
    ...chance.maybe(0.2, () => ({ faceting: { maxValuesPerFacet: 7 } })),
  };
}

function randomQuery(chance: Chance, documents: readonly Row[]): Row {
  const paged = { page: chance.below(4), hitsPerPage: chance.pick([0, 5, 10]) };
  return {
    showRankingScore: true,
    showRankingScoreDetails: true,
    ...randomWords(chance, documents),
    ...(chance.is(0.15) ? paged : { limit: chance.pick([5, 20, 50]), offset: chance.is(0.2) ? chance.below(30) : 0 }),
    ...chance.maybe(0.35, () => ({ filter: randomFilter(chance) })),
    ...chance.maybe(0.3, () => ({
      sort: chance.pick([
        ["year:asc"],
        ["price:desc"],
        ["title:asc", "year:desc"],
        ["_geoPoint(48, 5):asc"],
        ["_geoPoint(47.5, 4):desc"],
      ]),
    })),
    ...chance.maybe(0.3, () => ({
      facets: chance.pick([["*"], ["genre"], ["year", "price"], ["meta"], ["flag", "nope"]]),
    })),
    ...chance.maybe(0.25, () => ({ matchingStrategy: chance.pick(["all", "frequency", "last"]) })),
    ...chance.maybe(0.1, () => ({ attributesToSearchOn: chance.pick([["title"], ["body", "title"], ["nope"]]) })),
    ...chance.maybe(0.08, () => ({ rankingScoreThreshold: chance.below(100) / 100 })),
    ...chance.maybe(0.08, () => ({ distinct: chance.pick(["genre", "year", "nope"]) })),
    ...chance.maybe(0.2, () => ({ attributesToHighlight: chance.pick([["*"], ["title"]]) })),
    ...chance.maybe(0.15, () => ({ attributesToCrop: chance.pick([["body:5"], ["*"]]) })),
    ...chance.maybe(0.15, () => ({ showMatchesPosition: true })),
    ...chance.maybe(0.1, () => ({ attributesToRetrieve: chance.pick([["id", "meta.author"], ["title"]]) })),
  };
}

function randomWords(chance: Chance, documents: readonly Row[]): Row {
  const count = chance.pick([0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 6]);
  if (count === 0) return {};
  let words = chance.list(count, () => chance.pick(VOCABULARY));
  if (chance.is(0.35)) {
    const text = String(chance.pick(documents)[chance.pick(["title", "body"])]).split(/[^\wéÉï']+/);
    const from = chance.below(text.length);
    words = text.slice(from, from + count);
  }
  words = words.map((word) => (chance.is(0.25) ? misspelt(chance, word) : word));
  const last = words.at(-1) ?? "";
  if (chance.is(0.35)) words = [...words.slice(0, -1), last.slice(0, 1 + chance.below(last.length))];
  const quoted =
    count > 1 && chance.is(0.12) ? `"${words.slice(0, 2).join(" ")}" ${words.slice(2).join(" ")}` : words.join(" ");
  return { q: chance.is(0.08) ? `${quoted} -${chance.pick(VOCABULARY)}` : quoted };
}

function misspelt(chance: Chance, word: string): string {
  const at = chance.below(word.length);
  const letter = chance.pick(["a", "e", "i", "o", "s", "t"]);
  return chance.pick([
    word.slice(0, at) + word.slice(at + 1),
    word.slice(0, at) + letter + word.slice(at),
    word.slice(0, at) + letter + word.slice(at + 1),
    word.slice(0, at) + (word[at + 1] ?? "") + (word[at] ?? "") + word.slice(at + 2),
  ]);
}

function randomFilter(chance: Chance): unknown {
  const part = (): string =>
    chance.pick([
      `year ${chance.pick([">", ">=", "<", "<=", "=", "!="])} ${1990 + chance.below(30)}`,
      `genre = ${chance.pick(["action", "Drama", "'sci-fi'", "horror"])}`,
      "genre IN [comedy, horror]",
      "price EXISTS",
      "price IS NULL",
      "meta.tags IS EMPTY",
      "meta.author = bob",
      "flag = true",
      "NOT flag = true",
      "genre STARTS WITH 'co'",
      "genre > b",
      "title = x",
      "year NOT IN [1995, 2000, 2001]",
      `price ${chance.below(50)} TO ${50 + chance.below(50)}`,
      `_geoRadius(48, 5, ${chance.below(400_000)})`,
      "_geoBoundingBox([52, 8], [46, 2])",
    ]);
  const word = (): string => chance.pick(["AND", "OR"]);
  return chance.pick([
    part(),
    part(),
    `${part()} ${word()} (${part()} ${word()} ${part()})`,
    [part(), [part(), part()]],
  ]);
}

function randomText(chance: Chance, count: number): string {
  const words = chance.list(count, () => chance.pick(VOCABULARY));
  return words.reduce(
    (text, word) => text + (chance.is(0.08) ? chance.pick([", ", ". ", "! ", " - ", "; ", "? "]) : " ") + word,
  );
}

/** Chance from a seed. */
class Chance {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  is(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new TypeError("nothing to pick from");
    return item;
  }

  list<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }

  maybe(probability: number, make: () => Row): Row {
    return this.is(probability) ? make() : {};
  }
}
