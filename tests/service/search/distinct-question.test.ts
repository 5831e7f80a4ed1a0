import { expect, test } from "bun:test";

import { readNodeAnswer } from "../../../src/core/merge/node-answer.ts";
import { countingBody, partOf } from "../../../src/services/search/distinct-question.ts";

const question = { answer: 1, filters: ['NOT "brand" IN ["x"]'], limit: 0, counted: false, threshold: false };
const base = { q: "red", facets: ["price"], rankingScoreThreshold: 0.5, distinct: "brand" };

function answerOf(hits: readonly object[], total: number): NonNullable<ReturnType<typeof readNodeAnswer>> {
  const tail = { query: "red", processingTimeMs: 1, limit: 9, offset: 0, estimatedTotalHits: total };
  return readNodeAnswer(JSON.stringify({ hits, ...tail, facetDistribution: {}, facetStats: {} }))!;
}

test("the values of documents that are kept are looked at, unless a node has counted more than it lists", () => {
  const kept = { ...question, limit: 2 };
  expect(countingBody(base, kept, true)).toMatchObject({ attributesToRetrieve: ["price"], limit: 2 });
  expect(countingBody(base, kept, false)).toMatchObject({ attributesToRetrieve: [], limit: 2 });
  expect(partOf(answerOf([{ price: 1 }, { price: 2 }], 2), kept, base).hits).toHaveLength(2);
  expect(partOf(answerOf([{ price: 1 }], 2), kept, base)).not.toHaveProperty("hits");
});

test("values are counted without a hit, but by meaning a node looks at nothing for the sake of none", () => {
  const counted = { ...question, counted: true };
  expect(countingBody(base, counted, false)).toMatchObject({ page: 1, hitsPerPage: 0 });
  expect(countingBody({ ...base, vector: [1] }, counted, false)).toMatchObject({ page: 1, hitsPerPage: 1 });
});

test("an answer stands for all documents, for each value once, or for those that are good enough", () => {
  const countedBy = (change: object): string => partOf(answerOf([], 3), { ...question, ...change }, base).counted;
  expect(countedBy({})).toBe("all");
  expect(countedBy({ counted: true, threshold: true })).toBe("values");
  expect(countedBy({ threshold: true })).toBe("some");
});
