/** `field != value` in the form that does not depend on which fields a node has seen. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Filter } from "../../../../src/core/filters/filter.ts";
import { parseFilter } from "../../../../src/core/filters/parse-filter.ts";
import { unequalFields, withoutUnequal } from "../../../../src/core/filters/unequal-conditions.ts";
import { filterTexts } from "./filter-texts.ts";

const rewritten: readonly (readonly [text: string, expected: string])[] = [
  ["a != 1", "a NOT IN [1]"],
  ["a!=1", "a NOT IN [1]"],
  [`"a"!='x y'AND b = 1`, `"a" NOT IN ['x y']AND b = 1`],
  ["NOT a!=1", "NOT a NOT IN [1]"],
  ["(a!=1 OR b!=2) AND c = 3", "(a NOT IN [1] OR b NOT IN [2]) AND c = 3"],
  ["a!='[x], \\'y\\''", "a NOT IN ['[x], \\'y\\'']"],
  ["meta.colour!=red", "meta.colour NOT IN [red]"],
  // Nothing to do: another operator, text, another index, another field, no filter.
  ["a = '!='", "a = '!='"],
  ["_foreign(a, b != 1)", "_foreign(a, b != 1)"],
  ["z != 1", "z != 1"],
  ["a != ", "a != "],
];

const known = new Set(["a", "b", "meta.colour"]);

describe("a condition that excludes a value", () => {
  test.each(rewritten)("%s", (text, expected) => {
    expect(withoutUnequal(text, known)).toBe(expected);
  });

  test("is found in every JSON form, and each field once", () => {
    const filters = ["a != 1", ["b != 2", ["a != 3", "c.d!=4 OR a = 1"]], undefined, 5];
    expect(unequalFields(filters)).toEqual(["a", "b", "c.d"]);
    expect(withoutUnequal(["b!=2", ["a!=3", 5]], known)).toEqual(["b NOT IN [2]", ["a NOT IN [3]", 5]]);
  });
});

test("the other form says the same of every filter, for the parser that agrees with the engine", () => {
  fc.assert(
    fc.property(filterTexts, (text) => {
      const before = parseFilter(text);
      const after = parseFilter(withoutUnequal(text, new Set(unequalFields([text]))) as string);
      expect(after.ok).toBe(before.ok);
      if (before.ok && after.ok && before.filter !== null) expect(after.filter).toEqual(spelledOut(before.filter));
    }),
    { numRuns: 3000 },
  );
});

/** What two NOTs in a row come to is the parser's own rule: one behind a NOT is taken away with it. */
function spelledOut(filter: Filter): Filter {
  if (filter.kind === "and" || filter.kind === "or") return { ...filter, parts: filter.parts.map(spelledOut) };
  if (filter.kind === "not") {
    const part = spelledOut(filter.part);
    return part.kind === "not" ? part.part : { kind: "not", part };
  }
  if (filter.kind !== "compare" || filter.operator !== "!=") return filter;
  return { kind: "not", part: { kind: "in", field: filter.field, values: [filter.value] } };
}
