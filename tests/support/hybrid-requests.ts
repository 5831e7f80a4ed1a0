/** Indexes with words and vectors and random searches by both, the same for every run with a seed. */
import type { Dice } from "../differential/random.ts";

export const HYBRID_SETTINGS = {
  filterableAttributes: ["genre", "year", "series"],
  sortableAttributes: ["year", "title"],
  searchableAttributes: ["title", "overview"],
  embedders: { own: { source: "userProvided", dimensions: 4 } },
};

export function hybridDocuments(count: number, dice: Dice): readonly object[] {
  const words = (least: number, most: number): string =>
    Array.from({ length: least + dice.below(most - least + 1) }, () => dice.pick(WORDS)).join(" ");
  return Array.from({ length: count }, (_, id) => ({
    id,
    title: words(1, 4),
    overview: words(3, 15),
    genre: dice.pick(["drama", "comedy", "action"]),
    year: 1990 + dice.below(30),
    series: `s${dice.below(count / 2)}`,
    _vectors: { own: dice.chance(0.1) ? null : hybridVector(dice) },
  }));
}

export function hybridVector(dice: Dice): readonly number[] {
  return Array.from({ length: 4 }, () => Math.round(dice.fraction() * 20_000 - 10_000) / 10_000);
}

/** What a request may ask for besides words and vector. */
export type HybridExtra = "paging" | "filter" | "facets" | "sort" | "distinct" | "threshold" | "format";

export function hybridRequest(
  dice: Dice,
  extras: readonly HybridExtra[],
  meaningAlone = false,
): Record<string, unknown> {
  const ratio = dice.pick([0, 0.1, 0.3, 0.5, 0.5, 0.7, 0.9, 1]);
  const semanticRatio = meaningAlone ? 1 : ratio;
  const has = (extra: HybridExtra, probability: number): boolean => extras.includes(extra) && dice.chance(probability);
  return {
    q: Array.from({ length: 1 + dice.below(3) }, () => dice.pick(WORDS)).join(" "),
    vector: hybridVector(dice),
    hybrid: !meaningAlone && dice.chance(0.1) ? { embedder: "own" } : { embedder: "own", semanticRatio },
    ...(has("paging", 0.8) ? paging(dice) : { limit: dice.pick([3, 10, 20]) }),
    ...(has("filter", 0.4) ? { filter: dice.pick(FILTERS) } : {}),
    ...(has("facets", 0.4) ? { facets: dice.pick([["genre"], ["genre", "year"], ["*"]]) } : {}),
    ...(has("sort", 0.4) ? { sort: dice.pick([["year:asc"], ["year:desc", "title:asc"]]) } : {}),
    ...(has("distinct", 0.7) ? { distinct: "series" } : {}),
    ...(has("threshold", 0.7) ? { rankingScoreThreshold: dice.pick([0.2, 0.5, 0.7, 0.9]) } : {}),
    ...(has("format", 0.5) ? { attributesToHighlight: ["title"], showMatchesPosition: true } : {}),
    ...(dice.chance(0.7) ? { showRankingScore: true } : {}),
    ...(dice.chance(0.4) ? { showRankingScoreDetails: true } : {}),
    ...(dice.chance(0.2) ? { retrieveVectors: true } : {}),
    ...(dice.chance(0.2) ? { attributesToRetrieve: ["title", "year"] } : {}),
    ...(dice.chance(0.2) ? { matchingStrategy: dice.pick(["all", "last"]) } : {}),
  };
}

function paging(dice: Dice): object {
  if (dice.chance(0.4)) return { page: dice.below(4), hitsPerPage: dice.pick([0, 3, 10]) };
  return { limit: dice.pick([0, 1, 5, 20]), offset: dice.pick([0, 2, 10, 60]) };
}

const WORDS =
  "sun flower sunflower moon light house summer winter garden river mountain stone ocean bridge castle dragon silver golden forest island".split(
    " ",
  );
const FILTERS = ["genre = drama", "year > 2005", ["genre != comedy", "year < 2010"], "genre = nothing"];
