import { expect, test } from "bun:test";

import { decidingCount, decidingWords } from "../../../src/services/search/deciding-words.ts";

const words = { q: "red", matchingStrategy: "all", rankingScoreThreshold: 0.5, distinct: "brand" };
const base = JSON.stringify({ ...words, facets: ["tags"], attributesToRetrieve: ["title"], offset: 0, limit: 20 });

test("which documents have the words is said without threshold, distinct attribute, paging and looks", () => {
  expect(decidingWords({ base })).toEqual({ q: "red", matchingStrategy: "all" });
});

test("by meaning alone no word decides, but beside one that may exclude something they do", () => {
  const near = (semanticRatio: number): string =>
    JSON.stringify({ ...words, vector: [1], hybrid: { embedder: "own", semanticRatio } });
  expect(decidingWords({ base: near(1) })).toEqual({});
  expect(decidingWords({ base: near(0.999999) })).toEqual({ q: "red", matchingStrategy: "all" });
});

test("what is good enough is counted without a hit, but by meaning a node looks at nothing for the sake of none", () => {
  const counting = { ...words, attributesToRetrieve: [], page: 1 };
  expect(decidingCount({ base })).toEqual({ ...counting, hitsPerPage: 0 });
  const meaning = { vector: [1], hybrid: { embedder: "own", semanticRatio: 1 } };
  const near = JSON.stringify({ ...words, ...meaning, page: 1, hitsPerPage: 30, facets: ["tags"] });
  expect(decidingCount({ base: near })).toEqual({ ...counting, ...meaning, hitsPerPage: 1 });
});
