import { expect, test } from "bun:test";

import { misplacedParameter, readFederation, readWeight } from "../../../../src/core/search/federation-request.ts";

test("an empty federation has the engine's defaults", () => {
  expect(readFederation({})).toEqual({
    kind: "federation",
    federation: {
      paging: { mode: "offset", offset: 0, limit: 20 },
      facetsByIndex: new Map(),
      mergeFacets: null,
      distinct: null,
      showPerformanceDetails: false,
    },
  });
});

test("a page or hits per page switch to numbered pages, and either has its default", () => {
  expect(readFederation({ page: 3, limit: 5 })).toMatchObject({
    federation: { paging: { mode: "page", page: 3, hitsPerPage: 20 } },
  });
  expect(readFederation({ hitsPerPage: 7 })).toMatchObject({
    federation: { paging: { mode: "page", page: 1, hitsPerPage: 7 } },
  });
});

test("what the engine refuses, or only one node has, is left to a node", () => {
  for (const [name, value] of [
    ["limit", null],
    ["offset", -1],
    ["facetsByIndex", null],
    ["facetsByIndex", { "no good": [] }],
    ["facetsByIndex", { films: "genre" }],
    ["mergeFacets", { wrong: 1 }],
    ["personalize", { userContext: "x" }],
    ["unknown", 1],
  ] as const) {
    expect(readFederation({ [name]: value })).toEqual({ kind: "judge", parameter: `federation.${name}` });
  }
  expect(readFederation([])).toEqual({ kind: "judge", parameter: "federation" });
});

test("a weight is any number from zero, one if there is none", () => {
  expect([undefined, null, {}, { weight: 0 }, { weight: 2.5, remote: null }].map(readWeight)).toEqual([
    1, 1, 1, 0, 2.5,
  ]);
  expect([{ weight: -1 }, { weight: "1" }, { remote: "x" }, { queryPosition: 0 }, { x: 1 }, 3].map(readWeight)).toEqual(
    Array.from({ length: 6 }, () => null),
  );
});

test("what stands for the federation as a whole may not stand in a query", () => {
  const read = readFederation({ distinct: "genre" });
  if (read.kind !== "federation") throw new TypeError("the federation can be read");
  expect(misplacedParameter({ limit: 3 }, read.federation)).toBe("limit");
  expect(misplacedParameter({ facets: ["a"] }, read.federation)).toBe("facets");
  expect(misplacedParameter({ distinct: "a" }, read.federation)).toBe("distinct");
  expect(misplacedParameter({ facets: [], limit: null, q: "red" }, read.federation)).toBeNull();
});
