import { expect, test } from "bun:test";

import { multiSearch, type IndexAuthority } from "../../../src/services/search/multi-search.ts";
import { answered, refused, unavailable } from "../../support/fake-node-client.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { createFleet, sentText, type Fleet, type FleetOptions } from "./fake-fleet.ts";

const owners: FleetOptions["owners"] = [[["a"], ["b"], ["a"], ["b"]]];
const everything: IndexAuthority = { allowsIndex: () => true, forcedFilter: () => undefined };

async function ask(body: unknown, fleet: Fleet = createFleet({ owners }), authority = everything): Promise<Answer> {
  const judgement = { method: "POST", path: "/multi-search", body: JSON.stringify(body) } as const;
  const input = { body, judgement, authority, includeMetadata: true };
  const result = await multiSearch(fleet.deps, input, new AbortController().signal);
  return { ...result, body: JSON.parse(result.text) as Answer["body"] };
}

interface Answer {
  readonly body: { readonly hits: readonly { readonly id: number }[]; readonly [name: string]: unknown };
  readonly missingShards: readonly number[];
  readonly nodesAsked: number;
}

test("a document that two queries find is shown once, with the query it came from", async () => {
  const { body } = await ask({ queries: [{ indexUid: "films" }, { indexUid: "films" }], federation: { limit: 3 } });
  expect(body).toMatchObject({ limit: 3, offset: 0, estimatedTotalHits: 4, requestUid: "uuid-7" });
  expect(body.hits).toEqual(
    [0, 1, 2].map((id) => ({
      id,
      _federation: { indexUid: "films", queriesPosition: 0, weightedRankingScore: 1 },
    })) as never,
  );
});

test("every node is asked from the start of the list, as far as the page reaches, and never to federate hits", async () => {
  const fleet = createFleet({ owners });
  await ask({ queries: [{ indexUid: "films", q: "red" }], federation: { offset: 2, limit: 3 } }, fleet);
  const requests = Object.values(fleet.nodes).flatMap((node) => node.sent);
  expect(requests.map(({ path }) => path)).toEqual(["/indexes/films/search", "/indexes/films/search"]);
  for (const request of requests) {
    expect(JSON.parse(sentText(request))).toMatchObject({ q: "red", offset: 0, limit: 5, showRankingScore: true });
  }
});

test("the union of different queries is asked of the nodes, placeholders apart from the others", async () => {
  const fleet = createFleet({ owners });
  const queries = [
    { indexUid: "films", q: "red" },
    { indexUid: "films", filter: "year > 2000" },
  ];
  await ask({ queries, federation: { limit: 1 } }, fleet, { ...everything, forcedFilter: () => "group = 1" });
  const counts = fleet.nodes["a"]!.sent.filter(({ path }) => path === "/multi-search");
  const asked = counts.map((request) => JSON.parse(sentText(request)) as { federation: object; queries: object[] });
  expect(asked.map(({ federation }) => federation)).toEqual([
    { offset: 0, limit: 0 },
    { offset: 0, limit: 0 },
  ]);
  expect(asked.flatMap((one) => one.queries)).toEqual([
    expect.objectContaining({ filter: ["year > 2000", "group = 1"] }),
    expect.objectContaining({ q: "red", filter: ["group = 1", "NOT ((year > 2000) AND (group = 1))"] }),
  ]);
});

test("an answer that lacks shards names them, and no answer at all is an error", async () => {
  const fleet = createFleet({ owners, policy: { unavailableShards: "partial" } });
  fleet.nodes["b"]!.answerWith(() => unavailable("b", "timeout"));
  const { body, missingShards } = await ask({ queries: [{ indexUid: "films" }], federation: {} }, fleet);
  expect(body.hits.map(({ id }) => id)).toEqual([0, 2]);
  expect(missingShards).toEqual([1, 3]);
});

test("what is wrong with one query is said with its position, the first index by name first", async () => {
  const queries = [{ indexUid: "nowhere" }, { indexUid: "another" }];
  expect(await rejectionOf(ask({ queries, federation: {} }))).toMatchObject({
    status: 400,
    code: "index_not_found",
    message: "Inside `.queries[1]`: Index `another` not found.",
  });
});

test("a parameter that belongs to the federation is left to a node to refuse", async () => {
  const relay: FleetOptions["relay"] = () =>
    Promise.resolve(refused("r", 400, "invalid_x", "Inside `.queries[0]`: no"));
  const body = { queries: [{ indexUid: "films", limit: 3 }], federation: {} };
  expect(await rejectionOf(ask(body, createFleet({ owners, relay })))).toMatchObject({ code: "invalid_x" });
});

test("metadata stands in the order of the queries", async () => {
  const { body } = await ask({ queries: [{ indexUid: "films", q: "red" }, { indexUid: "films" }], federation: {} });
  expect(body["metadata"]).toEqual([
    { queryUid: "uuid-7", indexUid: "films", primaryKey: "id", query: "red" },
    { queryUid: "uuid-7", indexUid: "films", primaryKey: "id" },
  ]);
});

test("no queries give no hits", async () => {
  expect((await ask({ queries: [], federation: { hitsPerPage: 3 } })).body).toMatchObject({
    hits: [],
    hitsPerPage: 3,
    page: 1,
    totalPages: 0,
    totalHits: 0,
  });
});

