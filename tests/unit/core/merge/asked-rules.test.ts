import { expect, test } from "bun:test";

import { askedRules } from "../../../../src/core/merge/asked-rules.ts";

const settings = new Map([
  ["*", "alpha"],
  ["size.cm", "count"],
] as const);
const rules = { valuesMax: 3, orderOf: (field: string) => settings.get(field as "*") ?? "alpha" };

test.each([
  [["size.cm"], "count"],
  [["size.*"], "count"],
  [["size", "*.cm"], "count"],
  [["size"], "alpha"],
  [["size", "brand"], "alpha"],
] as const)("asked for by %j a field has its own order only where it is meant itself", (asked, order) => {
  expect(askedRules(rules, asked)).toMatchObject({ valuesMax: 3 });
  expect(askedRules(rules, asked).orderOf("size.cm")).toBe(order);
});

test("what is asked for by something above it is ordered as fields without an order of their own", () => {
  const byCount = askedRules({ valuesMax: 3, orderOf: (field) => (field === "*" ? "count" : "alpha") }, ["size"]);
  expect(byCount.orderOf("size.cm")).toBe("count");
  expect(byCount.orderOf("size")).toBe("alpha");
});
