import { expect, test } from "bun:test";

import { encodeSequence } from "../../../../src/core/markers/codec.ts";
import { readSortCriteria, sortFields } from "../../../../src/core/merge/document-keys.ts";
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

const INSERTION: DocumentOrder = { criteria: [], drop: [], cut: [] };
const SORTED: DocumentOrder = { criteria: readSortCriteria(["price:desc", "_geoPoint(1, 2):asc"]), drop: [], cut: [] };

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
  expect(page(answers, INSERTION, 0, 10)).toEqual(['{"id":1}', '{"id":2}', '{"id":3}', '{"id":4}']);
  expect(page(answers, INSERTION, 1, 3)).toEqual(['{"id":2}', '{"id":3}']);
});

test("a document without a sequence goes last", () => {
  expect(page([answer([{ id: 1 }]), answer([{ id: 2, ...seq(9) }])], INSERTION, 0, 5)).toEqual([
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
  expect(page(answers, SORTED, 0, 10)).toEqual([4, 5, 1, 6, 2, 3].map((id) => `{"id":${id}}`));
});

test("how many documents in front of the page stood on which shard is known", () => {
  const answers = [
    answer([
      { id: 1, ...seq(1) },
      { id: 2, ...seq(2) },
    ]),
    answer([{ id: 3, ...seq(3) }]),
  ];
  expect(mergeDocuments(answers, INSERTION, 2, 3)).toMatchObject({ skipped: [2, 0] });
});

test("a sorted list without sort values is garbage", () => {
  expect(mergeDocuments([answer([{ id: 1 }])], SORTED, 0, 1)).toEqual({ kind: "garbage", answer: 0 });
});

/** As nodes say it: the best value of each criterion and the sequence. */
const listed = (document: object, values: readonly unknown[], place: number): object => ({
  ...document,
  _federation: {
    weightedScoreValues: [
      ...values.map((value) => ({ sort: { asc: true, value } })),
      { sort: { asc: true, value: encodeSequence(BigInt(place)) } },
    ],
  },
});

test("a document with numbers and texts stands among both, on the page and behind it", () => {
  const order = { criteria: readSortCriteria(["x:asc"]), drop: ["x"], cut: [] };
  const both = listed({ id: 1, x: ["Mm", 5, "zz"] }, [5], 1);
  const answers = [
    answer([both, listed({ id: 2, x: 7 }, [7], 2), both, listed({ id: 3, x: "n" }, ["n"], 3)]),
    answer([listed({ id: 4, x: 6 }, [6], 4), listed({ id: 5, x: "a" }, ["a"], 5), listed({ id: 6 }, [null], 6)]),
  ];
  expect(page(answers, order, 0, 10)).toEqual([1, 4, 2, 5, 1, 3, 6].map((id) => `{"id":${id}}`));
  expect(page(answers, order, 4, 6)).toEqual([1, 3].map((id) => `{"id":${id}}`));
  expect(mergeDocuments(answers, order, 0, 1)).toMatchObject({ repeats: true });
});

test("under two criteria with numbers and texts a document stands four times, the second changing first", () => {
  const order = { criteria: readSortCriteria(["x:asc", "y.z:desc"]), drop: [], cut: [] };
  const both = listed({ id: 1, x: [1, "b"], y: { z: [2, "d", "c"] } }, [1, 2], 1);
  const answers = [
    answer([both, both, both, both]),
    answer([
      listed({ id: 2, x: 1, y: { z: 1 } }, [1, 1], 2),
      listed({ id: 3, x: "a" }, ["a", null], 3),
      listed({ id: 4, x: "b", y: { z: "c" } }, ["b", "c"], 4),
    ]),
  ];
  const ids = page(answers, order, 0, 10).map((text) => (JSON.parse(text) as { id: number }).id);
  expect(ids).toEqual([1, 2, 1, 3, 1, 1, 4]);
});

test("a list in a list is sorted by, although the node does not name its values", () => {
  const order: DocumentOrder = { criteria: readSortCriteria(["tags:desc"]), drop: [], cut: [] };
  const stored = (id: number, tags: unknown, value: unknown): object => ({
    id,
    tags,
    _federation: {
      weightedScoreValues: [
        { sort: { asc: false, value } },
        { sort: { asc: true, value: encodeSequence(BigInt(id)) } },
      ],
    },
  });
  const answers = [
    answer([stored(1, ["new"], "new"), stored(2, ["eco", ["nested"]], "eco"), stored(3, ["limited"], "limited")]),
    answer([stored(4, [["nested", 7], 3], 3), stored(4, [["nested", 7], 3], 3), stored(5, [["nested"]], null)]),
  ];
  const ids = page(answers, order, 0, 9).map((text) => (JSON.parse(text) as { id: number }).id);
  expect(ids).toEqual([4, 1, 2, 4, 5, 3]);
});

test("coordinates that are texts are measured here, and a node that knows none sends none", () => {
  const order = { criteria: readSortCriteria(["_geoPoint(1, 1):asc", "x:asc"]), drop: ["_geo"], cut: [] };
  const placed = (id: number, _geo: object | null, distance: number | null): object => ({
    id,
    _geo,
    _federation: {
      weightedScoreValues: [
        { geoSort: { asc: true, distance } },
        { sort: { asc: true, value: null } },
        { sort: { asc: true, value: encodeSequence(BigInt(id)) } },
      ],
    },
  });
  const answers = [
    answer([placed(1, { lat: "1", lng: 2 }, null), placed(2, { lat: 1.5, lng: 2 }, 124_295.724)]),
    answer([placed(3, { lat: "1.5", lng: "1.9" }, null), placed(4, null, null)]),
    answer([listed({ id: 5 }, [2], 5)]),
  ];
  // 111, 114 and 124 kilometres, and then by `x`.
  expect(page(answers, order, 0, 10)).toEqual(['{"id":1}', '{"id":3}', '{"id":2}', '{"id":5}', '{"id":4}']);
});

test("what was asked for to know the order is taken out again, and nothing else", () => {
  const criteria = readSortCriteria(["meta.size:asc", "tags:asc"]);
  expect(sortFields(criteria, null)).toEqual({ asked: [], drop: [], cut: [] });
  expect(sortFields(criteria, ["meta.size", "tags"])).toEqual({ asked: [], drop: [], cut: [] });
  expect(sortFields(criteria, ["meta.size.unit", "tags"])).toEqual({ asked: [], drop: [], cut: [] });
  // The whole object brings its parts along, but not a field whose name has the dot.
  expect(sortFields(criteria, ["meta", "tags"])).toEqual({ asked: ["meta.size"], drop: ["meta.size"], cut: [] });
  // Among others a star is a name.
  expect(sortFields(criteria, ["meta.size", "*"]).asked).toEqual(["tags"]);
  expect(sortFields(criteria, ["id"]).asked).toEqual(["meta.size", "tags"]);
  const { asked, drop, cut } = sortFields(criteria, ["meta.colour"]);
  expect(asked).toEqual(["meta.size", "tags"]);
  const document = listed({ meta: { colour: "red", size: 3 }, tags: ["a"] }, [3, "a"], 1);
  expect(page([answer([document])], { criteria, drop, cut }, 0, 1)).toEqual(['{"meta":{"colour":"red"}}']);
});
