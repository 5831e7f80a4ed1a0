/**
 * The sample data of the demo: films that never existed, made by a seeded generator so that every run, and every
 * reader of the README, sees the same ones.
 */

export interface Film {
  readonly id: number;
  readonly title: string;
  readonly overview: string;
  readonly genres: readonly string[];
  readonly director: string;
  readonly year: number;
  readonly rating: number;
}

const ADJECTIVES = [
  "Silent",
  "Golden",
  "Broken",
  "Hidden",
  "Electric",
  "Crimson",
  "Frozen",
  "Distant",
  "Restless",
  "Paper",
  "Velvet",
  "Iron",
  "Hollow",
  "Burning",
  "Northern",
  "Invisible",
  "Wandering",
  "Second",
  "Last",
  "Clockwork",
];
const NOUNS = [
  "Harbour",
  "Mirror",
  "Orchard",
  "Lighthouse",
  "Railway",
  "Garden",
  "Comet",
  "Letter",
  "Winter",
  "Island",
  "Archive",
  "Carnival",
  "Engine",
  "River",
  "Cathedral",
  "Signal",
  "Desert",
  "Stranger",
  "Kingdom",
  "Summer",
];
const PEOPLE = [
  "a retired pilot",
  "a pair of sisters",
  "a young cartographer",
  "the last lighthouse keeper",
  "a forger",
  "an orchestra",
  "a night nurse",
  "a band of brothers",
  "a stubborn detective",
  "a beekeeper",
  "a chess prodigy",
  "an old clockmaker",
];
const VERBS = [
  "discovers",
  "steals",
  "inherits",
  "searches for",
  "hides",
  "rebuilds",
  "falls in love with",
  "is haunted by",
  "sets fire to",
  "bets everything on",
  "returns",
  "protects",
];
const THINGS = [
  "a map of a city that does not exist",
  "a box of unsent letters",
  "the mirror of a vanished magician",
  "an abandoned observatory",
  "a train that never stops",
  "the diary of a spy",
  "a garden under glass",
  "the only copy of a lost film",
  "a radio that receives tomorrow",
  "a stolen painting",
  "a frozen harbour",
  "the family's secret",
];
const GENRES = ["Drama", "Comedy", "Thriller", "Science Fiction", "Romance", "Crime", "Fantasy", "Documentary"];
const DIRECTORS = [
  "Ada Lindqvist",
  "Mateo Ferrer",
  "Yuki Tanabe",
  "Nadia Haddad",
  "Oluwaseun Bello",
  "Clara Weiss",
  "Ivo Petrov",
  "Maeve Doyle",
  "Rafael Prado",
  "Sunniva Dahl",
];

export function demoFilms(count: number): readonly Film[] {
  const next = seededNumbers(20_260_101);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  return Array.from({ length: count }, (_unused, position) => {
    const first = pick(GENRES);
    const second = pick(GENRES);
    return {
      id: position + 1,
      title: `The ${pick(ADJECTIVES)} ${pick(NOUNS)}`,
      overview: capitalise(`${pick(PEOPLE)} ${pick(VERBS)} ${pick(THINGS)}.`),
      genres: first === second ? [first] : [first, second],
      director: pick(DIRECTORS),
      year: 1950 + Math.floor(next() * 75),
      rating: Math.round(20 + next() * 80) / 10,
    };
  });
}

function capitalise(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** Mulberry32: small, seeded, good enough to look like chance. */
function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
