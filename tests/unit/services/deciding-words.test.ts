import { expect, test } from "bun:test";

import { decidingCount, decidingWords } from "../../../src/services/search/deciding-words.ts";

const words = { q: "red", matchingStrategy: "all", rankingScoreThreshold: 0.5, distinct: "brand" };
const base = JSON.stringify({ ...words, facets: ["tags"], attributesToRetrieve: ["title"], offset: 0, limit: 20 });

test("which documents have the words is said without threshold, distinct attribute, paging and looks", () => {
  expect(decidingWords({ base })).toEqual({ q: "red", matchingStrategy: "all" });
});

test("what is good enough is counted without a hit, and by meaning as far as the search looks", () => {
  expect(decidingCount({ base })).toEqual({ ...words, page: 1, hitsPerPage: 0 });
  const meaning = { vector: [1], hybrid: { embedder: "own", semanticRatio: 1 }, page: 1, hitsPerPage: 30 };
  expect(decidingCount({ base: JSON.stringify({ ...words, ...meaning, facets: ["tags"] }) })).toEqual({
    ...words,
    ...meaning,
    attributesToRetrieve: [],
  });
});
