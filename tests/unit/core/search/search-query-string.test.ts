import { expect, test } from "bun:test";

import { documentsQueryString, readDocumentsRequest } from "../../../../src/core/search/documents-request.ts";
import { searchQueryString, sortParameter } from "../../../../src/core/search/search-query-string.ts";
import { readSearchRequest } from "../../../../src/core/search/search-request.ts";

test.each([
  ["q=a+b&limit=5&offset=+7", { q: "a b", limit: 5 }],
  ["facets=a,b&attributesToRetrieve=&page=2", { facets: ["a", "b"], attributesToRetrieve: [], page: 2 }],
  ["filter=%5B%22a%20%3D%201%22%5D", { filter: ["a = 1"] }],
  ["filter=a%20%3D%201", { filter: "a = 1" }],
  [
    "vector=1,-2.5,3e1&hybridEmbedder=e&hybridSemanticRatio=0.9",
    { vector: [1, -2.5, 30], hybrid: { embedder: "e", semanticRatio: 0.9 } },
  ],
  ["showRankingScore=true&rankingScoreThreshold=0.5", { showRankingScore: true, rankingScoreThreshold: 0.5 }],
  ["q=a&q=b", { q: "b" }],
])("%s", (query, body) => {
  const read = searchQueryString(new URLSearchParams(query.replace("&offset=+7", "")));
  expect(read).toEqual(body as Record<string, unknown>);
});

test.each([
  ["unknown=1"],
  ["limit="],
  ["limit=1.5"],
  ["limit=-1"],
  ["showRankingScore=yes"],
  ["hybridSemanticRatio=0.5"],
  ["vector=1"],
  ["vector=x&hybridEmbedder=e"],
])("%s is left to a node", (query) => {
  expect(searchQueryString(new URLSearchParams(query))).toBeUndefined();
});

test("sort is split at commas but a point stays whole", () => {
  expect(sortParameter("a:asc, _geoPoint(1, 2):desc,b:desc")).toEqual(["a:asc", "_geoPoint(1,2):desc", "b:desc"]);
});

test.each([
  [{ limit: "3" }, "limit"],
  [{ limit: -1 }, "limit"],
  [{ limit: null }, "limit"],
  [{ q: 3 }, "q"],
  [{ filter: 3 }, "filter"],
  [{ facets: "a" }, "facets"],
  [{ nonsense: 1 }, "nonsense"],
  [{ useNetwork: true }, "useNetwork"],
  [{ hybrid: { semanticRatio: 2 } }, "hybrid"],
  [[], "the body"],
  [undefined, "the body"],
])("%p is for a node to judge", (body, parameter) => {
  expect(readSearchRequest(body)).toEqual({ kind: "judge", parameter });
});

test("null is a value for what may be absent, and in a multi-search for the paging too", () => {
  expect(readSearchRequest({ q: null, page: null, filter: null, sort: null }).kind).toBe("request");
  expect(readSearchRequest({ limit: null, offset: null }, "multi_search")).toMatchObject({
    request: { paging: { mode: "offset", offset: 0, limit: 20 } },
  });
});

test("documents by query string", () => {
  expect(documentsQueryString(new URLSearchParams("fields=*&ids=1,a&sort=x:asc&filter=a%3D1&limit=3"))).toEqual({
    fields: null,
    ids: ["1", "a"],
    sort: ["x:asc"],
    filter: "a=1",
    limit: 3,
  });
  expect(documentsQueryString(new URLSearchParams("page=1"))).toBeUndefined();
});

test.each([[{ ids: [1.5] }], [{ ids: "a" }], [{ limit: null }], [{ fields: "a" }], [{ sort: [1] }], [{ x: 1 }], [[]]])(
  "a request for documents with %p is for a node to judge",
  (body) => {
    expect(readDocumentsRequest(body)).toBeNull();
  },
);
