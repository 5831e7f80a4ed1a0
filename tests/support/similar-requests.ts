/** An index with vectors and random requests for similar documents, the same for every run with a seed. */
import type { Dice } from "../differential/random.ts";

export const SIMILAR_SETTINGS = {
  filterableAttributes: ["genre", "year"],
  sortableAttributes: ["year"],
  displayedAttributes: ["id", "title", "genre", "year"],
  pagination: { maxTotalHits: 150 },
  embedders: {
    own: { source: "userProvided", dimensions: 4 },
    binary: { source: "userProvided", dimensions: 70, binaryQuantized: true },
    shifted: { source: "userProvided", dimensions: 3, distribution: { mean: 0.45, sigma: 0.45 } },
  },
};

/** Also an index that is ranked and made distinct by other things, which similar documents do not heed. */
export const DISTRACTING_SETTINGS = {
  ...SIMILAR_SETTINGS,
  rankingRules: ["year:desc", "words", "typo", "genre:asc"],
  distinctAttribute: "genre",
  pagination: { maxTotalHits: 1000 },
};

export function similarDocuments(count: number, dice: Dice): readonly object[] {
  const vector = (dimensions: number): readonly number[] =>
    Array.from({ length: dimensions }, () => Math.round(dice.fraction() * 2000 - 1000) / 1000);
  return Array.from({ length: count }, (_, at) => ({
    id: at % 3 === 0 ? `doc-${at}` : at,
    title: `film ${at}`,
    genre: dice.pick(["drama", "comedy", "action"]),
    year: 1990 + dice.below(30),
    secret: dice.below(5),
    _vectors: {
      own: dice.chance(0.05) ? null : dice.chance(0.04) ? [0.1, 0.2, 0.3, 0.4] : vector(4),
      binary: vector(70),
      shifted: vector(3),
    },
  }));
}

export function similarRequest(count: number, dice: Dice): Record<string, unknown> {
  const at = dice.below(count);
  const id = at % 3 === 0 ? `doc-${at}` : dice.chance(0.5) ? at : String(at);
  return {
    id: dice.chance(0.03) ? "absent" : id,
    embedder: dice.pick(["own", "own", "binary", "shifted"]),
    ...maybe(dice, 0.6, () => ({ limit: dice.pick([0, 1, 3, 10, 50]) })),
    ...maybe(dice, 0.3, () => ({ offset: dice.pick([0, 1, 5, 30]) })),
    ...maybe(dice, 0.5, () => ({ filter: dice.pick(FILTERS) })),
    ...maybe(dice, 0.3, () => ({ rankingScoreThreshold: dice.pick([0, 0.4, 0.6, 0.8, 0.95, 1]) })),
    // Tells which documents are equally near.
    showRankingScore: true,
    ...maybe(dice, 0.3, () => ({ showRankingScoreDetails: true })),
    ...maybe(dice, 0.2, () => ({ retrieveVectors: dice.chance(0.8) })),
    ...maybe(dice, 0.1, () => ({ showPerformanceDetails: true })),
    ...maybe(dice, 0.2, () => ({ attributesToRetrieve: dice.pick([["title"], ["secret"], [], ["*"], null]) })),
  };
}

/** The same request as a query string, where it can be one. */
export function similarQuery(request: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request)) {
    if (value === null || (name === "attributesToRetrieve" && (value as readonly string[]).length === 0)) continue;
    if (name === "attributesToRetrieve") query.append(name, (value as readonly string[]).join(","));
    else query.append(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return query.toString();
}

/** Requests that are refused, each in another way. */
export const REFUSED_SIMILAR: readonly unknown[] = [
  {},
  [],
  { id: 1 },
  { embedder: "own" },
  { id: null, embedder: "own" },
  { id: 1.5, embedder: "own" },
  { id: "a b", embedder: "own" },
  { id: "", embedder: "own" },
  { id: [1], embedder: "own" },
  { id: 1, embedder: "none" },
  { id: "absent", embedder: "none" },
  { id: "absent", embedder: "own" },
  { id: "absent", embedder: "own", filter: "genre = " },
  { id: "absent", embedder: "own", filter: "title = x" },
  { id: 1, embedder: "own", filter: "genre = " },
  { id: 1, embedder: "own", filter: "title = x" },
  { id: 1, embedder: "own", filter: ["genre = drama", "title = x"] },
  { id: 1, embedder: "own", filter: 3 },
  { id: "a b", embedder: "own", filter: "genre = " },
  { id: 1, embedder: 3 },
  { id: 1, embedder: "own", offset: -1 },
  { id: 1, embedder: "own", limit: "x" },
  { id: 1, embedder: "own", limit: null },
  { id: 1, embedder: "own", rankingScoreThreshold: 3 },
  { id: 1, embedder: "own", rankingScoreThreshold: "x" },
  { id: 1, embedder: "own", retrieveVectors: "x" },
  { id: 1, embedder: "own", showRankingScore: 1 },
  { id: 1, embedder: "own", attributesToRetrieve: "title" },
  { id: 1, embedder: "own", q: "x" },
  { id: 1, embedder: "own", vector: [1] },
];

export const REFUSED_SIMILAR_QUERIES: readonly string[] = [
  "",
  "id=1",
  "embedder=own",
  "id=1&embedder=none",
  "id=absent&embedder=own",
  "id=a%20b&embedder=own",
  "id=1&embedder=own&limit=x",
  "id=1&embedder=own&offset=-1",
  "id=1&embedder=own&filter=genre%20%3D",
  "id=1&embedder=own&filter=title%20%3D%20x",
  "id=1&embedder=own&rankingScoreThreshold=3",
  "id=1&embedder=own&retrieveVectors=maybe",
  "id=1&embedder=own&nonsense=1",
];

function maybe(dice: Dice, probability: number, make: () => object): object {
  return dice.chance(probability) ? make() : {};
}

const FILTERS = [
  "genre = drama",
  "year > 2005",
  ["genre = comedy", ["year < 2000", "year > 2010"]],
  "genre = nothing",
  "",
];
