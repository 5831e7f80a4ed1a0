import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import { byScoreDetails } from "../../../../src/core/merge/by-score-details.ts";
import { readScoreDetails, type RankKey } from "../../../../src/core/merge/score-details.ts";

function key(details: object): RankKey {
  const read = readScoreDetails(JSON.stringify(details));
  if (read === null) throw new TypeError("these are details");
  return read;
}

/** The details in front come first, one by one. */
function expectOrder(...details: readonly object[]): void {
  const keys = details.map(key);
  for (let i = 1; i < keys.length; i++) {
    expect(byScoreDetails(keys[i - 1]!, keys[i]!)).toBeLessThan(0);
    expect(byScoreDetails(keys[i]!, keys[i - 1]!)).toBeGreaterThan(0);
  }
}

describe("one rule", () => {
  test("more matching words go first, whatever the maximum was on the shard", () => {
    expectOrder(
      { words: { order: 0, matchingWords: 3, maxMatchingWords: 9, score: 0.33 } },
      { words: { order: 0, matchingWords: 2, maxMatchingWords: 2, score: 1 } },
    );
  });

  test("fewer typos go first although their score may be lower", () => {
    expectOrder(
      { typo: { order: 0, typoCount: 0, maxTypoCount: 0, score: 0.5 } },
      { typo: { order: 0, typoCount: 1, maxTypoCount: 9, score: 0.9 } },
    );
  });

  test("the unified attribute rule compares its ranking order first and its distance second", () => {
    expectOrder(
      { attribute: { order: 0, attributeRankingOrderScore: 1, queryWordDistanceScore: 0.1, score: 0 } },
      { attribute: { order: 0, attributeRankingOrderScore: 0.9, queryWordDistanceScore: 1, score: 1 } },
      { attribute: { order: 0, attributeRankingOrderScore: 0.9, queryWordDistanceScore: 0.5, score: 1 } },
    );
  });

  test("exactness compares the match type, then the number of exact words", () => {
    expectOrder(
      { exactness: { order: 0, matchType: "exactMatch", score: 1 } },
      { exactness: { order: 0, matchType: "matchesStart", score: 0.9 } },
      { exactness: { order: 0, matchType: "noExactMatch", matchingWords: 2, maxMatchingWords: 3, score: 0 } },
      { exactness: { order: 0, matchType: "noExactMatch", matchingWords: 0, maxMatchingWords: 1, score: 0.3 } },
    );
  });

  test("ascending sort: numbers, then strings, then what has no value", () => {
    const values = [-1, 2, 10, "10", "a", "é", "\uffff", "\u{10000}", null];
    expectOrder(...values.map((value) => ({ "price:asc": { order: 0, value } })));
  });

  test("descending sort: numbers still before strings, and what has no value still last", () => {
    const values = [10, 2, -1, "\u{10000}", "\uffff", "a", "10", null];
    expectOrder(...values.map((value) => ({ "price:desc": { order: 0, value } })));
  });

  test("distance follows the direction of the rule and no place is last in both", () => {
    const at = (distance: number | null): object => ({ order: 0, value: null, distance });
    expectOrder(...[5, 100, null].map((metres) => ({ "_geoPoint(47, 4):asc": at(metres) })));
    expectOrder(...[100, 5, null].map((metres) => ({ "_geoPoint(47, 4):desc": at(metres) })));
  });

  test("two places within a metre are ordered by the next rule", () => {
    const at = (distance: number, value: number): object => ({
      "_geoPoint(47, 4):asc": { order: 0, value: null, distance },
      "price:asc": { order: 1, value },
    });
    expectOrder(at(100.9, 1), at(100, 2));
    expectOrder(at(100, 2), at(101.5, 1));
  });

  test("vectors compare by similarity and a document without one is last", () => {
    expectOrder(...[0.9, 0.2, null].map((similarity) => ({ vectorSort: { order: 0, similarity } })));
  });

  test("a rule for which time ran out is worse than any result of it", () => {
    const words = { order: 0, matchingWords: 1, maxMatchingWords: 1, score: 1 };
    const seq = { order: 2, value: "a" };
    expectOrder(
      { words, typo: { order: 1, typoCount: 5, maxTypoCount: 5, score: 0 }, "_miroir_seq:asc": seq },
      // The engine prints `skipped` once, at the last place it stands for.
      { words, skipped: { order: 2 } },
    );
  });
});

test("rules are compared in their order and not in the order of the text", () => {
  expectOrder(
    { "b:asc": { order: 1, value: 9 }, "a:asc": { order: 0, value: 1 } },
    { "b:asc": { order: 1, value: 1 }, "a:asc": { order: 0, value: 2 } },
  );
});

test("documents that are equal on all rules are in insertion order", () => {
  const tie = (seq: string): object => ({
    words: { order: 0, matchingWords: 1, maxMatchingWords: 1, score: 1 },
    "_miroir_seq:asc": { order: 1, value: seq },
  });
  expectOrder(tie("††‡"), tie("†‡†"));
});

const rules = fc.record({
  words: fc.record({
    order: fc.constant(0),
    matchingWords: fc.nat(3),
    maxMatchingWords: fc.nat(9),
    score: fc.double({ noNaN: true }),
  }),
  typo: fc.record({ order: fc.constant(1), typoCount: fc.nat(2), maxTypoCount: fc.nat(9) }),
  "price:desc": fc.record({
    order: fc.constant(2),
    value: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom("a", "b", null)),
  }),
  // Steps of ten metres: what is nearer than one is a matter of buckets and not of an order.
  "_geoPoint(1, 2):asc": fc.record({ order: fc.constant(3), distance: fc.option(fc.nat(3).map((step) => step * 10)) }),
  vectorSort: fc.record({ order: fc.constant(4), similarity: fc.option(fc.double({ min: 0, max: 1, noNaN: true })) }),
  "_miroir_seq:asc": fc.record({ order: fc.constant(5), value: fc.constantFrom("†", "‡", "•") }),
});

test("the order is total: consistent in both directions and transitive", () => {
  fc.assert(
    fc.property(rules, rules, rules, (a, b, c) => {
      const [x, y, z] = [key(a), key(b), key(c)];
      expect(byScoreDetails(x, x)).toBe(0);
      expect(Math.sign(byScoreDetails(x, y)) + Math.sign(byScoreDetails(y, x))).toBe(0);
      if (byScoreDetails(x, y) <= 0 && byScoreDetails(y, z) <= 0) expect(byScoreDetails(x, z)).toBeLessThanOrEqual(0);
    }),
  );
});

test.each([
  ["[]"],
  ["{"],
  ['{"words":1}'],
  ['{"words":{"matchingWords":1}}'],
  ['{"words":{"order":0}}'],
  ['{"exactness":{"order":0,"matchType":"new"}}'],
  ['{"price:asc":{"order":1e9,"value":1}}'],
])("%s is not what the engine writes", (text) => {
  expect(readScoreDetails(text)).toBeNull();
});
