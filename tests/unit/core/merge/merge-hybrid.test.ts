import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import { encodeSequence } from "../../../../src/core/markers/codec.ts";
import { hybridRatio, mayBeGoodEnough } from "../../../../src/core/merge/hybrid-ratio.ts";
import { areWordsEnough, mergeHybrid, type MergeHybridInput } from "../../../../src/core/merge/merge-hybrid.ts";
import type { MergeSpec } from "../../../../src/core/merge/merge-spec.ts";
import { readNodeAnswer, type NodeAnswer } from "../../../../src/core/merge/node-answer.ts";
import { offsetSpec } from "./answers.ts";

interface Scored {
  readonly id: number;
  /** Of the words, or the similarity. */
  readonly score: number;
  /** A sort value in front of the score. */
  readonly year?: number;
  readonly group?: string;
}

/** A node's list, in a node's order. */
function list(kind: "words" | "vector", hits: readonly Scored[], more: object = {}): NodeAnswer {
  const printed = hits
    .toSorted((a, b) => (a.year ?? 0) - (b.year ?? 0) || b.score - a.score || a.id - b.id)
    .map(({ id, score, year, group }) => {
      const sort = year === undefined ? {} : { "year:asc": { order: 0, value: year } };
      const rule =
        kind === "vector" ? { vectorSort: { order: 1, similarity: score } } : { proximity: { order: 1, score } };
      const place = { "_miroir_seq:asc": { order: 2, value: encodeSequence(BigInt(id)) } };
      return {
        id,
        ...(group === undefined ? {} : { group }),
        _miroir_seq: encodeSequence(BigInt(id)),
        _rankingScore: score,
        _rankingScoreDetails: { ...sort, ...rule, ...place },
      };
    });
  const tail = { query: "q", processingTimeMs: 1, limit: 20, offset: 0, estimatedTotalHits: hits.length, ...more };
  return readNodeAnswer(JSON.stringify({ hits: printed, ...tail }))!;
}

interface Merged {
  readonly facetDistribution?: object;
  readonly hits: readonly { readonly id: number }[];
  readonly semanticHitCount: number;
  readonly estimatedTotalHits: number;
}

function merge(
  words: readonly NodeAnswer[],
  vectors: readonly NodeAnswer[],
  {
    ratio = 0.5,
    spec = offsetSpec(0, 20),
    ...more
  }: Partial<Omit<MergeHybridInput, "ratio">> & { ratio?: number } = {},
): Merged {
  const outcome = mergeHybrid({
    keyword: { answers: words, withoutThreshold: null },
    semantic: { answers: vectors, withoutThreshold: null },
    ratio: hybridRatio(ratio),
    spec,
    requestUid: "uid",
    metadata: null,
    ...more,
  });
  if (outcome.kind !== "merged") throw new TypeError(outcome.kind);
  return JSON.parse(outcome.text) as Merged;
}

const ids = ({ hits }: Merged): readonly number[] => hits.map(({ id }) => id);
const at = (id: number, score: number, more: Partial<Scored> = {}): Scored => ({ id, score, ...more });

test("documents without a vector stand in one order, also those that a node prints as hits by words", () => {
  const document = (id: number, price: number, words: boolean): object => {
    const sort = { "price:asc": { order: 1, value: price } };
    const place = { "_miroir_seq:asc": { order: 2, value: encodeSequence(BigInt(id)) } };
    const rule = words ? { proximity: { order: 0, score: 0.4 } } : { vectorSort: { order: 0, similarity: null } };
    const score = words ? 0.4 : 0;
    return {
      id,
      _miroir_seq: encodeSequence(BigInt(id)),
      _rankingScore: score,
      _rankingScoreDetails: { ...rule, ...sort, ...place },
    };
  };
  const answer = (hits: readonly object[]): NodeAnswer => {
    const tail = { query: "q", processingTimeMs: 1, limit: 20, offset: 0, estimatedTotalHits: hits.length };
    return readNodeAnswer(JSON.stringify({ hits, ...tail }))!;
  };
  const near = [
    answer([document(1, 90, true), document(2, 20, false), document(3, 40, false)]),
    answer([document(4, 80, true), document(5, 10, false), document(6, 30, false)]),
  ];
  const { hits } = merge([list("words", [])], near, { vectorless: { sortsBefore: 0 } });
  expect(hits.map(({ id }) => id)).toEqual([5, 2, 6, 3, 4, 1]);
});

