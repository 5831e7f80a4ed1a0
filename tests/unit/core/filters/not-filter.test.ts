import { expect, test } from "bun:test";

import { notFilter } from "../../../../src/core/filters/not-filter.ts";

test("a text is negated as a whole, so that no OR of it reaches outside", () => {
  expect(notFilter("a = 1 OR b = 2")).toBe("NOT (a = 1 OR b = 2)");
});

test("elements of a list are demanded together, those of a list inside it are alternatives", () => {
  expect(notFilter(["a = 1", ["b = 2", "c = 3"]])).toBe("NOT ((a = 1) AND ((b = 2) OR (c = 3)))");
});

test("blank elements are no condition, and outside no condition at all is nothing", () => {
  expect(notFilter(["", [" "], "a = 1"])).toBe("NOT ((a = 1))");
  for (const none of [undefined, null, "", [], [[]], [""]]) expect(notFilter(none)).toBeNull();
});
