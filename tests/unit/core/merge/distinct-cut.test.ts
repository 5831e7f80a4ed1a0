import { describe, expect, test } from "bun:test";

import { cutFrom, cutPath } from "../../../../src/core/merge/distinct-cut.ts";

describe("a nested field is cut out of its object", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['{"size":1,"colour":"red"}', "colour", '{"size":1}'],
    ['{"colour":"red"}', "colour", "{}"],
    ['{"a":{"b":1.0,"c":2},"b":3}', "a.b", '{"a":{"c":2},"b":3}'],
    ['{"a.b":1,"a":{"b":2,"c":9007199254740993}}', "a.b", '{"a":{"c":9007199254740993}}'],
    // Elements that have nothing else are left out, as the engine does.
    ['[{"n":1,"name":"x"},{"n":2},{"name":"y"}]', "n", '[{"name":"x"},{"name":"y"}]'],
    ["[ ]", "n", "[]"],
    ['"text"', "n", '"text"'],
  ];
  for (const [text, path, left] of cases) {
    test(`${text} without ${path}`, () => expect(cutPath(text, 0, path)).toBe(left));
  }

  test("only members on the way to it are touched", () => {
    expect([cutFrom("a", "a.b"), cutFrom("a.b", "a.b"), cutFrom("ab", "a.b")]).toEqual(["b", "", null]);
  });
});