describe("the two lists become one", () => {
  test("by their weighted scores, whichever node a document is on", () => {
    const words = [list("words", [at(1, 0.9)]), list("words", [at(2, 0.5)])];
    const vectors = [list("vector", [at(3, 0.8)]), list("vector", [at(4, 0.4)])];
    expect(ids(merge(words, vectors))).toEqual([1, 3, 2, 4]);
    // 0.9 × 0.2 is below 0.4 × 0.8.
    expect(ids(merge(words, vectors, { ratio: 0.8 }))).toEqual([3, 4, 1, 2]);
  });

  test("trap 20: of equally good hits that of the vector goes first", () => {
    expect(ids(merge([list("words", [at(1, 0.6)])], [list("vector", [at(2, 0.6)])]))).toEqual([2, 1]);
  });

  test("and a document that is in both counts where it is met first", () => {
    const merged = merge([list("words", [at(1, 0.9), at(2, 0.3)])], [list("vector", [at(2, 0.8), at(1, 0.7)])]);
    expect(ids(merged)).toEqual([1, 2]);
    expect(merged.semanticHitCount).toBe(1);
  });

  test("with sort values in front of the scores, by these first", () => {
    const words = [list("words", [at(1, 0.1, { year: 2000 }), at(2, 0.9, { year: 2010 })])];
    const vectors = [list("vector", [at(3, 0.9, { year: 2005 })])];
    expect(ids(merge(words, vectors))).toEqual([1, 3, 2]);
  });

  test("with each value of a distinct attribute once, over both lists", () => {
    const distinct = { field: "group", requested: true, filterable: true, counted: false, ownFacet: null };
    const words = [list("words", [at(1, 0.9, { group: "a" }), at(2, 0.2, { group: "b" })])];
    const vectors = [list("vector", [at(3, 0.8, { group: "a" }), at(4, 0.3, { group: "c" })])];
    const spec = offsetSpec(0, 20, { distinct });
    expect(ids(merge(words, vectors, { spec, distinctTotal: null }))).toEqual([1, 4, 2]);
    expect(merge(words, vectors, { spec, distinctTotal: 7 }).estimatedTotalHits).toBe(7);
    expect(() => merge(words, vectors, { spec })).toThrow("distinct");
    const distinctFacets = { distribution: '{"group":{"a":5}}', stats: "{}" };
    expect(merge(words, vectors, { spec, distinctTotal: 7, distinctFacets }).facetDistribution).toEqual({
      group: { a: 5 },
    });
  });

  test("trap 19: the semantic hits are those of the page and not of what is in front of it", () => {
    const words = [list("words", [at(1, 0.9)])];
    const vectors = [list("vector", [at(2, 0.8), at(3, 0.7), at(4, 0.1)])];
    const merged = merge(words, vectors, { spec: offsetSpec(2, 2) });
    expect(ids(merged)).toEqual([3, 4]);
    expect(merged.semanticHitCount).toBe(2);
    expect(merge(words, vectors, { spec: offsetSpec(0, 1) }).semanticHitCount).toBe(0);
  });

  test("however the documents are spread over nodes", () => {
    const scores = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.nat(2)), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(scores, fc.constantFrom(0.2, 0.5, 0.7), fc.nat(6), (documents, ratio, limit) => {
        const words = documents.map(([word], id) => at(id, word / 10));
        const near = documents.map(([, vector], id) => at(id, vector / 10));
        const shard = (hits: readonly Scored[], number: number): readonly Scored[] =>
          hits.filter(({ id }) => documents[id]![2] === number);
        const spec = offsetSpec(0, limit);
        const whole = merge([list("words", words)], [list("vector", near)], { ratio, spec });
        const spread = merge(
          [0, 1, 2].map((number) => list("words", shard(words, number))),
          [0, 1, 2].map((number) => list("vector", shard(near, number))),
          { ratio, spec },
        );
        expect(ids(spread)).toEqual(ids(whole));
        expect(spread.semanticHitCount).toBe(whole.semanticHitCount);
      }),
      { seed: 5 },
    );
  });
});

