import { describe, expect, test } from "bun:test";

import { ownFacet, withoutOwnFacet } from "../../../../src/core/merge/own-facet.ts";
import type { FacetPart } from "../../../../src/core/merge/facets.ts";

const NAMES = ["a", "a.b", "a.c", "a.c.d", "ab", "x"];
const part: FacetPart = {
  distribution: NAMES.map((field) => ({ field, values: [{ value: "1", quoted: '"1"', count: 1 }] })),
  stats: new Map(NAMES.map((name) => [name, { min: 1, max: 1, minText: "1.0", maxText: "1.0" }])),
  candidates: 7,
};

/** What is left of the facets of the attribute `a` and all others. */
function left(asked: readonly string[]): readonly string[] {
  const shown = withoutOwnFacet(part, { field: "a", asked });
  expect([...shown.stats.keys()]).toEqual(shown.distribution.map(({ field }) => field));
  expect(shown.candidates).toBe(7);
  return shown.distribution.map(({ field }) => field);
}

describe("the facet that only the router asked for", () => {
  test.each([
    [[], ["ab", "x"]],
    [["x"], ["ab", "x"]],
    [["a.b"], ["a.b", "ab", "x"]],
    [
      ["a.c", "x"],
      ["a.c", "a.c.d", "ab", "x"],
    ],
    [["a.c.d"], ["a.c.d", "ab", "x"]],
    [["a.*"], ["a.b", "a.c", "a.c.d", "ab", "x"]],
    [["*b"], ["a.b", "ab", "x"]],
  ])("is not shown, nor what is below it, beyond what %j means", (asked, expected) => {
    expect(left(asked)).toEqual(expected);
  });

  test.each([["a"], ["*"], ["a*"], ["*a"]])("is the client's own when it asks for %s", (asked) => {
    expect(ownFacet("a", [asked])).toBeNull();
  });

  test("is the client's own when it asks for something above it, and not for something below it", () => {
    expect(ownFacet("a.b", ["x", "a"])).toBeNull();
    expect(ownFacet("a", ["a.b", "a.*"])).toEqual({ field: "a", asked: ["a.b", "a.*"] });
  });
});
