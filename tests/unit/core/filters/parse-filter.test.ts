/** The filter grammar, form by form, with the oddities of the engine that decide what a filter means. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Filter } from "../../../../src/core/filters/filter.ts";
import { parseFilter } from "../../../../src/core/filters/parse-filter.ts";
import { filterTexts } from "./filter-texts.ts";

const is = (field: string, value: string): Filter => ({ kind: "compare", field, operator: "=", value });
const not = (part: Filter): Filter => ({ kind: "not", part });
const both = (...parts: Filter[]): Filter => ({ kind: "and", parts });
const either = (...parts: Filter[]): Filter => ({ kind: "or", parts });
const [a, b, c] = [is("a", "1"), is("b", "2"), is("c", "3")] as const;

const understood: readonly (readonly [text: string, filter: Filter])[] = [
  // Conditions.
  ["a = 1", a],
  ["a=1", a],
  [" a = 1 ", a],
  ["a <= 1", { kind: "compare", field: "a", operator: "<=", value: "1" }],
  ["a >= -1.5e3", { kind: "compare", field: "a", operator: ">=", value: "-1.5e3" }],
  ["a != b.c", { kind: "compare", field: "a", operator: "!=", value: "b.c" }],
  ["a IN [1, 'x y',]", { kind: "in", field: "a", values: ["1", "x y"] }],
  ["a IN[]", { kind: "in", field: "a", values: [] }],
  ["a NOT IN [1]", not({ kind: "in", field: "a", values: ["1"] })],
  ["a 1 TO 2", { kind: "between", field: "a", from: "1", to: "2" }],
  ["a EXISTS", { kind: "exists", field: "a" }],
  ["a NOT  EXISTS", not({ kind: "exists", field: "a" })],
  ["a IS NULL", { kind: "isNull", field: "a" }],
  ["a IS NOT NULL", not({ kind: "isNull", field: "a" })],
  ["a IS EMPTY", { kind: "isEmpty", field: "a" }],
  ["a IS NOT EMPTY", not({ kind: "isEmpty", field: "a" })],
  ["a CONTAINS 'x'", { kind: "contains", field: "a", value: "x" }],
  ["a NOT CONTAINS x", not({ kind: "contains", field: "a", value: "x" })],
  ["a STARTS WITH x", { kind: "startsWith", field: "a", value: "x" }],
  ["a NOT STARTS WITH x", not({ kind: "startsWith", field: "a", value: "x" })],
  // Values.
  [`"a" = '1'`, a],
  ["'' = ''", is("", "")],
  [`a = "it's"`, is("a", "it's")],
  [`a = 'it\\'s'`, is("a", "it's")],
  [`a = "\\"q\\""`, is("a", '"q"')],
  ["a = 'x\\\\'", is("a", "x\\")],
  ["a = '\\u{1F980}\\u00e9\\x41\\101\\n\\/'", is("a", "🦀éAA\n/")],
  ["über.größe = é", is("über.größe", "é")],
  ["and = or", is("and", "or")],
  ["a = _geoPolygon", is("a", "_geoPolygon")],
  ["_vectors.a = 1", is("_vectors.a", "1")],
  // Joining: AND binds tighter, chains are flat, NOT binds tightest and cancels itself.
  ["a = 1 AND b = 2 AND c = 3", both(a, b, c)],
  ["a = 1 OR b = 2 AND c = 3", either(a, both(b, c))],
  ["(a = 1 OR b = 2) AND c = 3", both(either(a, b), c)],
  ["NOT a = 1 AND b = 2", both(not(a), b)],
  ["NOT (a = 1 OR b = 2)", not(either(a, b))],
  ["NOT NOT a = 1", a],
  ["NOT a NOT IN [1]", { kind: "in", field: "a", values: ["1"] }],
  ["a = '1'AND(b = 2)OR NOT(c = 3)", either(both(a, b), not(c))],
  // The engine does not look for the end of these keywords.
  ["a EXISTSAND b = 2", both({ kind: "exists", field: "a" }, b)],
  ["a CONTAINSx", { kind: "contains", field: "a", value: "x" }],
  ["a INx TO 2", { kind: "between", field: "a", from: "INx", to: "2" }],
  // Functions.
  ["_geoRadius(1, -2.5, 3e2)", { kind: "geoRadius", center: ["1", "-2.5"], radius: "3e2", resolution: null }],
  ["_geoRadius( 1,2,3, 50 )", { kind: "geoRadius", center: ["1", "2"], radius: "3", resolution: "50" }],
  ["_geoBoundingBox([1, 2], [3, 4])", { kind: "geoBoundingBox", topRight: ["1", "2"], bottomLeft: ["3", "4"] }],
  [
    "_geoPolygon([1, 2], [3, 4], [5, 6],)",
    {
      kind: "geoPolygon",
      corners: [
        ["1", "2"],
        ["3", "4"],
        ["5", "6"],
      ],
    },
  ],
  ["_foreign(author, a = 1 OR b = 2)", { kind: "foreign", field: "author", filter: either(a, b) }],
  ["_vectors EXISTS", { kind: "vectorExists", embedder: null, part: { kind: "any" } }],
  ["_vectors.x NOT EXISTS", not({ kind: "vectorExists", embedder: "x", part: { kind: "any" } })],
  ["_vectors.'x y'.userProvided EXISTS", { kind: "vectorExists", embedder: "x y", part: { kind: "userProvided" } }],
  ["_vectors.x.documentTemplate EXISTS", { kind: "vectorExists", embedder: "x", part: { kind: "documentTemplate" } }],
  ["_vectors.x.regenerate EXISTS", { kind: "vectorExists", embedder: "x", part: { kind: "regenerate" } }],
  ["_vectors.x.fragments.y EXISTS", { kind: "vectorExists", embedder: "x", part: { kind: "fragment", name: "y" } }],
];

describe("understood", () => {
  test.each(understood)("%s", (text, filter) => {
    expect(parseFilter(text)).toEqual({ ok: true, filter });
  });

  test("a text of white space is no filter", () => {
    for (const text of ["", "  ", "\t\n", "\u00a0"]) expect(parseFilter(text)).toEqual({ ok: true, filter: null });
  });
});

const refused: readonly (readonly [text: string, position: number, message: string])[] = [
  ["a", 0, "expected a condition"],
  ["a = ", 4, "expected a value"],
  ["a == 1", 3, "expected a value"],
  ["a = 1 b", 6, "expected `AND`"],
  ["a = 1 AND", 9, "expected a condition"],
  ["a = 1 and b = 2", 6, "expected `AND`"],
  ["a IS NULL ", 9, "expected `AND`"],
  ["(a = 1", 6, "a parenthesis is not closed"],
  ["a = 'x", 4, "a quote is not closed"],
  ["a = 'x\\'", 4, "a quote is not closed"],
  ["a = 'x\\q'", 4, "expected a value"],
  ["a = '\\u{d800}'", 4, "expected a value"],
  ["a IN 1", 5, "expected `[` after `IN`"],
  ["a IN [1", 7, "expected a value or `]`"],
  ["a IN [,]", 6, "expected a value or `]`"],
  ["AND = 1", 0, "expected a condition"],
  ["a = NOT", 4, "expected a value"],
  ["a STARTS  WITH b", 0, "expected a condition"],
  ["a = 🦀", 4, "expected a value"],
  ["a/b = 1", 0, "expected a condition"],
  ["_geo = 1", 0, "a geo function is reserved"],
  ["_geoPoint(1, 2) = 1", 0, "a geo function is reserved"],
  ["a = _geoRadius(1, 2, 3)", 4, "a geo function is reserved"],
  ["_geoRadius(1, 2)", 16, "three or four numbers"],
  ["_geoRadius(1, 2, 1e)", 19, "digits in the exponent"],
  ["_geoBoundingBox([1, 2])", 23, "two points"],
  ["_geoBoundingBox([1, 2], [3])", 27, "two coordinates"],
  ["_geoPolygon([1, 2], [3, 4])", 27, "at least three points"],
  ["_geoPolygon = 1", 11, "expected `(`"],
  ["_vectors.x = ", 13, "expected a value"],
  ["_vectors. EXISTS", 9, "expected a name"],
  ["_vectors.x.y EXISTS", 10, "expected `EXISTS` or `NOT EXISTS` after"],
  ["_vectors CONTAINS x", 9, "takes only `EXISTS`"],
  ["_foreign(a b = 1)", 11, "expected `,`"],
  ["_foreign(a, b = 1", 17, "is not closed"],
];

describe("refused, with the place where reading stopped", () => {
  test.each(refused)("%s", (text, position, message) => {
    const parsed = parseFilter(text);
    expect(parsed).toMatchObject({ ok: false, position });
    expect(parsed.ok ? "" : parsed.message).toContain(message);
  });

  test("parentheses nested 37 deep, but not 36", () => {
    const nested = (depth: number) => `${"(".repeat(depth)}a = 1${")".repeat(depth)}`;
    expect(parseFilter(nested(36))).toEqual({ ok: true, filter: a });
    expect(parseFilter(nested(37))).toMatchObject({ ok: false, message: "the filter is nested too deeply" });
    expect(parseFilter(nested(100_000)).ok).toBe(false);
  });
});

test("any text is answered with a filter or a place within it, never with a throw", () => {
  fc.assert(
    fc.property(fc.oneof(filterTexts, fc.string({ unit: "binary" })), (text) => {
      const parsed = parseFilter(text);
      if (!parsed.ok) expect(parsed.position).toBeWithin(0, text.length + 1);
    }),
    { numRuns: 2000 },
  );
});

test("a list of 200,000 values is read", () => {
  const text = `id IN [${Array.from({ length: 200_000 }, (_, i) => i).join(",")}]`;
  const parsed = parseFilter(text);
  expect(parsed.ok && parsed.filter?.kind === "in" ? parsed.filter.values.length : 0).toBe(200_000);
});
