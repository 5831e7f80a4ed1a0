/** What a naive router in front of several nodes gets wrong about requests that read, one trap after the other. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { signToken } from "../http/tokens.ts";
import { waitForEnd } from "../support/miroir.ts";
import { nodeRequest, realEnginePath } from "../support/nodes.ts";
import { idsOf, startTrapScene, type TrapScene } from "../support/trap-scene.ts";

let scene: TrapScene;
beforeAll(async () => {
  scene = await startTrapScene();
}, 180_000);
afterAll(() => scene.stop());

const vector = [0.3, 0.8, 0.4];

test("trap 26: what an attribute cannot be used for is judged by the settings, not by what a shard has seen", async () => {
  for (const body of [
    { sort: ["overview:asc"] },
    { facets: ["overview"] },
    { q: "x", attributesToSearchOn: ["genre"] },
    { filter: "overview = x" },
    { distinct: "overview" },
    { facets: ["nowhere"] },
  ]) {
    expect((await scene.search(body)).status).toBe(400);
  }
});

test("trap 27: a missing index is 404 for a search and 400 inside a multi-search", async () => {
  expect((await scene.search({}, "nowhere")).status).toBe(404);
  const queries = [{ indexUid: "films" }, { indexUid: "nowhere" }];
  expect((await scene.same("POST", "/multi-search", { queries })).status).toBe(400);
  if (realEnginePath() !== null) {
    expect((await scene.same("POST", "/multi-search", { queries, federation: {} })).status).toBe(400);
  }
  expect((await scene.same("POST", "/indexes/nowhere/facet-search", { facetName: "x" })).status).toBe(404);
  expect((await scene.same("POST", "/indexes/nowhere/similar", { id: 1, embedder: "own" })).status).toBe(404);
});

test("trap 28: a filter in a query string is JSON if it can be, and stays in its brackets", async () => {
  for (const filter of [
    '["genre = drama","year > 2000"]',
    "genre = drama OR genre = war",
    '"genre = war"',
    '["genre = drama",',
    "7",
  ]) {
    await scene.same("GET", `/indexes/films/search?limit=60&filter=${encodeURIComponent(filter)}`);
  }
});

test("trap 45: the order and repetition of ids in a request for documents mean nothing", async () => {
  const answer = await scene.same("POST", "/indexes/films/documents/fetch", { ids: [13, 0, 37, 13, 999] });
  expect(idsOf(answer)).toEqual([0, 37, 13]);
  expect(answer.body.total).toBe(3);
});

test("trap 46: documents are read whole, whatever is displayed, and without a marker", async () => {
  const { body } = await scene.same("GET", "/indexes/hidden/documents/13");
  expect(body).toHaveProperty("genre");
  expect((await scene.search({ filter: undefined, limit: 1 }, "hidden")).body.hits[0]).not.toHaveProperty("genre");
  await scene.same("GET", "/indexes/hidden/documents?limit=3");
  await scene.same("POST", "/indexes/hidden/documents/fetch", { fields: ["_miroir_seq", "id"], limit: 2 });
});

test("trap 48: no number and no beginning of one is found because of a marker", async () => {
  for (const q of ["0", "1", "2", "16", "17", "†", "‡", "miroir"]) await scene.search({ q, limit: 60 });
});

test("trap 49: a setting that would turn markers into words is refused, and others do no harm", async () => {
  const path = "/indexes/hidden/settings";
  const refused = await scene.world.miroir.request("PATCH", path, { nonSeparatorTokens: ["†"] });
  expect([refused.status, refused.body.code]).toEqual([400, "miroir_reserved_setting"]);
  for (const side of [scene.world.single, scene.world.miroir]) {
    const { body } = await nodeRequest(side, "PATCH", path, { nonSeparatorTokens: ["-", "#"] });
    expect((await waitForEnd(side, body.taskUid)).status).toBe("succeeded");
  }
  for (const q of ["-", "#", "†", "golden-title"]) await scene.search({ q }, "hidden");
});

test("trap 51: the filter of a tenant token holds for facet search and similar documents too", async () => {
  const { body } = await scene.world.miroir.request("GET", "/keys");
  const parent = (body.results as readonly { name: string; uid: string; key: string }[]).find(
    ({ name }) => name === "Default Search API Key",
  )!;
  const single = await nodeRequest(scene.world.single, "GET", "/keys");
  const other = (single.body.results as (typeof parent)[]).find(({ name }) => name === parent.name)!;
  const ask = async (path: string, request: object): Promise<void> => {
    const answers = await Promise.all(
      (
        [
          ["single", other],
          ["miroir", parent],
        ] as const
      ).map(([side, key]) => {
        const claims = { apiKeyUid: key.uid, searchRules: { films: { filter: "genre = drama" } } };
        const authorization = `Bearer ${signToken({ claims, secret: key.key })}`;
        return nodeRequest(scene.world[side], "POST", path, request, { authorization });
      }),
    );
    const [left, right] = answers.map(({ status, body: answer }) => ({ status, ...answer, processingTimeMs: 0 }));
    expect([path, right]).toEqual([path, left]);
  };
  await ask("/indexes/films/facet-search", { facetName: "genre" });
  await ask("/indexes/films/facet-search", { facetName: "series", filter: "year > 2000", facetQuery: "s1" });
  await ask("/indexes/films/similar", { id: 0, embedder: "own" });
  await ask("/indexes/films/similar", { id: 0, embedder: "own", filter: "year > 2000" });
  // Of another genre, and so not there for this tenant.
  await ask("/indexes/films/similar", { id: 50, embedder: "own" });
  await ask("/indexes/hidden/similar", { id: 0, embedder: "own" });
  await ask("/indexes/hidden/facet-search", { facetName: "genre" });
});

test("trap 61: nodes are not let into a network of their own, and what needs other features is refused", async () => {
  for (const body of [{ useNetwork: true }, { useNetwork: false }, { personalize: { userContext: "x" } }]) {
    expect((await scene.search({ q: "golden", ...body })).body.code).toBe("feature_not_enabled");
  }
  const facets = { facetName: "genre", useNetwork: false };
  expect((await scene.same("POST", "/indexes/films/facet-search", facets)).body.code).toBe("feature_not_enabled");
  for (const body of [
    { media: { a: 1 } },
    { media: { a: 1 }, hybrid: { embedder: "own" } },
    { media: { a: 1 }, vector, hybrid: { embedder: "own" } },
  ]) {
    expect((await scene.search({ q: "golden", ...body })).status).toBe(400);
  }
});

test("trap 62: a filter on `_shard` is what it is on a single node", async () => {
  for (const filter of ['_shard = "x"', '_shard != "a"', '_shard IN ["a"]']) {
    expect((await scene.search({ filter })).status).toBe(400);
  }
});

test("trap 71: numbers come back as they were written", async () => {
  const { text } = await scene.search({ q: "exact" });
  expect(text).toContain('"big":9007199254740993');
  expect(text).toContain('"float":1.0');
  expect((await scene.same("GET", "/indexes/films/documents/101")).text).toContain('"big":9007199254740993');
});
