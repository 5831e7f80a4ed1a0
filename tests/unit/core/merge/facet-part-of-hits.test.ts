import { expect, test } from "bun:test";
import { asFloat, facetPartOfHits } from "../../../../src/core/merge/facet-part-of-hits.ts";
import { spelledAs } from "../../../../src/core/merge/facet-spelling.ts";
import { mergeFacets } from "../../../../src/core/merge/facets.ts";
import { createHitCursor, type Hit } from "../../../../src/core/merge/hit-cursor.ts";

function hitOf(document: object): Hit {
  const text = JSON.stringify(document);
  return createHitCursor({ text, start: 0, end: text.length, members: new Map() }).next() as Hit;
}

const RULES = { valuesMax: 100, orderOf: () => "alpha" as const };

test("documents are counted once per value, with numbers and texts that look alike told apart", () => {
  const hits = [{ tags: [9, "9", "New"] }, { tags: ["new", "9", "NEW"] }, { tags: 2.5 }, {}].map(hitOf);
  const { part, types } = facetPartOfHits(hits, ["tags", "nowhere"]);
  const known = (_position: number, field: string) => types.get(field);
  const merged = mergeFacets([part], RULES, { types: known });
  // As a node prints it: one key, and the count of the texts.
  expect(merged.distribution).toBe('{"nowhere":{},"tags":{"2.5":1,"9":2,"New":2}}');
  expect(merged.stats).toBe('{"tags":{"min":2.5,"max":9.0}}');
  expect(types.get("tags")?.get("9")).toEqual({ numbers: 1, texts: 2 });
  expect(part.candidates).toBe(4);
});

test("keys of numbers are written out", () => {
  const { part } = facetPartOfHits([{ x: [1e-7, 2.5e21, -1.5e-8] }].map(hitOf), ["x"]);
  const keys = part.distribution[0]!.values.map(({ value }) => value);
  expect(keys).toEqual(["-0.000000015", "0.0000001", "2500000000000000000000"]);
});

test("the smallest and the greatest number are printed as the engine prints fractions", () => {
  const printed = [0, -0, 5, -2.5, 1e15, 1e16, 12345678901234567000, -9223372036854775808, 0.00001, 0.000001234, 1e-7];
  expect(printed.map(asFloat)).toEqual([
    "0.0",
    "-0.0",
    "5.0",
    "-2.5",
    "1000000000000000.0",
    "1e+16",
    "1.2345678901234567e+19",
    "-9.223372036854776e+18",
    "0.00001",
    "1.234e-6",
    "1e-7",
  ]);
  const { part } = facetPartOfHits([{ sku: 12345678901234567000 }].map(hitOf), ["sku"]);
  expect(part.stats.get("sku")).toMatchObject({ minText: "1.2345678901234567e+19" });
});

test("coordinates are numbers, also those that are texts", () => {
  const hits = [{ _geo: { lat: "42.50", lng: 3 } }, { _geo: { lat: 42.5, lng: "3.0" } }].map(hitOf);
  const { part, types } = facetPartOfHits(hits, ["_geo.lat", "_geo.lng"]);
  expect(part.distribution.map(({ values }) => values)).toEqual([
    [{ value: "42.5", quoted: '"42.5"', count: 2 }],
    [{ value: "3", quoted: '"3"', count: 2 }],
  ]);
  expect(types.get("_geo.lat")?.get("42.5")).toEqual({ numbers: 2, texts: 0 });
});

test("an empty text is no value, a blank one is", () => {
  const { part } = facetPartOfHits([{ title: "" }, { title: " " }].map(hitOf), ["title"]);
  expect(part.distribution).toEqual([{ field: "title", values: [{ value: " ", quoted: '" "', count: 1 }] }]);
});

test("values are spelled as in other facets of their field, and keep their counts and places", () => {
  const facets = { distribution: '{"brand":{"acme":2,"Globex":1},"tags":{"acme":3}}', stats: "{}" };
  const others = { distribution: '{"brand":{"ACME":9,"Initech":1}}', stats: '{"x":1}' };
  expect(spelledAs(facets, others)).toEqual({
    distribution: '{"brand":{"ACME":2,"Globex":1},"tags":{"acme":3}}',
    stats: "{}",
  });
});
