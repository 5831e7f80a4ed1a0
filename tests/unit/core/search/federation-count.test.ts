import { expect, test } from "bun:test";

import {
  apartByStrategy,
  countBody,
  planCount,
  type CountedQuery,
} from "../../../../src/core/search/federation-count.ts";

const query = (parameters: object, forced: readonly unknown[] = []): CountedQuery => ({
  parameters: { ...parameters },
  forced,
});

test("queries that find the same documents are counted by the first one's answer, whatever else they ask for", () => {
  const queries = [query({ q: "red", sort: ["a:asc"] }), query({ q: "red", attributesToRetrieve: [], filter: null })];
  expect(planCount(queries, null)).toEqual({ kind: "own", at: 0 });
});

test("which documents stand for their value depends on the order, so then a sort makes a difference", () => {
  const queries = [query({ q: "red", sort: ["a:asc"] }), query({ q: "red" })];
  expect(planCount(queries, "genre").kind).toBe("union");
});

test("a query that finds everything tells it all, best one without a threshold", () => {
  expect(planCount([query({ q: "red" }), query({})], null)).toEqual({ kind: "own", at: 1 });
  expect(planCount([query({ rankingScoreThreshold: 0.5 }), query({ q: " " })], null)).toEqual({ kind: "own", at: 1 });
  expect(planCount([query({ q: "red" }), query({}, ["group = 1"])], null).kind).toBe("union");
});

test("placeholders and the others outside of them are parts without a document in common", () => {
  const red = query({ q: "red" }, ["group = 1"]);
  const recent = query({ filter: "year > 2000" }, ["group = 1"]);
  expect(planCount([red, recent], null)).toEqual({
    kind: "union",
    parts: [
      { queries: [recent] },
      { queries: [{ ...red, forced: ["group = 1", "NOT ((year > 2000) AND (group = 1))"] }] },
    ],
  });
});

test("a node is asked for what decides which documents are found, for its shards, and for nothing else", () => {
  const asked = query({ q: "red", filter: "a = 1", sort: ["a:asc"], showRankingScore: true }, ["b = 2"]);
  const part = { nodeId: "n", shards: [1], complete: false };
  const options = { indexUid: "films", depth: 0, exhaustive: true, facets: ["a"] };
  const body = JSON.parse(countBody({ queries: [asked] }, part, options)) as { queries: { filter: unknown[] }[] };
  expect(body).toMatchObject({ federation: { page: 1, hitsPerPage: 0, facetsByIndex: { films: ["a"] } } });
  expect(body.queries).toEqual([
    {
      q: "red",
      filter: ["a = 1", "b = 2", expect.stringContaining("_miroir_shard IN [")],
      indexUid: "films",
      attributesToRetrieve: ["_miroir_seq"],
    } as never,
  ]);
});

test("where nodes refuse the mixture, queries that need all words are counted apart from the others", () => {
  const all = query({ q: "red", matchingStrategy: "all" });
  const last = query({ q: "blue" });
  expect(apartByStrategy([{ queries: [all, last] }, { queries: [query({})] }])).toEqual([
    { queries: [all] },
    { queries: [last] },
    { queries: [query({})] },
  ]);
});

test("a hybrid query is counted with one hit, since with none a node is content with the words", () => {
  const part = { nodeId: "n", shards: [1], complete: true };
  const options = { indexUid: "films", depth: 0, exhaustive: false, facets: null };
  const limitOf = (parameters: object): unknown =>
    (JSON.parse(countBody({ queries: [query(parameters)] }, part, options)) as { federation: { limit: unknown } })
      .federation.limit;
  const near = (semanticRatio: number): object => ({
    q: "a -b",
    vector: [1],
    hybrid: { embedder: "own", semanticRatio },
  });
  expect([limitOf(near(0.999999)), limitOf(near(1)), limitOf({ q: "a" })]).toEqual([1, 0, 0]);
});
