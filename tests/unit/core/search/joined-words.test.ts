import { expect, test } from "bun:test";

import { countedFor, joinedWords } from "../../../../src/core/search/joined-words.ts";

const query = { words: ["old", "foot", "ball", "club"], prefix: true };

test("two and three neighbours may be one word, and are none with an excluded word between them", () => {
  expect(joinedWords(query).map(({ together }) => together)).toEqual([
    "old foot ",
    "foot ball ",
    "ball club",
    "old foot ball ",
    "foot ball club",
  ]);
  expect(joinedWords(query)[4]).toEqual({
    words: [1, 2, 3],
    together: "foot ball club",
    apart: "foot -qzxmiroirxzq ball -qzxmiroirxzq club",
  });
  expect(joinedWords({ words: ["old"], prefix: false })).toEqual([]);
});

test("a word counts with its neighbours on both sides, and only the last may be the beginning of one", () => {
  expect(countedFor(query, 3)).toEqual(["club", "ball club", "foot ball club"]);
  expect(countedFor({ ...query, prefix: false }, 3)).toEqual(["club ", "ball club ", "foot ball club "]);
  expect(countedFor(query, 0)).toEqual(["old ", "old foot ", "old foot ball "]);
});
