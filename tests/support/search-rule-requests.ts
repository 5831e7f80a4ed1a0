/** Documents and searches for the tests of dynamic search rules, over two indexes of the same sixty films. */
import type { Dice } from "../differential/random.ts";
import type { RuleWorld } from "../differential/generate-rules.ts";

const GENRES = ["drama", "comedy", "war", "noir"];
const NAMES = ["star", "moon", "sun", "red moon", "blue star"];

export const RULED_FILMS = Array.from({ length: 60 }, (_, id) => ({
  id,
  name: `${NAMES[id % 5]} ${["war", "love", "night"][(id * 7) % 3]}`,
  genre: GENRES[(id * 5 + (id >> 3)) % 4],
  year: (id * 11) % 8,
  _vectors: { own: [Math.cos(id / 40), Math.sin(id / 40)] },
}));

export const RULE_WORLD: RuleWorld = {
  indexes: ["films", "series"],
  ids: Array.from({ length: 63 }, (_, id) => String(id)),
  words: ["moon", "star", "war", "red"],
  values: [{ genre: "drama" }, { genre: ["drama", "war"] }, { year: 3 }],
};

/** Facets under a distinct attribute are not among them: those count pinned documents otherwise (`docs/differences.md`). */
export function makeSearch(dice: Dice): Record<string, unknown> {
  const distinct = dice.chance(0.25);
  return {
    ...ranked(dice, dice.pick(["", "", "moon", "star", "war", "star war", "red moon", "sun -love", "unheard", "mo"])),
    ...paging(dice),
    ...(distinct ? { distinct: dice.pick(["genre", "year"]) } : {}),
    ...(!distinct && dice.chance(0.3) ? { facets: dice.pick([["genre"], ["genre", "year"]]) } : {}),
    ...(dice.chance(0.2) ? { attributesToRetrieve: dice.pick([["name"], ["genre"], [], ["*"]]) } : {}),
    ...(dice.chance(0.2) ? { attributesToHighlight: dice.pick([["name"], ["*"], ["id"]]) } : {}),
  };
}

export function makeFederation(dice: Dice): Record<string, unknown> {
  const query = (): Record<string, unknown> => ({
    indexUid: dice.pick(RULE_WORLD.indexes),
    ...ranked(dice, dice.pick(["moon", "star", "war", "red moon"])),
    ...(dice.chance(0.4) ? { federationOptions: { weight: dice.pick([0.5, 2]) } } : {}),
  });
  return { federation: paging(dice), queries: Array.from({ length: 1 + dice.below(3) }, query) };
}

function ranked(dice: Dice, q: string): Record<string, unknown> {
  const filters = [
    "genre = drama",
    "genre IN [drama, war]",
    "year = 3",
    "year > 2 AND genre = war",
    "id IN [1,2,3,4,5]",
  ];
  return {
    q,
    showRankingScoreDetails: true,
    ...(dice.chance(0.3) ? { filter: dice.pick([...filters, "genre = drama OR year = 3", ["genre = war"]]) } : {}),
    ...(dice.chance(0.15) ? { showRankingScore: true } : {}),
  };
}

function paging(dice: Dice): Record<string, number> {
  if (dice.chance(0.3)) return { page: 1 + dice.below(3), hitsPerPage: dice.pick([1, 3, 5, 10]) };
  const limit = dice.chance(0.5) ? { limit: dice.pick([0, 1, 3, 5, 10, 30, 100]) } : {};
  return { ...limit, ...(dice.chance(0.3) ? { offset: dice.below(12) } : {}) };
}
