/**
 * A made corpus for measurements of ranking: words with Zipf's frequencies, five categories, titles and bodies in which
 * rare and common words stand side by side. The same seed gives the same documents on every machine.
 */
import { createDice, type Dice } from "../../tests/differential/random.ts";

export interface MadeDocument {
  readonly id: number;
  readonly title: string;
  readonly body: string;
  readonly category: string;
  readonly price: number;
}

export const CATEGORIES = ["history", "music", "nature", "sport", "travel"] as const;

export interface Vocabulary {
  /** The most frequent first. */
  readonly words: readonly string[];
  draw(dice: Dice): string;
}

/**
 * `wide`: about as many words begin alike as in a natural language. `dense`: made of few syllables, so that hundreds of
 * words begin alike and hundreds are one typo apart, which is as hard as it can get for a shard.
 */
export type VocabularyStyle = keyof typeof SYLLABLES;

/** Pronounceable words, all different. */
export function makeVocabulary(size: number, seed: number, style: VocabularyStyle = "dense"): Vocabulary {
  const dice = createDice(seed);
  const words = new Set<string>();
  let frequent: readonly string[] | undefined;
  const { onsets, vowels, codas, compounds } = SYLLABLES[style];
  while (words.size < size) {
    // Two frequent words written as one, as languages do.
    if (words.size > FREQUENT && dice.chance(compounds)) {
      frequent ??= [...words];
      words.add(dice.pick(frequent) + dice.pick(frequent));
      continue;
    }
    const syllables = 1 + dice.below(3) + (words.size > 200 ? 1 : 0);
    let word = "";
    for (let i = 0; i < syllables; i += 1) word += dice.pick(onsets) + dice.pick(vowels) + dice.pick(codas);
    if (word.length > 1) words.add(word);
  }
  const list = [...words];
  const sums: number[] = [];
  let total = 0;
  for (let rank = 1; rank <= size; rank += 1) sums.push((total += 1 / rank));
  return {
    words: list,
    draw(drawing) {
      const wanted = drawing.fraction() * total;
      let low = 0;
      let high = size - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (sums[middle]! < wanted) low = middle + 1;
        else high = middle;
      }
      return list[low]!;
    },
  };
}

/** The documents `[from, to)`; each depends on its number alone. `wordsMax`: of the body. */
export function makeDocuments(
  vocabulary: Vocabulary,
  from: number,
  to: number,
  wordsMax = 24,
): readonly MadeDocument[] {
  return Array.from({ length: to - from }, (_unused, i) => makeDocument(vocabulary, from + i, wordsMax));
}

function makeDocument(vocabulary: Vocabulary, id: number, wordsMax: number): MadeDocument {
  const dice = createDice(id * 2_654_435_761 + 17);
  const text = (least: number, most: number): string =>
    Array.from({ length: least + dice.below(most - least + 1) }, () => vocabulary.draw(dice)).join(" ");
  return {
    id,
    title: text(2, 6),
    body: text(Math.ceil(wordsMax / 3), wordsMax),
    category: dice.pick(CATEGORIES),
    price: dice.below(1_000),
  };
}

const FREQUENT = 400;
const DENSE = {
  onsets: "b br c ch d f g gr h k l m n p r s st t v w".split(" "),
  vowels: "a e i o u ai ea oo".split(" "),
  codas: ["", "", "", "l", "n", "r", "s", "t", "nd", "m"],
  compounds: 0,
};
const WIDE = {
  onsets:
    `b bl br c ch cl cr d dr f fl fr g gl gr h j k kn l m n p ph pl pr qu r s sc sh sk sl sm sn sp st str sw t th tr v
    w wh y z`.split(/\s+/),
  vowels: "a e i o u ai au ay ea ee ie oa oi oo ou".split(" "),
  codas:
    `ck ct d ff ft g k l ld lf lk lm lp lt m mp n nd ng nk nt p pt r rb rd rf rk rl rm rn rp rt s sk sp st t x`.split(
      " ",
    ),
  compounds: 0.15,
};
const SYLLABLES = { dense: DENSE, wide: WIDE };