describe("words are enough", () => {
  const enough = (hits: readonly Scored[], ratio: number, spec: MergeSpec): boolean =>
    areWordsEnough([list("words", hits.slice(0, 1)), list("words", hits.slice(1))], hybridRatio(ratio), spec);

  test("when there is a full page of them and every one is good, over all shards together", () => {
    expect(enough([at(1, 1), at(2, 0.95)], 0.5, offsetSpec(0, 2))).toBe(true);
    expect(enough([at(1, 1), at(2, 0.85)], 0.5, offsetSpec(0, 2))).toBe(false);
    expect(enough([at(1, 1), at(2, 0.95)], 0.5, offsetSpec(0, 3))).toBe(false);
    expect(enough([at(1, 1), at(2, 0.51)], 0.1, offsetSpec(0, 2))).toBe(true);
  });

  test("also of what stands in front of the page", () => {
    expect(enough([at(1, 1), at(2, 0.95)], 0.5, offsetSpec(1, 1))).toBe(true);
  });

  test("never with a ratio above 0.55, which is known before anything is asked, unless nothing is wanted", () => {
    expect(mayBeGoodEnough(hybridRatio(0.54), 5)).toBe(true);
    expect(mayBeGoodEnough(hybridRatio(0.56), 5)).toBe(false);
    expect(mayBeGoodEnough(hybridRatio(0.9), 0)).toBe(true);
    expect(hybridRatio(undefined)).toEqual({ semantic: 0.5, keyword: 0.5 });
  });
});

describe("totals", () => {
  test("are those of everything that the filter lets through, since a vector is near everything", () => {
    const words = [list("words", [at(1, 0.4)], { estimatedTotalHits: 3 })];
    const vectors = [
      list("vector", [at(1, 0.4)], { estimatedTotalHits: 30 }),
      list("vector", [], { estimatedTotalHits: 12 }),
    ];
    expect(merge(words, vectors).estimatedTotalHits).toBe(42);
  });

  test("of lists that a threshold has ended are asked for as a union, unless the words' list was not full", () => {
    const outcome = (limit: number): string =>
      mergeHybrid({
        keyword: {
          answers: [list("words", [at(1, 0.9), at(2, 0.9)])],
          withoutThreshold: [list("words", [], { estimatedTotalHits: 9 })],
        },
        semantic: {
          answers: [list("vector", [at(1, 0.9)])],
          withoutThreshold: [list("vector", [], { estimatedTotalHits: 9 })],
        },
        ratio: hybridRatio(0.5),
        spec: offsetSpec(0, limit),
        requestUid: "uid",
        metadata: null,
      }).kind;
    expect(outcome(2)).toBe("union");
    expect(outcome(5)).toBe("merged");
  });

  test("garbage is told apart by its list and its place", () => {
    const broken = readNodeAnswer('{"hits":[{"id":1}],"query":"","processingTimeMs":1,"estimatedTotalHits":1}')!;
    const good = { answers: [list("words", [at(1, 1)])], withoutThreshold: null };
    const input = { ratio: hybridRatio(0.5), spec: offsetSpec(0, 5), requestUid: "uid", metadata: null };
    const bad = { answers: [...good.answers, broken], withoutThreshold: null };
    expect(mergeHybrid({ ...input, keyword: bad, semantic: good })).toMatchObject({
      kind: "garbage",
      side: "keyword",
      answer: 1,
    });
    expect(
      mergeHybrid({ ...input, keyword: good, semantic: { answers: [broken], withoutThreshold: null } }),
    ).toMatchObject({
      kind: "garbage",
      side: "semantic",
      answer: 0,
    });
  });
});
