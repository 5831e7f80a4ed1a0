import { describe, expect, test } from "bun:test";

import { encodeSequence } from "../../../../src/core/markers/codec.ts";
import { mergeSimilar, readSimilarAnswers, type MergeSimilarInput } from "../../../../src/core/merge/merge-similar.ts";
import type { NodeAnswer } from "../../../../src/core/merge/node-answer.ts";

interface Near {
  readonly id: number;
  /** null: the document has no vector. */
  readonly similarity: number | null;
}

function resultText(hits: readonly Near[], total = hits.length): string {
  const printed = hits.map(({ id, similarity }) => ({
    id,
    _miroir_seq: encodeSequence(BigInt(id)),
    _rankingScore: similarity ?? 0,
    _rankingScoreDetails: {
      "year:desc": { order: 0, value: 1 },
      vectorSort: { order: 1, similarity },
      "_miroir_seq:asc": { order: 2, value: encodeSequence(BigInt(id)) },
    },
  }));
  return JSON.stringify({
    indexUid: "films",
    hits: printed,
    query: "",
    processingTimeMs: 2,
    estimatedTotalHits: total,
  });
}

function answers(...results: readonly string[]): readonly NodeAnswer[] {
  return readSimilarAnswers(`{"results":[${results.join(",")}]}`, results.length)!;
}

const near = (id: number, similarity: number | null): Near => ({ id, similarity });

function merge(nodes: readonly (readonly NodeAnswer[])[], more: Partial<MergeSimilarInput> = {}): Merged {
  const merged = mergeSimilar({
    answers: nodes,
    id: "0",
    own: JSON.stringify(encodeSequence(0n)),
    ownCounted: true,
    offset: 0,
    limit: 20,
    threshold: null,
    maxTotalHits: 1000,
    view: { keepDetails: false, hasDerivedFields: false, dropFields: ["_rankingScore"], displayed: null },
    showDetails: false,
    ...more,
  });
  if (merged.kind === "garbage") throw new TypeError(`answer ${merged.answer} is garbage`);
  return JSON.parse(merged.text) as Merged;
}

interface Merged {
  readonly hits: readonly { readonly id: number }[];
  readonly estimatedTotalHits: number;
  readonly [name: string]: unknown;
}

const ids = ({ hits }: Merged): readonly number[] => hits.map(({ id }) => id);

test("the nearest of all nodes go first, equally near ones in insertion order, the document itself and those without a vector never", () => {
  const merged = merge([
    answers(resultText([near(0, 1), near(5, 0.9), near(2, 0.5), near(8, null)])),
    answers(resultText([near(3, 0.9), near(1, 0.7)])),
  ]);
  expect(ids(merged)).toEqual([3, 5, 1, 2]);
  expect(merged).toMatchObject({ id: "0", processingTimeMs: 2, limit: 20, offset: 0, estimatedTotalHits: 5 });
  expect(merged.hits[0]).toEqual({ id: 3 });
});

test("a rule of the index that stands in front of nearness does not order", () => {
  expect(ids(merge([answers(resultText([near(4, 0.1), near(1, 0.8)]))], { ownCounted: false }))).toEqual([1, 4]);
});

test("a document with several vectors counts with the one that is nearest", () => {
  const merged = merge([answers(resultText([near(1, 0.2), near(2, 0.6)]), resultText([near(1, 0.9), near(2, 0.1)]))]);
  expect(ids(merged)).toEqual([1, 2]);
  expect(merged.estimatedTotalHits).toBe(1);
});

describe("a threshold", () => {
  const nodes = [answers(resultText([near(1, 0.9), near(2, 0.7), near(3, 0.4), near(4, 0.3)], 50))];

  test("ends the list, and the total is what stands in front of it", () => {
    const merged = merge(nodes, { threshold: 0.5 });
    expect(ids(merged)).toEqual([1, 2]);
    expect(merged.estimatedTotalHits).toBe(2);
  });

  test("is not held against what stands in front of the page", () => {
    expect(merge(nodes, { threshold: 0.5, offset: 3 })).toMatchObject({ hits: [], estimatedTotalHits: 3 });
  });

  test("that nothing on the page is below leaves the total alone", () => {
    expect(merge(nodes, { threshold: 0.5, limit: 2 }).estimatedTotalHits).toBe(49);
  });
});

test("the total is that of the filter, without the document, and no larger than can be paged", () => {
  const nodes = [answers(resultText([near(1, 0.5)], 60)), answers(resultText([], 50))];
  expect(merge(nodes).estimatedTotalHits).toBe(109);
  expect(merge(nodes, { ownCounted: false }).estimatedTotalHits).toBe(110);
  expect(merge(nodes, { maxTotalHits: 30 }).estimatedTotalHits).toBe(30);
});

test("details tell of nearness alone, as the engine's do", () => {
  const merged = merge([answers(resultText([near(1, 0.25)]))], { showDetails: true });
  expect(merged.hits[0]).toEqual({
    id: 1,
    _rankingScoreDetails: { vectorSort: { order: 0, similarity: 0.25 } },
  } as never);
});

test("what is no answer is told apart: as a whole, or by the position of the node", () => {
  for (const text of ["", "{}", '{"results":[]}', '{"results":[{"hits":[]}]}'])
    expect(readSimilarAnswers(text, 1)).toBeNull();
  const garbled = answers(
    '{"indexUid":"films","hits":[{"id":1}],"query":"","processingTimeMs":1,"estimatedTotalHits":1}',
  );
  const input = { answers: [answers(resultText([])), garbled] };
  expect(() => merge(input.answers)).toThrow("answer 1 is garbage");
});
