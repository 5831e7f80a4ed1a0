/** Suggestions: near names are found, far ones are not forced on anybody. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { didYouMean, nearest } from "../../../src/config/suggest.ts";

const known = ["server", "search", "shards", "scatter", "shadow"];

test("a slip of the fingers finds the name that was meant", () => {
  expect(["sever", "serach", "shard", "scater", "SHADOW"].map((word) => nearest(word, known))).toEqual([
    "server",
    "search",
    "shards",
    "scatter",
    "shadow",
  ]);
});

test("a word that resembles nothing gets no suggestion", () => {
  expect(nearest("banana", known)).toBeNull();
  expect(didYouMean("banana", known)).toBe("");
  expect(didYouMean("sever", known)).toBe(" Did you mean server?");
});

test("a known name suggests itself, and one missing character is always found", () => {
  fc.assert(
    fc.property(fc.constantFrom(...known), fc.nat(), (name, at) => {
      expect(nearest(name, known)).toBe(name);
      const cut = at % name.length;
      expect(nearest(name.slice(0, cut) + name.slice(cut + 1), [name])).toBe(name);
    }),
  );
});
