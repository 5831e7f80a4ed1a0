import { expect, test } from "bun:test";

import { mergeIndexFacets, withoutDocuments, type IndexFacets } from "../../../../src/core/merge/federate-facets.ts";

const facets = (indexUid: string, distribution: string, stats = "{}"): IndexFacets => ({
  indexUid,
  distribution,
  stats,
});
const alpha = (): "alpha" => "alpha";

test("counts are added per spelling and listed in the order of the spellings, numbers like words", () => {
  const indexes = [facets("a", '{"year":{"9":1,"10":2},"tag":{"b":1,"B":1}}'), facets("b", '{"year":{"10":3}}')];
  expect(mergeIndexFacets({ indexes, orderOf: alpha, valuesMax: null })).toEqual({
    kind: "facets",
    distribution: '{"tag":{"B":1,"b":1},"year":{"10":5,"9":1}}',
    stats: "{}",
  });
});

test("by count the largest come first, and the list is cut behind them", () => {
  const indexes = [facets("a", '{"tag":{"x":1,"y":2}}'), facets("b", '{"tag":{"x":3,"z":9}}')];
  const merged = mergeIndexFacets({ indexes, orderOf: () => "count", valuesMax: 2 });
  expect(merged).toMatchObject({ distribution: '{"tag":{"z":9,"x":4}}' });
});

test("ranges are joined, their numbers as the engine prints them", () => {
  const indexes = [facets("a", "{}", '{"p":{"min":1.0,"max":4.0}}'), facets("b", "{}", '{"p":{"min":2.0,"max":1e20}}')];
  expect(mergeIndexFacets({ indexes, orderOf: alpha, valuesMax: null })).toMatchObject({
    stats: '{"p":{"min":1.0,"max":1e20}}',
  });
});

test("indexes that order a field differently are refused in the engine's words", () => {
  const indexes = [facets("a", '{"tag":{}}'), facets("b", '{"tag":{}}')];
  const orderOf = (indexUid: string): "alpha" | "count" => (indexUid === "b" ? "count" : "alpha");
  expect(mergeIndexFacets({ indexes, orderOf, valuesMax: null })).toEqual({
    kind: "conflict",
    indexUid: "b",
    message:
      "Inconsistent order for values in facet `tag`: index `a` orders alphabetically, but index `b` orders by count.\n" +
      " - Hint: Remove `federation.mergeFacets` or change `faceting.sortFacetValuesBy` to be consistent in settings.",
  });
});

test("a field that only something above it asked for is listed by its values and is in nobody's way", () => {
  const indexes = [facets("a", '{"size.cm":{"9":1,"10":2}}'), facets("b", '{"size.cm":{"10":1,"7":3}}')];
  expect(mergeIndexFacets({ indexes, orderOf: () => null, valuesMax: 2 })).toMatchObject({
    distribution: '{"size.cm":{"10":3,"7":3}}',
  });
  // An index that names the field decides, also behind one that does not.
  const wide = [facets("a", '{"size.cm":{"1":1,"9":5}}'), facets("b", '{"size.cm":{"1":1}}')];
  const orderOf = (indexUid: string): "count" | null => (indexUid === "b" ? "count" : null);
  expect(mergeIndexFacets({ indexes: wide, orderOf, valuesMax: 1 })).toMatchObject({
    distribution: '{"size.cm":{"9":5}}',
  });
});

test("documents that went are taken off, and values that only they had disappear", () => {
  const left = withoutDocuments(
    '{"tag":{"Red":2,"blue":1,"none":0}}',
    () => ["red", "blue"],
    (value) => value.toLowerCase(),
  );
  expect(left).toBe('{"tag":{"Red":1,"none":0}}');
});
