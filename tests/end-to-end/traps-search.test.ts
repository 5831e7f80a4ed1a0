/** What a naive router in front of several nodes gets wrong about searches, one trap after the other, against one node. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { nodeRequest, realEnginePath } from "../support/nodes.ts";
import { idsOf, startTrapScene, type TrapScene } from "../support/trap-scene.ts";

let scene: TrapScene;
beforeAll(async () => {
  scene = await startTrapScene();
}, 180_000);
afterAll(() => scene.stop());

const withEngine = test.skipIf(realEnginePath() === null);
const near = { lat: 45, lng: 5 };
const byDistance = (direction: string): string => `_geoPoint(${near.lat}, ${near.lng}):${direction}`;
const vector = [0.3, 0.8, 0.4];

describe("order", () => {
  test("trap 1: documents that tie on every rule stand in the order of their insertion, also after a replacement", async () => {
    const answer = await scene.search({ q: "the same golden title", limit: 20 });
    expect(idsOf(answer).slice(0, 4)).toEqual([0, 37, 13, 50]);
  });

  test("trap 2: the hidden last rule shows neither in settings nor in details nor in facets", async () => {
    await scene.same("GET", "/indexes/films/settings");
    await scene.search({ q: "golden", showRankingScoreDetails: true, facets: ["*"], limit: 3 });
  });

  test("trap 3: a search for nothing and a list of documents stand in insertion order", async () => {
    expect(idsOf(await scene.search({ limit: 4 }))).toEqual([0, 37, 13, 50]);
    expect(idsOf(await scene.same("GET", "/indexes/films/documents?limit=4"))).toEqual([0, 37, 13, 50]);
  });

  test("trap 7 and 8: raw counts decide and no score, whose denominator depends on the words of a shard", async () => {
    const ids = async (side: "single" | "miroir"): Promise<readonly unknown[]> =>
      idsOf(
        await nodeRequest(scene.world[side], "POST", "/indexes/films/search", { q: "goldn bridge quiet", limit: 60 }),
      );
    expect(await ids("miroir")).toEqual(await ids("single"));
  });

  test("trap 9: a sort by a hidden attribute is merged right and stays hidden", async () => {
    const { text } = await scene.search({ sort: ["year:desc"], showRankingScoreDetails: true }, "hidden");
    expect(text).toContain("<hidden-rule-");
  });

  test("trap 10: numbers stand before texts and what has neither last, in both directions", async () => {
    for (const direction of ["asc", "desc"]) await scene.search({ sort: [`year:${direction}`], limit: 60 });
  });

  withEngine(
    "trap 11: a federation by distance has the nearest first; the farthest first is as on one node",
    async () => {
      const queries = (direction: string): object => ({
        queries: ["films", "short"].map((indexUid) => ({
          indexUid,
          sort: [byDistance(direction)],
          showRankingScoreDetails: true,
        })),
        federation: { limit: 8 },
      });
      await scene.same("POST", "/multi-search", queries("desc"));
      const { body } = await nodeRequest(scene.world.miroir, "POST", "/multi-search", queries("asc"));
      const distances = body.hits.map((hit: { _geoDistance: number }) => hit._geoDistance) as readonly number[];
      expect(distances).toEqual(distances.toSorted((a, b) => a - b));
      expect(distances[0]).toBe(0);
    },
  );

  test("trap 12: points within a metre are equal, and the next criterion orders them", async () => {
    const first = await scene.search({ sort: [byDistance("asc"), "title:asc"], limit: 5 });
    const second = await scene.search({ sort: [byDistance("asc"), "year:desc"], limit: 5 });
    expect(new Set(idsOf(first).slice(0, 2))).toEqual(new Set(idsOf(second).slice(0, 2)));
  });

  test("trap 15: the words of a frequency search are dropped in one order over all shards", async () => {
    await scene.search({ q: "river quiet golden", matchingStrategy: "frequency", limit: 60 });
  });

  test("trap 71b: hits are the same objects, whatever the order in which their fields are printed", async () => {
    const answer = await scene.search({ q: "exact" });
    expect(answer.body.hits[0]).toMatchObject({ id: 101, "7": "seven", b: 1, a: 2 });
  });
});

describe("pages and totals", () => {
  test("trap 4: the estimate is not limited by what can be paged", async () => {
    expect((await scene.search({ limit: 3 }, "short")).body.estimatedTotalHits).toBe(60);
  });

  test("trap 5: a deep page is that of one node, and ends where paging ends", async () => {
    await scene.search({ q: "river", offset: 40, limit: 10 });
    expect((await scene.search({ offset: 3, limit: 10 }, "short")).body.hits).toHaveLength(2);
    expect((await scene.search({ offset: 6, limit: 10 }, "short")).body.hits).toEqual([]);
  });

  test("trap 6: page 0 and no hits per page are legal", async () => {
    for (const paging of [{ page: 0 }, { hitsPerPage: 0 }, { page: 0, hitsPerPage: 0 }, { page: 2, hitsPerPage: 0 }]) {
      expect((await scene.search({ q: "river", ...paging })).body.hits).toEqual([]);
    }
  });

  test("trap 17: each value of a distinct attribute is shown once and counted once", async () => {
    const { body } = await scene.search({ distinct: "series", page: 1, hitsPerPage: 40 });
    expect(body.totalHits).toBe(26);
    await scene.search({ q: "golden", distinct: "series", limit: 10, facets: ["genre"] });
  });
});

describe("vectors", () => {
  test("trap 18: what words settle and what vectors decide is decided over all shards", async () => {
    for (const semanticRatio of [0.1, 0.5, 0.9]) {
      await scene.search({ q: "golden bridge", vector, hybrid: { embedder: "own", semanticRatio }, limit: 10 });
    }
  });

  test("trap 19: semantic hits are counted on the page that the client sees", async () => {
    const hybrid = { embedder: "own", semanticRatio: 0.6 };
    const { body } = await scene.search({ q: "golden", vector, hybrid, offset: 5, limit: 10 });
    expect(body.semanticHitCount).toBeGreaterThan(0);
  });

  test("trap 20: where words and vector are equally good, the vector's hit goes first", async () => {
    const hybrid = { embedder: "own", semanticRatio: 0.5 };
    await scene.search({ q: "exact", vector: [0, 1, 0], hybrid, limit: 3, showRankingScoreDetails: true });
  });

  test("trap 60: the vector of the query is told to whoever retrieves vectors; times and request id are the router's", async () => {
    const body = { vector, hybrid: { embedder: "own", semanticRatio: 1 }, limit: 2 };
    expect((await scene.search(body)).body).not.toHaveProperty("queryVector");
    const shown = await scene.search({ ...body, retrieveVectors: true });
    expect(shown.body.queryVector).toHaveLength(3);
    expect(shown.body.processingTimeMs).toBeNumber();
    const again = await scene.search({ ...body, retrieveVectors: true });
    expect(shown.body.requestUid).toMatch(/^[0-9a-f-]{36}$/);
    expect(again.body.requestUid).not.toBe(shown.body.requestUid);
  });

  test("trap 67: similar documents come from all shards, not from the owner's alone", async () => {
    const { body } = await scene.same("POST", "/indexes/films/similar", {
      id: 13,
      embedder: "own",
      showRankingScore: true,
    });
    expect(body.hits).toHaveLength(20);
    await scene.same("GET", "/indexes/films/similar?id=13&embedder=own&limit=3&showRankingScoreDetails=true");
  });
});

describe("facets", () => {
  test("trap 21: counts are those of all shards although the list is cut", async () => {
    const { body } = await scene.search({ facets: ["genre", "numbers"] }, "short");
    expect(Object.keys(body.facetDistribution.genre)).toHaveLength(3);
    expect(Object.values(body.facetDistribution.genre)).toEqual([20, 30, 10]);
  });

  test("trap 22: values that differ in case are one, spelled as in the first document", async () => {
    const { body } = await scene.search({ facets: ["genre"] });
    expect(body.facetDistribution.genre).toEqual({ comedy: 20, Drama: 30, war: 10 });
    await scene.same("POST", "/indexes/films/facet-search", { facetName: "genre", facetQuery: "dra" });
  });

  test("trap 23: few numbers are listed as texts, 10 before 9", async () => {
    const { text } = await scene.search({ facets: ["numbers"] });
    expect(text.indexOf('"10":')).toBeLessThan(text.indexOf('"9":'));
  });

  test("trap 24: a field that one shard alone has seen is a field of the index", async () => {
    const { body } = await scene.search({ facets: ["rare"], filter: "genre = war" });
    expect(body.facetDistribution).toHaveProperty("rare");
    expect((await scene.search({ filter: 'rare = "only here"' })).body.hits).toHaveLength(1);
    expect((await scene.search({ q: "only", attributesToSearchOn: ["rare"] })).body.hits).toHaveLength(1);
    await scene.search({ filter: "rare != 1" });
  });

  test("trap 25: the range of a facet is that of all shards", async () => {
    const { body } = await scene.search({ facets: ["year", "numbers"] });
    expect(body.facetStats.numbers).toEqual({ min: 0, max: 12 });
  });

  test("trap 29: a facet search ignores what it does not know, and a search does not", async () => {
    const body = { facetName: "genre", facetQuery: "c", nonsense: true, limit: "many" };
    expect((await scene.same("POST", "/indexes/films/facet-search", body)).status).toBe(200);
    expect((await scene.search({ nonsense: true })).status).toBe(400);
  });
});
