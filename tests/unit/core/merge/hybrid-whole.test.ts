import { describe, expect, test } from "bun:test";

import { splitAnswer, type AnswerList } from "../../../../src/core/merge/answer-list.ts";
import { createHitCursor, type Hit } from "../../../../src/core/merge/hit-cursor.ts";
import { countWhole } from "../../../../src/core/merge/hybrid-whole.ts";

interface Drawn {
  readonly id: number;
  readonly group?: string;
  readonly score: number;
}

const near = ({ id, group, score }: Drawn): object => ({
  id,
  ...(group === undefined ? {} : { group }),
  _miroir_seq: `00${id}`,
  _rankingScore: score,
  _rankingScoreDetails: { vectorSort: { order: 0, similarity: score } },
});
const worded = ({ id, group, score }: Drawn): object => ({
  id,
  ...(group === undefined ? {} : { group }),
  _miroir_seq: `00${id}`,
  _rankingScore: score,
  _rankingScoreDetails: { words: { order: 0, matchingWords: score * 10, maxMatchingWords: 10, score } },
});

function listOf(hits: readonly object[]): AnswerList {
  return splitAnswer(JSON.stringify({ hits, query: "", processingTimeMs: 0 }), "hits", "query")!;
}

function hitsOf(hits: readonly object[]): readonly Hit[] {
  const cursor = createHitCursor(listOf(hits));
  return hits.map(() => cursor.next() as Hit);
}

const count = (
  semantic: readonly object[][],
  keyword: readonly object[][],
  taken: readonly object[],
  byFieldsAlone = false,
): number | null =>
  countWhole({
    field: "group",
    byFieldsAlone,
    semantic: semantic.map(listOf),
    keyword: keyword.map(listOf),
    taken: hitsOf(taken),
  });

describe("the total of both lists as a whole", () => {
  test("counts the best document of each value in either list, over all nodes, and the same document once", () => {
    const [a, b] = [
      { id: 1, group: "a", score: 0.9 },
      { id: 2, group: "a", score: 0.8 },
    ];
    // By meaning document 1 stands for the value, by words as well: one document.
    expect(count([[near(a)], [near(b)]], [[worded(a)], [worded(b)]], [])).toBe(1);
    // By words it is document 2: two documents.
    expect(count([[near(a)], [near(b)]], [[worded({ ...a, score: 0.7 })], [worded(b)]], [])).toBe(2);
  });

  test("counts of what shares a value with a hit up to the end of the page only that hit", () => {
    const shown = { id: 1, group: "a", score: 0.9 };
    const keyword = [worded({ id: 2, group: "a", score: 0.8 }), worded({ id: 3, group: "b", score: 0.7 })];
    expect(count([[near(shown)]], [keyword], [near(shown)])).toBe(2);
  });

  test("counts every document without a value, once", () => {
    const blank = { id: 1, score: 0.9 };
    expect(count([[near(blank), near({ id: 2, score: 0.8 })]], [[worded(blank)]], [near(blank)])).toBe(2);
  });

  test("leaves out of the list by meaning what a node found by its words alone", () => {
    expect(count([[near({ id: 1, score: 0.9 }), worded({ id: 2, score: 0.5 })]], [[]], [])).toBe(1);
  });

  test("takes hits without a nearness for hits by meaning where no rule asks for it", () => {
    const priced = (id: number, price: number): object => ({
      id,
      _miroir_seq: `00${id}`,
      _rankingScore: 1,
      _rankingScoreDetails: { "price:asc": { order: 0, value: price } },
    });
    expect(count([[priced(1, 10), priced(2, 20)]], [[priced(2, 20)]], [], true)).toBe(2);
  });

  test("is not to be had from something that is no list of hits", () => {
    expect(count([[{ id: 1 }]], [[]], [])).toBeNull();
  });
});
