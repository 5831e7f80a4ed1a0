/** A corpus cut into uneven shards. */
import { readFileSync } from "node:fs";
import { createDice } from "../../tests/differential/random.ts";
import { makeDocuments, makeVocabulary, type MadeDocument } from "./corpus.ts";

/** Shares of ten shards, of which one holds nearly everything and one nearly nothing. */
export const SKEWED: readonly number[] = [1, 100, 1, 1, 1, 1, 1, 1, 0.5, 0.01];

export interface CutCorpus {
  readonly documents: readonly MadeDocument[];
  /** Documents of each shard are spread over the whole order of insertion. */
  readonly shardOf: (id: number) => number;
  readonly sizes: readonly number[];
}

/** `corpus`: `wide` or `dense`, or a file with one document per line and ids from 0. */
export function readCorpus(corpus: string, count: number, seed: number): readonly MadeDocument[] {
  if (corpus === "wide" || corpus === "dense") return makeDocuments(makeVocabulary(VOCABULARY, seed, corpus), 0, count);
  const lines = readFileSync(corpus, "utf8").split("\n").slice(0, count);
  return lines.map((line) => JSON.parse(line) as MadeDocument);
}

export function cutCorpus(documents: readonly MadeDocument[], weights: readonly number[], seed: number): CutCorpus {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const widest = weights.indexOf(Math.max(...weights));
  const sizes = weights.map((weight) => Math.max(1, Math.round((documents.length * weight) / total)));
  sizes[widest]! += documents.length - sizes.reduce((sum, size) => sum + size, 0);
  const shards = sizes.flatMap((size, shard) => Array.from({ length: size }, () => shard));
  const dice = createDice(seed);
  for (let i = shards.length - 1; i > 0; i -= 1) {
    const other = dice.below(i + 1);
    [shards[i], shards[other]] = [shards[other]!, shards[i]!];
  }
  return { documents, shardOf: (id) => shards[id]!, sizes };
}

export const CORPUS_SETTINGS = { filterableAttributes: ["category", "price"] };

const VOCABULARY = 30_000;
