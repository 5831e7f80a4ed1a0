/** What a search may ask for besides documents, one option after the other, against one node. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { nodeRequest, realEnginePath } from "../support/nodes.ts";
import { idsOf, startTrapScene, type TrapScene } from "../support/trap-scene.ts";

let scene: TrapScene;
beforeAll(async () => {
  scene = await startTrapScene();
}, 180_000);
afterAll(() => scene.stop());

const withEngine = test.skipIf(realEnginePath() === null);
interface Formatted {
  readonly _formatted?: object;
}

const vector = [0.3, 0.8, 0.4];
const metadata = { "meili-include-metadata": "true" };

describe("one search", () => {
  test("in the languages it names, which have to be known ones", async () => {
    await scene.search({ q: "the same golden title", locales: ["eng", "fra"], limit: 30 });
    await scene.search({ q: "golden", locales: [], limit: 3 });
    expect((await scene.search({ q: "golden", locales: ["klingon"] })).body.code).toBe("invalid_search_locales");
    await scene.same("GET", "/indexes/films/search?q=golden&locales=eng&limit=3");
  });

  test("tells where its words stand, and marks and cuts what is displayed and nothing else", async () => {
    const shown = { attributesToHighlight: ["*"], attributesToCrop: ["overview:4"], showMatchesPosition: true };
    expect((await scene.search({ q: "river bridge", ...shown, limit: 30 })).body.hits[0]).toHaveProperty(
      "_matchesPosition",
    );
    const hidden = await scene.search({ q: "golden", ...shown, limit: 5 }, "hidden");
    expect(Object.keys(hidden.body.hits[0]._formatted).toSorted()).toEqual(["id", "title"]);
  });

  test("shows a hidden attribute that tells documents apart nowhere, whatever is marked", async () => {
    for (const marks of [{}, { attributesToHighlight: ["*"] }, { attributesToCrop: ["*:3"] }]) {
      const { body } = await scene.search({ distinct: "series", ...marks, limit: 30 }, "hidden");
      const shown = (body.hits as readonly object[]).map(({ _formatted = {}, ...hit }: Formatted) => ({
        ..._formatted,
        ...hit,
      }));
      expect([...new Set(shown.flatMap(Object.keys))].toSorted()).toEqual(["id", "title"]);
    }
  });

  test("brings vectors only to whoever asks, also where attributes are chosen", async () => {
    const asked = { vector, hybrid: { embedder: "own", semanticRatio: 1 }, limit: 4, attributesToRetrieve: ["id"] };
    expect((await scene.search(asked)).body.hits[0]).toEqual({ id: expect.anything() });
    expect((await scene.search({ ...asked, retrieveVectors: true })).body.hits[0]._vectors.own.embeddings).toHaveLength(
      1,
    );
  });

  test("shows a hidden sort rule as hidden, and the attributes that are displayed", async () => {
    const { body } = await scene.search(
      { q: "golden", sort: ["year:desc"], showRankingScoreDetails: true, limit: 30 },
      "hidden",
    );
    expect(Object.keys(body.hits[0]).toSorted()).toEqual(["_rankingScoreDetails", "id", "title"]);
  });

  withEngine("tells the steps of the work, the time, and a request id of its own", async () => {
    const { body } = await scene.search({ q: "golden", showPerformanceDetails: true, limit: 1 });
    expect(Object.keys(body.performanceDetails).length).toBeGreaterThan(0);
    for (const duration of Object.values(body.performanceDetails))
      expect(String(duration)).toMatch(/^[\d.]+(?:ns|µs|ms|s)$/);
    expect(body.processingTimeMs).toBeNumber();
    expect((await scene.search({ q: "golden", limit: 1 })).body).not.toHaveProperty("performanceDetails");
  });

  test("carries metadata where the header asks for it", async () => {
    const answer = await scene.same("POST", "/indexes/films/search", { q: "golden", limit: 1 }, metadata);
    expect(answer.body.metadata).toMatchObject({ indexUid: "films", primaryKey: "id", query: "golden" });
    expect(answer.body.metadata.queryUid).toMatch(/^[0-9a-f-]{36}$/);
    expect((await scene.search({ limit: 1 })).body).not.toHaveProperty("metadata");
    for (const [value, carried] of [
      ["TRUE", true],
      ["1", true],
      ["yes", false],
      [" true ", true],
    ] as const) {
      const header = { "meili-include-metadata": value };
      const { body } = await scene.same("POST", "/indexes/films/search", { q: "golden", limit: 1 }, header);
      expect([value, "metadata" in body]).toEqual([value, carried]);
    }
  });
});

describe("several searches", () => {
  test("stand in the order of the request, each with its own options", async () => {
    const queries = [
      { indexUid: "hidden", q: "golden", page: 2, hitsPerPage: 3 },
      { indexUid: "films", q: "river", facets: ["genre"], limit: 2, showPerformanceDetails: true },
      { indexUid: "films", vector, hybrid: { embedder: "own" }, retrieveVectors: true, limit: 1 },
    ];
    const { body } = await scene.same("POST", "/multi-search", { queries }, metadata);
    expect(body.results.map((one: { indexUid: string }) => one.indexUid)).toEqual(["hidden", "films", "films"]);
    expect(body.results[2].queryVector).toHaveLength(3);
    expect((await scene.same("POST", "/multi-search", { queries: [] })).body).toEqual({ results: [] });
  });

  test("are wrong at a place, which is told", async () => {
    for (const query of [
      { indexUid: "films", limit: "x" },
      { indexUid: "films", q: "x", nonsense: 1 },
      { q: "no index" },
      { indexUid: "a b" },
      { indexUid: "films", filter: "overview = x" },
      { indexUid: "films", sort: ["overview:asc"] },
      { indexUid: "films", q: "x", hybrid: { embedder: "none" } },
      { indexUid: "films", useNetwork: true },
      { indexUid: "films", personalize: { userContext: "x" } },
      { indexUid: "films", federationOptions: { weight: 1 } },
    ]) {
      expect((await scene.same("POST", "/multi-search", { queries: [{ indexUid: "films" }, query] })).status).toBe(400);
    }
  });

  withEngine("federated, are weighted, paged, faceted and told apart as on one node", async () => {
    const queries = [
      { indexUid: "films", q: "golden river", federationOptions: { weight: 0.4 }, showRankingScore: true },
      { indexUid: "short", q: "golden" },
      { indexUid: "films", q: "bridge", filter: "genre = drama" },
    ];
    const facetsByIndex = { films: ["genre", "numbers"], short: ["genre"] };
    for (const federation of [
      {},
      { limit: 7, offset: 3 },
      { page: 2, hitsPerPage: 5 },
      { page: 0 },
      { hitsPerPage: 0 },
      { facetsByIndex },
      { facetsByIndex, mergeFacets: {} },
      { facetsByIndex, mergeFacets: { maxValuesPerFacet: 2 } },
      { showPerformanceDetails: true, limit: 2 },
    ]) {
      const { body } = await scene.same("POST", "/multi-search", { queries, federation }, metadata);
      expect(body.metadata).toHaveLength(3);
    }
    const distinct = await scene.same("POST", "/multi-search", {
      queries: queries.slice(0, 1),
      federation: { distinct: "series" },
    });
    expect(new Set(distinct.body.hits.map((hit: { series: string }) => hit.series)).size).toBe(
      distinct.body.hits.length,
    );
  });

  withEngine("federated, may search by words and meaning", async () => {
    const hybrid = { embedder: "own", semanticRatio: 0.7 };
    const queries = [
      { indexUid: "films", q: "golden", vector, hybrid, retrieveVectors: true },
      { indexUid: "short", q: "bridge", federationOptions: { weight: 0.9 } },
      { indexUid: "films", vector: [1, 0, 0], hybrid: { embedder: "own", semanticRatio: 1 } },
    ];
    const { body } = await scene.same("POST", "/multi-search", { queries, federation: { limit: 15 } });
    expect(body.semanticHitCount).toBeGreaterThan(0);
    expect(Object.keys(body.queryVectors)).toEqual(["0"]);
  });

  withEngine("federated, are refused what does not go together, at its place", async () => {
    const good = { indexUid: "films", q: "x", sort: ["year:desc"] };
    for (const [query, federation] of [
      [{ limit: 3 }, {}],
      [{ page: 1 }, {}],
      [{ facets: ["genre"] }, {}],
      [{ federationOptions: { weight: -1 } }, {}],
      [{ federationOptions: { remote: "x" } }, {}],
      [{ personalize: { userContext: "x" } }, {}],
      [{ useNetwork: true }, {}],
      [{ sort: ["year:asc"] }, {}],
      [{}, { limit: "x" }],
      [{}, { facetsByIndex: { films: ["overview"] } }],
      [{}, { facetsByIndex: { nowhere: ["genre"] } }],
      [{}, { distinct: "overview" }],
      [{}, { personalize: { userContext: "x" } }],
      [{}, { nonsense: 1 }],
    ] as const) {
      const queries = [
        { ...good, sort: ["year:desc"] },
        { ...good, ...query },
      ];
      const { status } = await scene.same("POST", "/multi-search", { queries, federation });
      expect([JSON.stringify([query, federation]), status]).toEqual([JSON.stringify([query, federation]), 400]);
    }
  });

  test("of documents that several find show each once per search", async () => {
    const queries = [1, 2].map(() => ({ indexUid: "films", q: "exact" }));
    const { body } = await nodeRequest(scene.world.miroir, "POST", "/multi-search", { queries });
    expect(body.results.map((result: unknown) => idsOf({ body: result } as never))).toEqual([[101], [101]]);
  });
});
