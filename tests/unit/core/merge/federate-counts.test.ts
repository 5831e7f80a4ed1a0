import { expect, test } from "bun:test";

import { splitAnswer } from "../../../../src/core/merge/answer-list.ts";
import { countHits, countValues, mergeUnion, readUnionAnswer } from "../../../../src/core/merge/federate-counts.ts";
import type { FacetRules } from "../../../../src/core/merge/facets.ts";
import { createHitCursor, type Hit } from "../../../../src/core/merge/hit-cursor.ts";

const rules: FacetRules = { valuesMax: 100, orderOf: () => "alpha" };

function answer(total: number, distribution: string, stats = "{}"): string {
  const facets = `"facetsByIndex":{"films":{"distribution":${distribution},"stats":${stats}}}`;
  return `{"hits":[],"processingTimeMs":1,"limit":0,"offset":0,"estimatedTotalHits":${total},${facets},"requestUid":"x"}`;
}

function hits(documents: readonly object[]): readonly Hit[] {
  const cursor = createHitCursor(splitAnswer(JSON.stringify({ hits: documents, query: "" }), "hits", "query")!);
  return documents.map(() => cursor.next() as Hit);
}

test("totals and facets of parts without a common document are sums", () => {
  const parts = [answer(3, '{"genre":{"Drama":2}}'), answer(4, '{"genre":{"Comedy":1,"Drama":3}}')];
  const answers = parts.map((text) => readUnionAnswer(text)!);
  expect(mergeUnion("films", answers, rules)).toEqual({
    total: 7,
    facets: { indexUid: "films", distribution: '{"genre":{"Comedy":1,"Drama":5}}', stats: "{}" },
    disputes: [],
    mixed: [],
  });
});

test("an answer without facets has none, and what is no answer of an engine is not read", () => {
  const text =
    '{"hits":[],"processingTimeMs":2,"hitsPerPage":0,"page":1,"totalPages":0,"totalHits":9,"requestUid":"x"}';
  expect(readUnionAnswer(text)).toEqual({ total: 9, processingTimeMs: 2, facets: null });
  expect(readUnionAnswer("{}")).toBeNull();
  expect(readUnionAnswer('{"hits":[],"processingTimeMs":2}')).toBeNull();
});

test("spellings of one value are one value", () => {
  const answers = ['{"genre":{"Drama":2}}', '{"genre":{"drama":3,"Comedy":1}}'].map((text) =>
    readUnionAnswer(answer(6, text))!,
  );
  expect(countValues(answers, "genre")).toEqual({ values: 2, counted: 6 });
});

test("hits are counted as a node counts documents: numbers first, each value once per document", () => {
  const documents = [{ tag: ["b", "b", 2] }, { tag: 10 }, { tag: "a" }, {}];
  const counted = countHits(hits(documents), ["tag", "other*"], rules);
  expect(mergeUnion("films", [counted], rules)).toMatchObject({
    total: 4,
    facets: { distribution: '{"tag":{"10":1,"2":1,"a":1,"b":1}}', stats: '{"tag":{"min":2.0,"max":10.0}}' },
  });
});
