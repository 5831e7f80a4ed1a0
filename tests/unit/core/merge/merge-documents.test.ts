import { expect, test } from "bun:test";

import { encodeSequence } from "../../../../src/core/markers/codec.ts";
import {
  mergeDocuments,
  readDocumentsAnswer,
  renderDocument,
  type DocumentOrder,
  type DocumentsAnswer,
} from "../../../../src/core/merge/merge-documents.ts";

function answer(documents: readonly object[], total = documents.length): DocumentsAnswer {
  return readDocumentsAnswer(JSON.stringify({ results: documents, offset: 0, limit: 20, total }))!;
}

function page(answers: readonly DocumentsAnswer[], order: DocumentOrder, from: number, to: number): readonly string[] {
  const merged = mergeDocuments(answers, order, from, to);
  if (merged.kind !== "merged") throw new TypeError("no answer is garbage");
  return merged.page.map(({ hit }) => renderDocument(hit, order));
}

const seq = (place: number): object => ({ _miroir_seq: encodeSequence(BigInt(place)), _miroir_shard: "†" });

test("documents of all shards are in the order of their insertion, without markers", () => {
  const answers = [
    answer([
      { id: 1, ...seq(1) },
      { ...seq(4), id: 4 },
    ]),
    answer([
      { id: 2, ...seq(2) },
      { id: 3, ...seq(3) },
    ]),
  ];
  expect(page(answers, "insertion", 0, 10)).toEqual(['{"id":1}', '{"id":2}', '{"id":3}', '{"id":4}']);
  expect(page(answers, "insertion", 1, 3)).toEqual(['{"id":2}', '{"id":3}']);
});

test("a document without a sequence goes last", () => {
  expect(page([answer([{ id: 1 }]), answer([{ id: 2, ...seq(9) }])], "insertion", 0, 5)).toEqual([
    '{"id":2}',
    '{"id":1}',
  ]);
});

test("sorted documents are ordered by the values the nodes sorted by, which are not shown", () => {
  const sorted = (id: number, value: unknown, place: number): object => ({
    id,
    _federation: {
      weightedScoreValues: [
        { sort: { asc: false, value } },
        { geoSort: { asc: true, distance: null } },
        { sort: { asc: true, value: encodeSequence(BigInt(place)) } },
      ],
    },
  });
  const answers = [
    answer([sorted(1, 5, 3), sorted(2, "a", 1), sorted(3, null, 0)]),
    answer([sorted(4, 7, 9), sorted(5, 5, 2), sorted(6, "b", 0)]),
  ];
  expect(page(answers, "sorted", 0, 10)).toEqual([4, 5, 1, 6, 2, 3].map((id) => `{"id":${id}}`));
});

test("how many documents in front of the page stood on which shard is known", () => {
  const answers = [
    answer([
      { id: 1, ...seq(1) },
      { id: 2, ...seq(2) },
    ]),
    answer([{ id: 3, ...seq(3) }]),
  ];
  expect(mergeDocuments(answers, "insertion", 2, 3)).toMatchObject({ skipped: [2, 0] });
});

test("a sorted list without sort values is garbage", () => {
  expect(mergeDocuments([answer([{ id: 1 }])], "sorted", 0, 1)).toEqual({ kind: "garbage", answer: 0 });
});
