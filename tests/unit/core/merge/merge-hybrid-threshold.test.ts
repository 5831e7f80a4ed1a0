/** A hybrid search whose threshold takes out documents in front of the page's end, as a field decides before nearness. */
import { expect, test } from "bun:test";

import { encodeSequence } from "../../../../src/core/markers/codec.ts";
import { hybridRatio } from "../../../../src/core/merge/hybrid-ratio.ts";
import { mergeHybrid } from "../../../../src/core/merge/merge-hybrid.ts";
import { readNodeAnswer, type NodeAnswer } from "../../../../src/core/merge/node-answer.ts";
import { offsetSpec } from "./answers.ts";

/** The year is the place in the list. */
function near(year: number, similarity: number, tags: readonly string[]): object {
  const place = encodeSequence(BigInt(year));
  return {
    year,
    tags,
    _miroir_seq: place,
    _rankingScore: similarity,
    _rankingScoreDetails: {
      "year:asc": { order: 0, value: year },
      vectorSort: { order: 1, similarity },
      "_miroir_seq:asc": { order: 2, value: place },
    },
  };
}

function answer(hits: readonly object[], estimatedTotalHits: number, tags: object): NodeAnswer {
  const facets = { facetDistribution: { tags }, facetStats: {} };
  return readNodeAnswer(JSON.stringify({ hits, query: "q", processingTimeMs: 1, estimatedTotalHits, ...facets }))!;
}

test("what is taken out counts neither in the total nor in the facets, of which all nodes spell the values", () => {
  const far = near(1, 0.1, ["new", "Sale"]);
  const close = near(2, 0.9, ["sale"]);
  const words = [readNodeAnswer('{"hits":[],"query":"q","processingTimeMs":1,"estimatedTotalHits":0}')!];
  const outcome = mergeHybrid({
    keyword: { answers: words, withoutThreshold: words },
    semantic: {
      answers: [answer([], 0, {}), answer([close], 1, { sale: 1 })],
      withoutThreshold: [answer([far], 4, { new: 1, Sale: 3 }), answer([close], 5, { sale: 2 })],
    },
    spec: offsetSpec(0, 1, {
      threshold: { score: 0.5, asked: 9 },
      facets: { valuesMax: 100, orderOf: () => "alpha" },
    }),
    ratio: hybridRatio(0.5),
    requestUid: "uid",
    metadata: null,
  });
  if (outcome.kind !== "merged") throw new TypeError(outcome.kind);
  expect(JSON.parse(outcome.text)).toMatchObject({ estimatedTotalHits: 8, facetDistribution: { tags: { Sale: 4 } } });
  expect(outcome.text).not.toContain('"new"');
  expect(outcome.ignoresThreshold).toBe(true);
  expect(outcome.disputes.map(({ spellings }) => [...spellings])).toEqual([
    [
      [0, '"Sale"'],
      [1, '"sale"'],
    ],
  ]);
});
