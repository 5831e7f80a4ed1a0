import { expect, test } from "bun:test";

import {
  compareWeightedScores,
  readWeightedScore,
  type WeightedScore,
} from "../../../../src/core/merge/weighted-scores.ts";

const read = (details: object, score: number, weight = 1): WeightedScore => {
  const weighted = readWeightedScore(JSON.stringify(details), score, weight);
  if (weighted === null) throw new TypeError("the details cannot be read");
  return weighted;
};
const keyword = (score: number, weight?: number): WeightedScore =>
  read(
    {
      words: { order: 0, matchingWords: 1, maxMatchingWords: 1, score: 1 },
      typo: { order: 1, typoCount: 0, maxTypoCount: 1, score: 1 },
    },
    score,
    weight,
  );

test("a single run of relevancy rules has the score of the hit, times the weight", () => {
  expect(keyword(0.75, 2)).toEqual({ elements: [{ kind: "score", score: 1.5 }], total: 1.5 });
});

test("runs that a sort parts are composed again as the engine divides them, recorded from the engine", () => {
  const { elements } = read(
    {
      words: { order: 0, matchingWords: 4, maxMatchingWords: 4, score: 1 },
      typo: { order: 1, typoCount: 0, maxTypoCount: 4, score: 1 },
      proximity: { order: 2, score: 0.8 },
      attributeRank: { order: 3, score: 0.666_666_666_666_666_6 },
      "price:asc": { order: 4, value: 0 },
      wordPosition: { order: 5, score: 0.951_219_512_195_121_9 },
      exactness: { order: 6, matchType: "noExactMatch", matchingWords: 4, maxMatchingWords: 4, score: 1 / 3 },
      "_miroir_seq:asc": { order: 7, value: "†" },
    },
    0.988_297_199_638_663,
  );
  // 4 of 4 words, 5 of 5 for typos, 8 of 10 for proximity and 6 of 9 attributes make 1779 of 1800.
  expect(elements[0]).toEqual({ kind: "score", score: 1779 / 1800 });
  expect(elements[1]).toEqual({ kind: "sort", ascending: true, value: 0 });
  // 39 of 41 positions, 1 of 3 for exactness and 5 of 5 exact words make 575 of 615.
  expect(elements[2]).toEqual({ kind: "score", score: 575 / 615 });
  expect(elements).toHaveLength(3);
});

test("what an attribute that matches as a whole has of exact words counts with all the words, recorded from the engine", () => {
  const { elements } = read(
    {
      words: { order: 0, matchingWords: 1, maxMatchingWords: 1, score: 1 },
      exactness: { order: 1, matchType: "exactMatch", score: 1 },
      proximity: { order: 2, score: 1 },
      attributeRank: { order: 3, score: 1 / 3 },
      "brand:asc": { order: 4, value: "globex" },
      wordPosition: { order: 5, score: 1 },
      typo: { order: 6, typoCount: 0, maxTypoCount: 1, score: 1 },
    },
    0.888_888_888_888_888_8,
  );
  // 3 of 3 for exactness, 2 of 2 exact words and 1 of 3 attributes make 16 of 18.
  expect(elements[0]).toEqual({ kind: "score", score: 16 / 18 });
  expect(elements[2]).toEqual({ kind: "score", score: 1 });
});

test("a placeholder's hit has no relevancy and loses against any that has, whatever the weight", () => {
  const placeholder = read({ "_miroir_seq:asc": { order: 0, value: "†" } }, 1, 100);
  expect(placeholder.elements).toEqual([]);
  expect(compareWeightedScores(keyword(0.01), placeholder)).toBeLessThan(0);
});

test("scores within the precision of a float are equal, and then the lists go on", () => {
  const a = {
    elements: [
      { kind: "score", score: 0.5 },
      { kind: "sort", ascending: true, value: 2 },
    ],
    total: 1,
  } as const;
  const b = {
    elements: [
      { kind: "score", score: 0.5 + 1e-16 },
      { kind: "sort", ascending: true, value: 1 },
    ],
    total: 1,
  } as const;
  expect(compareWeightedScores(a, b)).toBeGreaterThan(0);
});

test("numbers go before strings and both before nothing, in either direction", () => {
  for (const ascending of [true, false]) {
    const of = (value: number | string | null): WeightedScore => ({
      elements: [{ kind: "sort", ascending, value }],
      total: 1,
    });
    const sorted = [of(null), of("a"), of(7)].toSorted(compareWeightedScores);
    expect(sorted).toEqual([of(7), of("a"), of(null)]);
  }
});

test("distances follow their direction, a missing point goes last", () => {
  const of = (ascending: boolean, distance: number | null): WeightedScore => ({
    elements: [{ kind: "geo", ascending, distance }],
    total: 1,
  });
  const order = (ascending: boolean): unknown =>
    [of(ascending, null), of(ascending, 5), of(ascending, 90)]
      .toSorted(compareWeightedScores)
      .map(({ elements }) => (elements[0] as { distance: number | null }).distance);
  expect(order(true)).toEqual([5, 90, null]);
  expect(order(false)).toEqual([90, 5, null]);
});

test("elements that cannot be compared leave it to the number of elements, then to the whole scores", () => {
  const score = { kind: "score", score: 0.1 } as const;
  const sort = { kind: "sort", ascending: true, value: 1 } as const;
  expect(compareWeightedScores({ elements: [score], total: 9 }, { elements: [sort, score], total: 1 })).toBeGreaterThan(
    0,
  );
  expect(compareWeightedScores({ elements: [score], total: 9 }, { elements: [sort], total: 1 })).toBeLessThan(0);
});

test("a similarity is an element like a score", () => {
  const semantic = read({ vectorSort: { order: 0, similarity: 0.9 } }, 0.9, 0.5);
  expect(semantic.elements).toEqual([{ kind: "score", score: 0.45 }]);
});

test("what is not score details is not read", () => {
  expect(readWeightedScore("[]", 1, 1)).toBeNull();
  expect(readWeightedScore("{", 1, 1)).toBeNull();
});
