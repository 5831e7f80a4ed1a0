import { expect, test } from "bun:test";

import { cleanNodeError } from "../../../../src/core/search/clean-node-error.ts";

function cleaned(message: string, displayed: readonly string[] | null = null): string {
  return cleanNodeError({ message, code: "c", type: "t", link: "l" }, displayed).message;
}

test.each([
  [
    "Attribute `x` is not filterable. Available filterable attribute patterns are: `_miroir_shard`, `a`.\n1:2 x = 1",
    "Attribute `x` is not filterable. Available filterable attribute patterns are: `a`.\n1:2 x = 1",
  ],
  [
    "Attribute `x` is not filterable. Available filterable attribute patterns are: `_miroir_shard`.",
    "Attribute `x` is not filterable. This index does not have configured filterable attributes.",
  ],
  [
    "Attribute `x` is not sortable. Available sortable attributes are: `_miroir_seq, a, b`.",
    "Attribute `x` is not sortable. Available sortable attributes are: `a, b`.",
  ],
  [
    "Attribute `x` is not sortable. Available sortable attributes are: `A, _miroir_seq, b`.",
    "Attribute `x` is not sortable. Available sortable attributes are: `A, b`.",
  ],
  [
    "Attribute `x` is not sortable. Available sortable attributes are: `A, _miroir_seq`.",
    "Attribute `x` is not sortable. Available sortable attributes are: `A`.",
  ],
  [
    "Attribute `x` is not sortable. Available sortable attributes are: `_miroir_seq`.",
    "Attribute `x` is not sortable. This index does not have configured sortable attributes.",
  ],
  [
    "Attribute `x` is not filterable. Note: this attribute matches rule #3 in filterableAttributes, but enable it in rule #3.",
    "Attribute `x` is not filterable. Note: this attribute matches rule #1 in filterableAttributes, but enable it in rule #1.",
  ],
  ['It is not filterable.\n3:4 ("x" = "3") AND ("_miroir_shard" IN ["†"])', 'It is not filterable.\n2:3 "x" = "3"'],
  [
    'It is not filterable.\n4:5 (("x" = ")") OR ("id" = "5")) AND ("_miroir_shard" IN ["†", "‡"])',
    'It is not filterable.\n3:4 ("x" = ")") OR ("id" = "5")',
  ],
  [
    'It is not filterable.\n3:4 ("x" = "3") AND ("id" = "1") AND ("_miroir_shard" IN ["†"])',
    'It is not filterable.\n3:4 ("x" = "3") AND ("id" = "1")',
  ],
  ["rule #9 of something else", "rule #9 of something else"],
  ["Nothing to hide.", "Nothing to hide."],
])("%s", (message, expected) => {
  expect(cleaned(message)).toBe(expected);
});

test("attributes that the client does not display are not listed where the engine hides them", () => {
  const message = "Attribute `x` is not sortable. Available sortable attributes are: `_miroir_seq, price, title`.";
  expect(cleaned(message, ["title"])).toBe(
    "Attribute `x` is not sortable. Available sortable attributes are: `title, <..hidden-attributes>`.",
  );
});

test.each([
  ["cannot be used as distinct attribute", "filterable", "filterable attributes patterns"],
  ["is not facet-searchable", "facet-searchable", "facet-searchable attributes patterns"],
  ["is not sortable", "sortable", "sortable attributes"],
])("where all are hidden of what %s there is none: %p", (fault, what, list) => {
  const message = `Attribute \`x\` ${fault}. Available ${list} are: \`*, price\`.`;
  expect(cleaned(message, ["title"])).toBe(
    `Attribute \`x\` ${fault}. This index does not have configured ${what} attributes.`,
  );
});

test("of attributes to search on the engine says that all are hidden", () => {
  const message = "Attribute `x` is not searchable. Available searchable attributes are: `price`.";
  expect(cleaned(message, ["title"])).toBe(
    "Attribute `x` is not searchable. Available searchable attributes are: `, <..hidden-attributes>`.",
  );
});
