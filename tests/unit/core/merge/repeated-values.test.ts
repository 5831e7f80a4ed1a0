import { expect, test } from "bun:test";

import {
  countRepeats,
  doubtfulKeys,
  listedValues,
  repeatedKeys,
  sharedValues,
  type ListedValues,
} from "../../../../src/core/merge/repeated-values.ts";

const numbers = (...keys: string[]): ListedValues => ({ keys, hasNumbers: true });
const texts = (...keys: string[]): ListedValues => ({ keys, hasNumbers: false });

test("what a node lists of a field is read from its facets", () => {
  const answer = {
    total: 3,
    facetDistribution: '{"code":{"3":1,"A":2}}',
    facetStats: '{"code":{"min":3.0,"max":3.0}}',
  };
  expect(listedValues(answer, "code")).toEqual(numbers("3", "A"));
  expect(listedValues({ ...answer, facetStats: "{}" }, "code")).toEqual(texts("3", "A"));
  expect(listedValues(answer, "brand")).toBeNull();
});

test("only what two nodes have can be counted twice, whatever its capitals", () => {
  expect(repeatedKeys([texts("A", "b"), texts("a", "c"), null, texts("c")])).toEqual(new Set(["a", "c"]));
});

test("only keys that look like numbers are in doubt, and only where a node has counted a number", () => {
  const lists = [numbers("3", "4", "x"), texts("3", "x"), null];
  expect(doubtfulKeys("code", lists, repeatedKeys(lists))).toEqual({ field: "code", keys: new Map([[0, ["3"]]]) });
  const plain = [texts("3"), texts("3")];
  expect(doubtfulKeys("code", plain, repeatedKeys(plain))).toBeNull();
});

test("a number and a text that looks like it are two values", () => {
  const lists = [numbers("3", "X"), texts("3", "x"), numbers("3")];
  const repeated = repeatedKeys(lists);
  const both = new Map([["3", { numbers: 1, texts: 2 }]]);
  const values = [
    sharedValues(lists[0]!, repeated, both),
    sharedValues(lists[1]!, repeated, undefined),
    sharedValues(lists[2]!, repeated, undefined),
  ];
  expect(values).toEqual([
    [
      { key: "n3", text: "3" },
      { key: "s3", text: "3" },
      { key: "sx", text: "X" },
    ],
    [
      { key: "s3", text: "3" },
      { key: "sx", text: "x" },
    ],
    [{ key: "n3", text: "3" }],
  ]);
  // "x", the text and the number have each been counted once too often.
  expect(countRepeats(values)).toBe(3);
});
