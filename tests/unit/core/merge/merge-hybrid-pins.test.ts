/** A hybrid search with pinned documents: these are shown, but a threshold ends a list by what is found besides. */
import { expect, test } from "bun:test";

import { encodeSequence } from "../../../../src/core/markers/codec.ts";
import { hybridRatio } from "../../../../src/core/merge/hybrid-ratio.ts";
import { mergeHybrid } from "../../../../src/core/merge/merge-hybrid.ts";
import { readNodeAnswer, type NodeAnswer } from "../../../../src/core/merge/node-answer.ts";
import { offsetSpec } from "./answers.ts";

function hit(id: number, details: object): object {
  return { id, _miroir_seq: encodeSequence(BigInt(id)), _rankingScore: 1, _rankingScoreDetails: details };
}

function answer(hits: readonly object[], estimatedTotalHits = hits.length): NodeAnswer {
  return readNodeAnswer(JSON.stringify({ hits, query: "q", processingTimeMs: 1, estimatedTotalHits }))!;
}

test("a list that a threshold has ended counts what is good enough, though pinned documents fill the page", () => {
  const hits = [hit(9, { pin: { position: 1 } }), hit(1, { vectorSort: { order: 0, similarity: 1 } })];
  const pins = { table: { find: () => ({ position: 1, rank: 0 }), most: 1 }, primaryKey: "id" };
  const outcome = mergeHybrid({
    keyword: { answers: [answer([])], withoutThreshold: [answer([])] },
    semantic: { answers: [answer(hits)], withoutThreshold: [answer(hits, 30)] },
    spec: offsetSpec(0, 2, { threshold: { score: 0.5, asked: 9 }, pins }),
    ratio: hybridRatio(0.5),
    requestUid: "uid",
    metadata: null,
  });
  if (outcome.kind !== "merged") throw new TypeError(outcome.kind);
  expect(outcome.full).toEqual({ keyword: false, semantic: false });
  expect(JSON.parse(outcome.text)).toMatchObject({ estimatedTotalHits: 2 });
});