test("queries whose rules do not go together are refused before what is wrong with a filter", async () => {
  const fleet = createFleet({ owners, settings: { sortableAttributes: ["year", "price"] } });
  for (const node of Object.values(fleet.nodes)) {
    const empty = { hits: [], query: "a", processingTimeMs: 1, limit: 20, offset: 0, estimatedTotalHits: 0 };
    node.answerWith((request) =>
      sentText(request).includes("colour = red")
        ? refused(node.nodeId, 400, "invalid_search_filter", "colour is not filterable")
        : answered(node.nodeId, empty),
    );
  }
  const wrong = { indexUid: "films", q: "b", sort: ["price:desc"], filter: "colour = red" };
  const codeOf = (queries: readonly object[]): Promise<unknown> =>
    rejectionOf(ask({ queries, federation: {} }, fleet)).then((error) => (error as { code?: unknown }).code);
  expect(await codeOf([{ indexUid: "films", q: "a", sort: ["year:asc"] }, wrong])).toBe(
    "invalid_multi_search_query_ranking_rules",
  );
  expect(await codeOf([{ indexUid: "films", q: "a", sort: ["price:desc"] }, wrong])).toBe("invalid_search_filter");
  for (const [sentence, expected] of [
    ["Attribute `price` is not sortable.", "invalid_multi_search_query_ranking_rules"],
    ["Invalid syntax for the sort parameter.", "invalid_search_sort"],
  ] as const) {
    for (const node of Object.values(fleet.nodes)) {
      node.answerWith((request) =>
        sentText(request).includes('"b"')
          ? refused(node.nodeId, 400, "invalid_search_sort", sentence)
          : answered(node.nodeId, {
              hits: [],
              query: "",
              processingTimeMs: 1,
              limit: 20,
              offset: 0,
              estimatedTotalHits: 0,
            }),
      );
    }
    expect(
      await codeOf([
        { indexUid: "films", q: "a", sort: ["year:asc"] },
        { ...wrong, filter: null },
      ]),
    ).toBe(expected);
  }
});

test("of filters that cannot be carried out the first is told, also where the node that is asked does not read so far", async () => {
  // Alone the first fails on the node that has the document; together a node that lacks it finds fault with the second.
  const second = refused("relay", 400, "invalid_search_filter", "Inside `.queries[1]`: rare is not filterable");
  const fleet = createFleet({ owners, relay: () => Promise.resolve(second) });
  for (const node of Object.values(fleet.nodes)) {
    node.answerWith((request) => {
      const body = sentText(request);
      const field = body.includes("colour") ? "colour" : "rare";
      return refused(node.nodeId, 400, "invalid_search_filter", `${field} is not filterable`);
    });
  }
  const queries = [
    { indexUid: "films", filter: "id = 1 AND colour = red" },
    { indexUid: "films", filter: "rare = a" },
  ];
  const told = (await rejectionOf(ask({ queries, federation: {} }, fleet))) as { body: { message: string } };
  expect(told.body.message).toBe("Inside `.queries[0]`: colour is not filterable");
});

test("what is wrong with the facets of an index is told behind what is wrong with any of its queries", async () => {
  const hidden = refused("r", 400, "invalid_multi_search_query_ranking_rules", "hidden rules");
  const codeOf = async (second: object): Promise<unknown> => {
    const fleet = createFleet({
      owners,
      settings: { rankingRules: ["words", "year:desc"] },
      relay: () => Promise.resolve(hidden),
    });
    for (const node of Object.values(fleet.nodes)) {
      const empty = { hits: [], query: "a", processingTimeMs: 1, limit: 20, offset: 0, estimatedTotalHits: 0 };
      node.answerWith((request) =>
        sentText(request).includes('"facets":["rare"]')
          ? refused(node.nodeId, 400, "invalid_search_facets", "rare is not filterable")
          : answered(node.nodeId, empty),
      );
    }
    const body = {
      queries: [{ indexUid: "films" }, { indexUid: "films", ...second }],
      federation: { facetsByIndex: { films: ["rare"] } },
    };
    return rejectionOf(ask(body, fleet)).then((error) => (error as { code?: unknown }).code);
  };
  expect(await codeOf({ q: "a" })).toBe("invalid_multi_search_query_ranking_rules");
  expect(await codeOf({ filter: "year > 2000" })).toBe("invalid_search_facets");
});

test("nodes that refuse to count a mixture are asked for it sorted alike, and at last for its parts", async () => {
  const rankingRules = ["typo", "price:asc", "words"];
  const counts = async (takesSorted: boolean, federation: object, distinct?: string): Promise<unknown> => {
    const fleet = createFleet({ owners, settings: { rankingRules, filterableAttributes: ["brand"] } });
    for (const node of Object.values(fleet.nodes)) {
      const counted = { hits: [], processingTimeMs: 1, limit: 0, offset: 0 };
      node.answerWith((request) => {
        const list = { hits: [], query: "", processingTimeMs: 1, limit: 20, offset: 0, estimatedTotalHits: 5 };
        if (request.operation !== "federation.count") return answered(node.nodeId, list);
        const { queries } = JSON.parse(sentText(request)) as { readonly queries: readonly { sort?: unknown }[] };
        const isSorted = queries.every(({ sort }) => sort !== undefined);
        return queries.length === 1 || (isSorted && takesSorted)
          ? answered(node.nodeId, { ...counted, estimatedTotalHits: queries.length === 1 ? 5 : 7 })
          : refused(node.nodeId, 400, "invalid_multi_search_query_ranking_rules", "incompatible");
      });
    }
    const own = distinct === undefined ? {} : { distinct };
    const queries = [
      { indexUid: "films", q: "a", matchingStrategy: "all", ...own },
      { indexUid: "films", q: "b", ...own },
    ];
    return (await ask({ queries, federation }, fleet)).body["estimatedTotalHits"];
  };
  expect([await counts(true, {}), await counts(false, {})]).toEqual([14, 20]);
  const none = { limit: 0 };
  expect([await counts(true, none, "brand"), await counts(false, none, "brand")]).toEqual([14, 20]);
});
