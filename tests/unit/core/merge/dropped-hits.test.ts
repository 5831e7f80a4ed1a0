import { expect, test } from "bun:test";

import { droppedHits } from "../../../../src/core/merge/dropped-hits.ts";
import { createHitCursor, memberText } from "../../../../src/core/merge/hit-cursor.ts";
import { readNodeAnswer, type NodeAnswer } from "../../../../src/core/merge/node-answer.ts";
import { strategyOf } from "../../../../src/core/merge/strategies.ts";
import { encodeSequence } from "../../../../src/core/markers/codec.ts";

/** Sorted by year, whatever the score. */
function list(...hits: readonly (readonly [id: number, year: number, score: number])[]): NodeAnswer {
  const printed = hits.map(([id, year, score]) => ({
    id,
    _rankingScore: score,
    _rankingScoreDetails: {
      "year:asc": { order: 0, value: year },
      proximity: { order: 1, score },
      "_miroir_seq:asc": { order: 2, value: encodeSequence(BigInt(id)) },
    },
  }));
  const tail = { query: "q", processingTimeMs: 1, limit: 20, offset: 0, estimatedTotalHits: hits.length };
  return readNodeAnswer(JSON.stringify({ hits: printed, ...tail }))!;
}

const strategy = strategyOf(undefined);
const idsOf = (hits: ReturnType<typeof droppedHits>): readonly string[] | null =>
  hits?.map((hit) => memberText(hit, "id")!) ?? null;

test("what is not good enough is dropped as far as the page reaches, and counts behind it", () => {
  const answers = [list([1, 1990, 0.2], [2, 1992, 0.9], [3, 1999, 0.1]), list([4, 1991, 0.3], [5, 1993, 0.8])];
  const dropped = (to: number): readonly string[] | null =>
    idsOf(droppedHits({ answers, strategy, asked: 9, threshold: 0.5, end: { accepted: to } }));
  expect(dropped(1)).toEqual(["1", "4"]);
  expect(dropped(2)).toEqual(["1", "4"]);
  expect(dropped(0)).toEqual([]);
});

test("nothing is said where a list ends before the page is full", () => {
  const answers = [list([1, 1990, 0.2], [2, 1991, 0.2]), list([3, 1995, 0.9])];
  expect(droppedHits({ answers, strategy, asked: 2, threshold: 0.5, end: { accepted: 1 } })).toBeNull();
  expect(idsOf(droppedHits({ answers, strategy, asked: 3, threshold: 0.5, end: { accepted: 1 } }))).toEqual(["1", "2"]);
});

test("the page may also end behind the hit with a key", () => {
  const answers = [list([1, 1990, 0.2], [2, 1992, 0.9]), list([3, 1995, 0.1], [4, 1996, 0.1])];
  const last = list([5, 1995, 0.9]);
  const [hit] = [createHitCursor(last.hits).next()];
  const key = strategy.readKey(hit as Exclude<typeof hit, null | undefined | "garbage">, 0)!;
  expect(idsOf(droppedHits({ answers, strategy, asked: 9, threshold: 0.5, end: { key } }))).toEqual(["1"]);
  expect(droppedHits({ answers, strategy, asked: 1, threshold: 0.5, end: { key } })).toBeNull();
});
