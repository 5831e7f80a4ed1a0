import { expect, test } from "bun:test";

import { parseFilter } from "../../../../src/core/filters/parse-filter.ts";
import { holdsOneOf } from "../../../../src/core/merge/distinct-condition.ts";
import type { DistinctValue } from "../../../../src/core/merge/distinct.ts";

const number = (text: string): DistinctValue => ({ key: `n${text}`, text });
const word = (text: string): DistinctValue => ({ key: `s${text}`, text });

test.each([
  [[word("red"), word('a "b"')], `"f" IN ["red", "a \\"b\\""]`],
  [[number("8"), number("-1.5"), number("1e+21")], `"f" IN ["8.000000000000", "-1.5000000000000", "1e+21"]`],
  // Equality finds the number 8 as well, which is another value.
  [[word("08")], `("f" = "08" AND "f" != "08.000000000000")`],
  [[word("8"), number("8"), word("x")], `("f" IN ["8.000000000000", "x"] OR ("f" = "8" AND "f" != "8.000000000000"))`],
])("documents with one of the values are found, numbers and texts apart: %j", (values, expected) => {
  const filter = holdsOneOf("f", values);
  expect(filter).toBe(expected);
  expect(parseFilter(`NOT ${filter}`).ok).toBe(true);
});
