import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import { addFrequencies, droppingOrder, sameOrder } from "../../../../src/core/search/frequency-order.ts";
import { frequencyLevels, frequencyWords } from "../../../../src/core/search/frequency-plan.ts";
import { sortsBeforeRelevancy } from "../../../../src/core/search/vector-place.ts";
import { readSearchRequest } from "../../../../src/core/search/search-request.ts";

const levelsOf = (q: string, frequencies: readonly number[], prefix = true): readonly string[] => {
  const found = frequencyLevels({ words: q.split(" "), prefix }, droppingOrder(frequencies), frequencies);
  return (found?.levels ?? []).map(
    ({ q: text, matchingWords }) => `${matchingWords}/${found!.maxMatchingWords} ${text}`,
  );
};

describe("the dropping order", () => {
  test("begins with words that no document contains, then with those that most contain", () => {
    expect(droppingOrder([3, 0, 9, 3, 0])).toEqual([[1, 4], [2], [0, 3]]);
  });

  test("is that of the sums, whatever the split into shards", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(50), { minLength: 3, maxLength: 3 }), { minLength: 1 }), (parts) => {
        const whole = [0, 1, 2].map((word) => parts.reduce((sum, part) => sum + part[word]!, 0));
        expect(addFrequencies(parts)).toEqual(whole);
        expect(sameOrder(droppingOrder(addFrequencies(parts)), droppingOrder(whole))).toBe(true);
        expect(new Set(droppingOrder(whole).flat())).toEqual(new Set([0, 1, 2]));
      }),
    );
  });
});

describe("the levels of a search", () => {
  test("drop the most frequent word first and keep the rarest", () => {
    expect(levelsOf("the old house", [90, 20, 5])).toEqual(
      ["3/3 the old house", "2/3 -qzxmiroirxzq old house", "1/3 -qzxmiroirxzq -qzxmiroirxzq house"].toSpliced(
        2,
        0,
        "2/3 the -qzxmiroirxzq house",
      ),
    );
  });

  test("a word at the end is no longer the beginning of one when the last is dropped", () => {
    expect(levelsOf("old the", [5, 90])).toEqual(["2/2 old the", "1/2 old "]);
  });

  test("what no document contains is always dropped", () => {
    expect(levelsOf("old nowhere house", [20, 0, 5], false)).toEqual([
      "2/3 old -qzxmiroirxzq house ",
      "1/3 -qzxmiroirxzq -qzxmiroirxzq house ",
    ]);
  });

  test("words of one frequency are dropped in any order, those of the last group never", () => {
    expect(levelsOf("a b c", [9, 9, 1])).toEqual([
      "3/3 a b c",
      "2/3 -qzxmiroirxzq b c",
      "2/3 a -qzxmiroirxzq c",
      "1/3 -qzxmiroirxzq -qzxmiroirxzq c",
    ]);
    expect(levelsOf("a b", [4, 4])).toEqual(["1/1 a b"]);
  });

  test("too many are not asked for", () => {
    expect(levelsOf("a b c d e f g", [7, 7, 7, 7, 7, 7, 1])).toEqual([]);
  });
});

test.each([
  ["the c", { nonSeparatorTokens: ["+"] }, ["the", "c"]],
  ["state of", { nonSeparatorTokens: ["-"] }, null],
  ["fog hunt", { separatorTokens: ["x"] }, null],
  ["fog hunt", { separatorTokens: ["fog"] }, null],
  ["fog hunt", { separatorTokens: ["ka"] }, ["fog", "hunt"]],
  ["New York", { dictionary: ["new york"] }, null],
])("what settings say of parting words counts where %p has it: %p", (q, settings, words) => {
  const read = readSearchRequest({ q, matchingStrategy: "frequency" });
  if (read.kind !== "request") throw new TypeError(read.kind);
  const entry = { settings } as unknown as Parameters<typeof frequencyWords>[1];
  expect(frequencyWords(read.request, entry)?.words ?? null).toEqual(words);
});

test("a field decides in front of a rule about relevancy where a sort or a rule of the client's stands there", () => {
  const of = (rankingRules: readonly string[] | undefined, sort?: readonly string[]): boolean =>
    sortsBeforeRelevancy({ settings: rankingRules === undefined ? {} : { rankingRules } }, sort);
  expect(of(undefined)).toBe(false);
  expect(of(undefined, ["price:asc"])).toBe(true);
  expect(of(["words", "exactness", "sort"], ["price:asc"])).toBe(false);
  expect(of(["words", "price:asc", "exactness"])).toBe(true);
  expect(of(["words", "exactness", "price:asc"])).toBe(false);
});
