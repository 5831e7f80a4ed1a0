/** A generated corpus: Zipf-distributed words that are near each other, mixed types, missing fields, odd values. */
import { createDice, type Dice } from "./random.ts";

export interface Corpus {
  readonly documents: readonly Readonly<Record<string, unknown>>[];
  readonly vocabulary: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
}

const SYLLABLES = [
  "ka",
  "lo",
  "mer",
  "tin",
  "sa",
  "vor",
  "el",
  "dri",
  "pan",
  "quo",
  "ris",
  "ta",
  "um",
  "bel",
  "cor",
  "nd",
];
export const BRANDS = ["Acme", "Globex", "Initech", "Umbrella", "Stark", "Wayne", "Wonka", "Hooli"];
export const COLOURS = ["red", "green", "blue", "black", "white", "orange"];
export const TAGS = ["new", "sale", "eco", "rare", "classic", "limited", "used", "gift"];

export function makeCorpus(seed: number, count: number): Corpus {
  const dice = createDice(seed);
  const vocabulary = makeVocabulary(dice, 900);
  const documents = Array.from({ length: count }, (_unused, position) => makeDocument(dice, vocabulary, position));
  return { documents, vocabulary, settings: makeSettings() };
}

function makeVocabulary(dice: Dice, size: number): readonly string[] {
  const words = new Set<string>(["the", "a", "of", "12", "2024", "x1"]);
  while (words.size < size) {
    const word = Array.from({ length: 1 + dice.below(4) }, () => dice.pick(SYLLABLES)).join("");
    words.add(word);
    // Near words, so that typos and prefixes have something to find.
    if (word.length > 5 && dice.chance(0.3)) words.add(word.slice(0, -1) + dice.pick(["a", "e", "i", "o", "u"]));
    if (dice.chance(0.2)) words.add(`${word}s`);
  }
  return [...words];
}

/** Rank r with probability about 1/r. */
export function zipfWord(dice: Dice, vocabulary: readonly string[]): string {
  return vocabulary[Math.min(vocabulary.length - 1, Math.floor(vocabulary.length ** dice.fraction()) - 1)] as string;
}

function makeDocument(dice: Dice, vocabulary: readonly string[], position: number): Record<string, unknown> {
  const text = (length: number): string => Array.from({ length }, () => zipfWord(dice, vocabulary)).join(" ");
  const document: Record<string, unknown> = {
    id: position,
    title: text(2 + dice.below(5)),
    body: text(5 + dice.below(30)),
  };
  if (dice.chance(0.9)) document["brand"] = dice.pick(BRANDS);
  if (dice.chance(0.8)) document["price"] = dice.chance(0.3) ? dice.below(50) : dice.below(100_000) / 100;
  if (dice.chance(0.05)) document["price"] = dice.pick(["ask", "sold out", null]);
  if (dice.chance(0.7)) document["tags"] = dice.some(TAGS, 1 + dice.below(3));
  if (dice.chance(0.8)) document["meta"] = { colour: dice.pick(COLOURS), size: dice.below(10) };
  if (dice.chance(0.5)) document["stock"] = dice.chance(0.5);
  if (dice.chance(0.6)) document["_geo"] = { lat: 40 + dice.below(2_000) / 100, lng: dice.below(2_000) / 100 };
  return document;
}

function makeSettings(): Record<string, unknown> {
  return {
    filterableAttributes: ["brand", "price", "tags", "meta.colour", "meta.size", "stock", "id", "_geo"],
    sortableAttributes: ["price", "brand", "id", "meta.size", "_geo"],
  };
}
