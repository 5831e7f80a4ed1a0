import { expect, test } from "bun:test";

import { matchesPattern } from "../../../../src/core/settings/attribute-pattern.ts";

test("a pattern is a name, or the beginning, the end or any part of one", () => {
  const matching = (pattern: string): readonly string[] =>
    ["stock", "sto", "restock", "meta.stock"].filter((field) => matchesPattern(pattern, field));
  expect(matching("*")).toHaveLength(4);
  expect(matching("stock")).toEqual(["stock"]);
  expect(matching("sto*")).toEqual(["stock", "sto"]);
  expect(matching("*stock")).toEqual(["stock", "restock", "meta.stock"]);
  expect(matching("*to*")).toHaveLength(4);
  expect(matching("meta")).toEqual([]);
});
