import { expect, test } from "bun:test";

import { cutNumbers, lastShown, withValues } from "../../../../src/core/merge/cut-numbers.ts";
import { distributionText, readFacetDistribution, readFacetStats } from "../../../../src/core/merge/facet-text.ts";
import type { FacetPart, FacetRules } from "../../../../src/core/merge/facets.ts";

const rules = (valuesMax: number, order: "alpha" | "count" = "alpha"): FacetRules => ({
  valuesMax,
  orderOf: () => order,
});
const part = (distribution: string, candidates: number, stats = '{"n":{"min":0,"max":100}}'): FacetPart => ({
  distribution: readFacetDistribution(distribution)!,
  stats: readFacetStats(stats)!,
  candidates,
});
const full = '{"n":{"0":1,"1":1,"10":1,"11":1}}';

test("numbers are cut off where a node has few documents, all together many, and its list is full of them", () => {
  expect(cutNumbers([part(full, 3000), part(full, 5)], rules(2), 4)).toEqual([
    { position: 0, field: "n" },
    { position: 1, field: "n" },
  ]);
  expect(cutNumbers([part(full, 3001), part(full, 5)], rules(2), 4)).toEqual([{ position: 1, field: "n" }]);
});

test.each([
  ["all together have few", [part(full, 2000), part(full, 1000)], rules(2), 4],
  ["the list is not full", [part(full, 3000), part(full, 5)], rules(2), 5],
  ["it ends in texts", [part('{"n":{"0":1,"1":1,"10":1,"b":1}}', 3000), part("{}", 5)], rules(2), 4],
  ["there are no numbers", [part(full, 3000, "{}"), part("{}", 5)], rules(2), 4],
  ["values are listed by count", [part(full, 3000), part(full, 5)], rules(2, "count"), 4],
  ["nothing is to be shown", [part(full, 3000), part(full, 5)], rules(0), 4],
] as const)("they are not where %s", (_says, parts, given, listedMax) => {
  expect(cutNumbers(parts, given, listedMax)).toEqual([]);
});

test("the last number that can be shown is the one of that rank among all that are known", () => {
  const parts = [part('{"n":{"0":1,"10":1,"9":1}}', 1), part('{"n":{"10":1,"3":1,"x":1}}', 1)];
  expect([1, 2, 3, 4, 9].map((max) => lastShown(parts, "n", max))).toEqual(["0", "3", "9", "10", "10"]);
  expect(lastShown([], "n", 1)).toBeUndefined();
});

test("a list in the place of another is written as a node writes it", () => {
  const values = readFacetDistribution('{"n":{"2":5,"\\"":1}}')![0]!.values;
  expect(distributionText(withValues(part('{"a":{},"n":{"1":1}}', 1), "n", values).distribution)).toBe(
    '{"a":{},"n":{"2":5,"\\"":1}}',
  );
});
