import { expect, test } from "bun:test";
import fc from "fast-check";

import { splitAnswer, type AnswerList } from "../../../../src/core/merge/answer-list.ts";
import { federateHits, type FederatedList } from "../../../../src/core/merge/federate-hits.ts";

/** `document`: its sequence; hits of one list are given best first. */
interface Doc {
  readonly document: number;
  readonly score: number;
  readonly genre?: string;
}

function answer(docs: readonly Doc[]): AnswerList {
  const hits = docs.map(({ document, score, genre }) => ({
    id: document,
    ...(genre === undefined ? {} : { genre }),
    _miroir_seq: `†${document}`,
    _rankingScore: score,
    _rankingScoreDetails: { words: { order: 0, matchingWords: 1, maxMatchingWords: 1, score: 1 } },
  }));
  return splitAnswer(JSON.stringify({ hits, query: "" }), "hits", "query")!;
}

function list(indexUid: string, position: number, docs: readonly Doc[], weight = 1): FederatedList {
  return { indexUid, position, weight, hits: answer(docs) };
}

function federate(lists: readonly FederatedList[], options: Partial<Parameters<typeof federateHits>[0]> = {}): unknown {
  const federated = federateHits({ lists, depthOf: () => 100, from: 0, to: 100, distinct: null, ...options });
  return federated?.page.map(({ indexUid, position, hit }) => {
    const { id } = JSON.parse(`{${hit.text.slice(hit.bounds[0], hit.bounds.at(-1))}}`) as { id: number };
    return `${indexUid}${id} of ${position}`;
  });
}

test("the better weighted score goes first, and a document comes once, where it comes first", () => {
  const lists = [
    list("a", 0, [
      { document: 1, score: 0.9 },
      { document: 2, score: 0.5 },
    ]),
    list(
      "a",
      1,
      [
        { document: 2, score: 0.6 },
        { document: 3, score: 0.4 },
      ],
      2,
    ),
  ];
  expect(federate(lists)).toEqual(["a2 of 1", "a1 of 0", "a3 of 1"]);
});

test("equal hits go by the position of the query, in one index and over indexes", () => {
  const doc = [{ document: 1, score: 1 }];
  const other = [{ document: 2, score: 1 }];
  expect(federate([list("b", 0, doc), list("a", 1, doc), list("a", 2, other)])).toEqual([
    "b1 of 0",
    "a1 of 1",
    "a2 of 2",
  ]);
});

test("documents of different indexes are different documents, whatever their sequence", () => {
  const doc = [{ document: 1, score: 1 }];
  expect(federate([list("a", 0, doc), list("b", 1, doc)])).toEqual(["a1 of 0", "b1 of 1"]);
});

test("an index gives no more hits than may be paged through, counted after the doubles", () => {
  const docs = [
    { document: 1, score: 0.9 },
    { document: 2, score: 0.8 },
    { document: 3, score: 0.7 },
  ];
  const lists = [list("a", 0, docs), list("a", 1, docs)];
  expect(federate(lists, { depthOf: () => 2 })).toEqual(["a1 of 0", "a2 of 0"]);
});

test("a distinct value is seen once over all indexes, and whoever went for it is counted", () => {
  const lists = [
    list("a", 0, [{ document: 1, score: 0.9, genre: "Drama" }]),
    list("b", 1, [
      { document: 1, score: 0.8, genre: "drama" },
      { document: 2, score: 0.7 },
    ]),
  ];
  const input = { lists, depthOf: () => 9, from: 0, to: 1, distinct: "genre" };
  expect(federate(lists, { distinct: "genre" })).toEqual(["a1 of 0", "b2 of 1"]);
  expect(federateHits(input)?.rejected).toHaveLength(1);
});

test("a list of something else is not federated", () => {
  const hits = splitAnswer(JSON.stringify({ hits: [{ id: 1 }], query: "" }), "hits", "query")!;
  expect(federate([{ indexUid: "a", position: 0, weight: 1, hits }])).toBeUndefined();
});

test("for any lists: each document once, best first, and pages are cut from the same list", () => {
  const docs = fc
    .uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 12 })
    .chain((ids) =>
      fc.tuple(...ids.map((document) => fc.integer({ min: 1, max: 9 }).map((s) => ({ document, score: s / 10 })))),
    )
    .map((list_) => list_.toSorted((a, b) => b.score - a.score));
  const query = fc.record({ uid: fc.constantFrom("a", "b"), docs, weight: fc.constantFrom(0.5, 1, 2) });
  fc.assert(
    fc.property(fc.array(query, { maxLength: 4 }), fc.nat(10), fc.nat(10), (queries, from, count) => {
      const lists = queries.map(({ uid, docs: own, weight }, position) => list(uid, position, own, weight));
      const input = { lists, depthOf: () => 100, distinct: null };
      const all = federateHits({ ...input, from: 0, to: 100 })!.page;
      const scores = all.map(({ score }) => score.total);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      const documents = new Set(
        queries.flatMap(({ uid, docs: own }) => own.map(({ document }) => `${uid}${document}`)),
      );
      expect(all).toHaveLength(documents.size);
      expect(federateHits({ ...input, from, to: from + count })!.page).toEqual(all.slice(from, from + count));
    }),
  );
});
