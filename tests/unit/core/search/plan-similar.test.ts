import { describe, expect, test } from "bun:test";

import type { IndexEntry } from "../../../../src/core/catalog/index-entry.ts";
import { planSimilar, type SimilarPlan } from "../../../../src/core/search/plan-similar.ts";
import { readSimilarRequest, type SimilarRequest } from "../../../../src/core/search/similar-request.ts";
import { buildShardMap } from "../../../../src/core/routing/build-shard-map.ts";
import { topologyOf } from "../routing/topologies.ts";

const entry: IndexEntry = {
  uid: "films",
  primaryKey: "id",
  shards: 4,
  state: "ready",
  settingsVersion: 1,
  settings: {},
  createdAt: 0,
  updatedAt: 0,
};

function planned(
  more: object = {},
  settings: IndexEntry["settings"] = {},
  vectors: readonly string[] = ["[1.0,0.5]"],
): SimilarPlan | string {
  const body = { id: 7, embedder: "own", ...more };
  const read = readSimilarRequest(body, JSON.stringify(body)) as { readonly request: SimilarRequest };
  return planSimilar({
    request: read.request,
    vectors,
    entry: { ...entry, settings },
    forced: [],
    map: buildShardMap(topologyOf([["a", "b"]]), entry.shards),
    group: 0,
    permitted: () => true,
    pinnedKeysMax: 8,
  });
}

interface Query {
  readonly [name: string]: unknown;
}

function asked(plan: SimilarPlan | string): readonly Query[] {
  if (typeof plan === "string") throw new TypeError(plan);
  const text = plan.body(plan.search.cover.parts[0]!);
  return (JSON.parse(text) as { readonly queries: readonly Query[] }).queries;
}

test("nodes are asked by vector, for one more than the page reaches, since the document itself is found as well", () => {
  const [query, ...others] = asked(planned({ offset: 3, limit: 5, filter: "year > 2000" }));
  expect(others).toEqual([]);
  expect(query).toMatchObject({
    indexUid: "films",
    hybrid: { embedder: "own", semanticRatio: 1 },
    vector: [1, 0.5],
    offset: 0,
    limit: 9,
    showRankingScore: true,
    showRankingScoreDetails: true,
    filter: "year > 2000",
  });
});

test("the vectors are passed on as the node wrote them, each in a search of its own", () => {
  const plan = planned({}, {}, ["[1.0,0.1]", "[0.30000001192092896,2]"]) as SimilarPlan;
  const text = plan.body(plan.search.cover.parts[0]!);
  expect(text).toContain('"vector":[1.0,0.1]');
  expect(text).toContain('"vector":[0.30000001192092896,2]');
  expect(plan.queries).toBe(2);
});

test("of a document without a vector the nodes only count what the filter lets through", () => {
  const [query] = asked(planned({ filter: "year > 2000" }, {}, []));
  expect(query).toMatchObject({ limit: 0, filter: "year > 2000" });
  expect(query).not.toHaveProperty("vector");
  expect(query).not.toHaveProperty("hybrid");
});

describe("what the index adds to a search and not to similar documents", () => {
  test("a distinct attribute is replaced by one that no document has", () => {
    expect(asked(planned({}, { distinctAttribute: "genre" }))[0]).toHaveProperty("distinct", "_miroir_none");
  });

  test("a rule in front of nearness is met by asking for everything that can be had", () => {
    const settings = { rankingRules: ["year:desc", "words"], pagination: { maxTotalHits: 300 } };
    expect(asked(planned({ limit: 5 }, settings))[0]).toHaveProperty("limit", 300);
    expect(asked(planned({ limit: 5 }, { rankingRules: ["sort", "typo", "year:desc"] }))[0]).toHaveProperty("limit", 6);
  });

  test("rules without nearness make it impossible, which is said", () => {
    expect(planned({}, { rankingRules: ["sort", "year:desc"] })).toContain("rankingRules");
  });
});

test("the score is hidden from a client that did not ask for it, and the details are never a node's", () => {
  const view = (more: object): unknown => (planned(more) as SimilarPlan).search.merge.view;
  expect(view({})).toMatchObject({ keepDetails: false, dropFields: ["_rankingScore"] });
  expect(view({ showRankingScore: true, showRankingScoreDetails: true })).toMatchObject({
    keepDetails: false,
    dropFields: [],
  });
});
