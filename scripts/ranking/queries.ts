/** Queries over a corpus, each made from words that it contains; the same seed gives the same queries. */
import { createDice, type Dice } from "../../tests/differential/random.ts";
import type { MadeDocument } from "./corpus.ts";

/** `typed`: a query whose last word is not finished. `typo`: a query with one wrong letter. */
export const QUERY_KINDS = ["single", "multi", "filtered", "rare", "common", "typed", "typo"] as const;

export type QueryKind = (typeof QUERY_KINDS)[number];

/** Those of the golden recording: whole words, rightly spelt. */
export const GOLDEN_KINDS: readonly QueryKind[] = ["single", "multi", "filtered", "rare", "common"];

export interface MadeQuery {
  readonly kind: QueryKind;
  readonly q: string;
  readonly filter?: string;
}

export interface QueriesInput {
  readonly documents: readonly MadeDocument[];
  readonly kinds: readonly QueryKind[];
  /** Queries of each kind. */
  readonly each: number;
  readonly seed: number;
}

export function makeQueries({ documents, kinds, each, seed }: QueriesInput): readonly MadeQuery[] {
  const dice = createDice(seed);
  const frequencies = countWords(documents);
  const ranked = [...frequencies].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([word]) => word);
  const rare = ranked.filter((word) => frequencies.get(word)! <= RARE_MAX);
  const common = ranked.slice(0, COMMON);
  const categories = [...new Set(documents.map(({ category }) => category))].toSorted();
  const few = (least: number, most: number): string[] =>
    neighbours(documents, dice, least + dice.below(most - least + 1));
  const makers: Readonly<Record<QueryKind, () => Omit<MadeQuery, "kind">>> = {
    single: () => ({ q: few(1, 1)[0]! }),
    multi: () => ({ q: few(2, 4).join(" ") }),
    filtered: () => ({ q: few(1, 2).join(" "), filter: filterOf(categories, dice) }),
    rare: () => ({ q: dice.chance(0.5) ? dice.pick(rare) : `${dice.pick(common)} ${dice.pick(rare)}` }),
    common: () => ({ q: dice.some(common, 1 + dice.below(3)).join(" ") }),
    typed: () => ({ q: cut(few(1, 3), 1 + dice.below(4)).join(" ") }),
    typo: () => ({ q: misspelt(few(1, 3), dice).join(" ") }),
  };
  return Array.from({ length: each }, () => kinds.map((kind) => ({ kind, ...makers[kind]() }))).flat();
}

function filterOf(categories: readonly string[], dice: Dice): string {
  const category = `category = ${dice.pick(categories)}`;
  return dice.chance(0.5) ? category : `${category} AND price < ${100 + dice.below(900)}`;
}

/** Words that stand one behind the other in some document. */
function neighbours(documents: readonly MadeDocument[], dice: Dice, count: number): string[] {
  const words = wordsOf(dice.pick(documents));
  const from = dice.below(Math.max(1, words.length - count + 1));
  return words.slice(from, from + count);
}

function cut(words: readonly string[], length: number): readonly string[] {
  return [...words.slice(0, -1), words.at(-1)!.slice(0, length)];
}

/** In the longest word, since short ones are taken by their letters. */
function misspelt(words: readonly string[], dice: Dice): readonly string[] {
  const longest = words.reduce((a, b) => (b.length > a.length ? b : a));
  const at = 1 + dice.below(Math.max(1, longest.length - 1));
  const wrong = longest.slice(0, at) + dice.pick(["a", "e", "i", "o", "n", "r", "s", "t"]) + longest.slice(at + 1);
  return words.map((word) => (word === longest ? wrong : word));
}

function wordsOf({ title, body }: MadeDocument): readonly string[] {
  return `${title} ${body}`.toLowerCase().match(/[a-z0-9]{2,}/g) ?? ["nothing"];
}

function countWords(documents: readonly MadeDocument[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const document of documents) {
    for (const word of new Set(wordsOf(document))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

const RARE_MAX = 4;
const COMMON = 40;
