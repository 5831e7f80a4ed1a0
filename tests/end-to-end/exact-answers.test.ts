/**
 * What one node cannot know of the documents of others, on the real engine: fields it has never seen, words that are
 * rarer elsewhere, values that another node has shown already, and places among values of several kinds.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generateIndex } from "../differential/generated-run.ts";
import type { DifferentialRequest } from "../differential/request.ts";
import { runDifferential, type DifferentialReport } from "../differential/run.ts";
import { load, startWorld, type World } from "../differential/world.ts";
import { realEnginePath } from "../support/nodes.ts";

const SEED = Number(process.env["MIROIR_SEED"] ?? 20_261_130);
const INDEX = "exact";
const SEARCH = `/indexes/${INDEX}/search`;
const LIST = `/indexes/${INDEX}/documents/fetch`;

/** One document in twelve has a field that most nodes never see; coordinates and sizes come in several kinds. */
const documents = Array.from({ length: 36 }, (_unused, id) => ({
  id,
  title: ["red house", "the red river", "the old town", "the"][id % 4],
  brand: ["Acme", "acme", "Globex", "8", 8, null, ["Acme", "Initech"], "Initech"][id % 8],
  ...(id % 4 === 1 ? { size: [7, "7", "x", [3, "b"], 12, ["9", 9]][((id / 4) % 6) | 0] } : { size: id }),
  ...(id === 5 ? { rare: "yes" } : {}),
  ...(id % 5 === 2 ? { "maker.town": id % 2 === 0 ? "Leeds" : "Graz" } : {}),
  ...(id % 5 === 3 ? { maker: { town: ["Graz", "Turin", "Leeds", null][id % 4], since: id } } : {}),
  ...(id % 18 === 3 ? { _geo: { lat: id === 3 ? "48.5" : 47.25, lng: 9 + id / 10 } } : {}),
}));
const settings = {
  filterableAttributes: ["id", "title", "brand", "size", "rare", "nowhere", "maker.town", "_geo"],
  sortableAttributes: ["size", "id", "_geo"],
};

let world: World;
beforeAll(async () => {
  console.log(`exact answers seed ${SEED}`);
  world = await startWorld({ nodes: 3, replicationFactor: 1 });
  const writes: DifferentialRequest[] = [
    { method: "POST", path: "/indexes", body: { uid: INDEX, primaryKey: "id" } },
    { method: "PATCH", path: `/indexes/${INDEX}/settings`, body: settings },
    { method: "POST", path: `/indexes/${INDEX}/documents`, body: documents },
  ];
  expect(await load(world, writes)).toEqual([]);
}, 120_000);
afterAll(() => world.stop());

const post = (path: string, body: object): DifferentialRequest => ({ method: "POST", path, body });

async function expectTheSame(requests: readonly DifferentialRequest[]): Promise<DifferentialReport> {
  const report = await runDifferential(world, requests);
  expect(report.first_differences).toEqual([]);
  expect(report.equal + report.errors_equal).toBe(requests.length);
  return report;
}

describe("a field that some nodes have never seen", () => {
  const filters = ["rare != yes", "NOT rare != yes", ["id < 20", ["rare != no", "rare = yes"]], "nowhere != yes"];

  test("is unequal to any value in searches, lists, multi-searches and federations, if anybody has seen it", async () => {
    const queries = filters.map((filter) => ({ indexUid: INDEX, filter, facets: ["rare", "brand"] }));
    await expectTheSame([
      ...filters.flatMap((filter) => [
        post(SEARCH, { filter, facets: ["rare"], limit: 50 }),
        post(LIST, { filter, limit: 50 }),
        { method: "GET", path: `${SEARCH}?filter=${encodeURIComponent(JSON.stringify(filter))}` },
      ]),
      post("/multi-search", { queries }),
      post("/multi-search", { federation: {}, queries: queries.map(({ indexUid, filter }) => ({ indexUid, filter })) }),
    ]);
  });

  test("keeps its empty facet where a filter limits the search to other documents", async () => {
    await expectTheSame([post(SEARCH, { filter: "id = 6", facets: ["*"] })]);
  });

  test("is unequal to any value for a tenant whose token says so", async () => {
    // Tokens are the engine's; a development node has none.
    if (realEnginePath() === null || process.env["MIROIR_TEST_ENGINE"] === "devnode") return;
    await expectTheSame([
      { ...post(SEARCH, { limit: 50 }), searchRules: { "*": { filter: "rare != yes" } } },
      {
        ...post(SEARCH, { filter: "_geoPolygon([1, 2], [3, 4], [5, 6])" }),
        searchRules: { "*": { filter: "id > 3" } },
      },
    ]);
  });

  test("decides what a deletion by filter deletes, on every copy", async () => {
    const filter = ["id IN [30, 31, 32, 33]", "rare != yes"];
    const remove: DifferentialRequest = post(`/indexes/${INDEX}/documents/delete`, { filter });
    expect(await load(world, [remove])).toEqual([]);
    await expectTheSame([post(LIST, { limit: 50 })]);
    const back = documents.filter(({ id }) => id >= 30 && id < 34);
    expect(await load(world, [post(`/indexes/${INDEX}/documents`, back)])).toEqual([]);
  });
});

test("a filter that cannot be read is told before the index that does not exist", async () => {
  const path = "/indexes/no_such_index/search";
  await expectTheSame([
    post(path, { filter: "a = " }),
    post(path, { filter: "a = 1" }),
    { method: "GET", path: `${path}?filter=a%20%3D` },
    post("/multi-search", { queries: [{ indexUid: "no_such_index", filter: "a = " }] }),
    post("/multi-search", { queries: [{ indexUid: "no_such_index", filter: "a = " }], federation: {} }),
  ]);
});

test("lists are sorted by numbers, texts and lists of both, and by coordinates that are texts or unknown to a node", async () => {
  const sorts = [["size:asc"], ["size:desc"], ["_geoPoint(48, 9):asc", "size:desc"], ["_geoPoint(48, 9):desc"]];
  const pages = [{}, { offset: 7, limit: 9 }, ...[["id"], ["id", "*"]].map((fields) => ({ limit: 60, fields }))];
  await expectTheSame(
    sorts.flatMap((sort) =>
      pages.filter((page) => !("offset" in page) || sort.length === 1).map((page) => post(LIST, { sort, ...page })),
    ),
  );
});

test("facets count numbers and texts that look like them as one engine does", async () => {
  await expectTheSame([
    post(SEARCH, { facets: ["size", "brand"] }),
    post(SEARCH, { q: "red", facets: ["size", "brand"] }),
    post(SEARCH, { filter: "id > 7", facets: ["size"] }),
  ]);
});

test("a field whose name has a dot shares its values with one inside an object, and shows only where it is asked for", async () => {
  const shown = [["maker"], ["id"], ["maker.since"], ["maker", "title"], ["maker.town"], ["maker", "maker.town"]];
  const marked = [{}, { attributesToHighlight: ["maker"] }, { attributesToHighlight: ["*"] }];
  const requests = shown.flatMap((attributesToRetrieve) =>
    marked.flatMap((marks) => [
      post(SEARCH, { distinct: "maker.town", attributesToRetrieve, ...marks, limit: 60 }),
      post(SEARCH, { q: "leeds", distinct: "maker.town", attributesToRetrieve, ...marks, limit: 3 }),
    ]),
  );
  await expectTheSame(requests);
});

test("one document per value is shown and counted, numbers apart from texts that look like them", async () => {
  const queries = ["", "red", "the", "river town"];
  const pages = [{}, { limit: 1 }, { offset: 2, limit: 3 }, { page: 1, hitsPerPage: 2 }, { page: 2, hitsPerPage: 4 }];
  const requests = queries.flatMap((q) =>
    pages.flatMap((page) => [
      post(SEARCH, { q, distinct: "brand", filter: "id < 100", ...page }),
      post(SEARCH, { q, distinct: "title", filter: "id > 2", ...page }),
    ]),
  );
  const { first_differences, equal } = await runDifferential(world, requests);
  // The attribute has lists, of which totals are an estimate (docs/differences.md); hits never are.
  const others = first_differences.filter(({ verdict }) => verdict !== "distinct_estimate");
  expect(others).toEqual([]);
  expect(equal).toBeGreaterThan(requests.length * 0.6);
});

test("what is below a distinct attribute is a facet if it was asked for, and only then", async () => {
  const uid = "nested";
  const nestedSettings = {
    filterableAttributes: ["id", "title", "a"],
    faceting: { sortFacetValuesBy: { "a.c.d": "count" } },
  };
  const nested = documents.map(({ id, title }) => ({
    id,
    title,
    a: id % 3 === 0 ? `value ${id}` : { b: id % 4, c: { d: title } },
  }));
  const writes: DifferentialRequest[] = [
    { method: "POST", path: "/indexes", body: { uid, primaryKey: "id" } },
    { method: "PATCH", path: `/indexes/${uid}/settings`, body: nestedSettings },
    { method: "POST", path: `/indexes/${uid}/documents`, body: nested },
  ];
  expect(await load(world, writes)).toEqual([]);
  const asked = [["title"], ["a"], ["a.b"], ["a.c"], ["a.*"], ["a.c.d", "title"], ["*"]];
  const queries = [
    { indexUid: uid, q: "red" },
    { indexUid: uid, filter: "id > 9" },
  ];
  // Merged facets are in the order of the index where they were asked for by their own name, and only there.
  const mergeFacets = { maxValuesPerFacet: 3 };
  await expectTheSame([
    ...asked.map((facets) =>
      post("/multi-search", { queries, federation: { facetsByIndex: { [uid]: facets }, mergeFacets } }),
    ),
    // Documents with one `b` are alike in all that `a` has.
    post(`/indexes/${uid}/search`, { page: 1, hitsPerPage: 2, distinct: "a.b", facets: ["a"] }),
    ...asked.flatMap((facets) => [
      post(`/indexes/${uid}/search`, { page: 1, hitsPerPage: 2, distinct: "a", facets }),
      post("/multi-search", {
        queries,
        federation: { page: 1, hitsPerPage: 2, distinct: "a", facetsByIndex: { [uid]: facets } },
      }),
    ]),
  ]);
}, 60_000);

test("a federation that searches by words and by meaning counts every document once", async () => {
  const uid = "meaning";
  const embedders = { own: { source: "userProvided", dimensions: 2 } };
  const placed = documents.map((document) => {
    const angle = document.id / 6;
    return { ...document, _vectors: { own: document.id % 5 === 0 ? null : [Math.cos(angle), Math.sin(angle)] } };
  });
  const writes: DifferentialRequest[] = [
    { method: "POST", path: "/indexes", body: { uid, primaryKey: "id" } },
    { method: "PATCH", path: `/indexes/${uid}/settings`, body: { ...settings, embedders } },
    post(`/indexes/${uid}/documents`, placed),
  ];
  expect(await load(world, writes)).toEqual([]);
  const hybrid = (semanticRatio: number): object => ({ vector: [1, 0.5], hybrid: { embedder: "own", semanticRatio } });
  const words = { indexUid: uid, q: "river" };
  const federations = [0.2, 0.5, 1].flatMap((ratio) =>
    [
      {},
      { rankingScoreThreshold: 0.9 },
      { rankingScoreThreshold: 0.97 },
      { distinct: "title" },
      { distinct: "title", rankingScoreThreshold: 0.9 },
      { attributesToSearchOn: ["title"] },
      { filter: "id < 20" },
    ].map((more) => ({
      queries: [words, { ...words, q: "old house", ...hybrid(ratio), ...more }],
    })),
  );
  await expectTheSame(
    [{ limit: 5 }, { limit: 9 }, { limit: 14 }, { offset: 3, limit: 50 }].flatMap((federation) =>
      federations.map((one) => post("/multi-search", { ...one, federation })),
    ),
  );
}, 60_000);

test("a refused search by words and meaning tells of hidden attributes as one node does", async () => {
  const uid = "hidden";
  const writes: DifferentialRequest[] = [
    { method: "POST", path: "/indexes", body: { uid, primaryKey: "id" } },
    {
      method: "PATCH",
      path: `/indexes/${uid}/settings`,
      body: {
        displayedAttributes: ["id", "title"],
        searchableAttributes: ["title", "brand"],
        filterableAttributes: ["id", "size"],
        embedders: { own: { source: "userProvided", dimensions: 2 } },
      },
    },
    post(
      `/indexes/${uid}/documents`,
      documents.map((document) => ({ ...document, _vectors: { own: [1, document.id] } })),
    ),
  ];
  expect(await load(world, writes)).toEqual([]);
  const meaning = { q: "red", vector: [1, 0.5], hybrid: { embedder: "own", semanticRatio: 0.5 } };
  const { equal } = await expectTheSame([
    ...[{ attributesToSearchOn: ["size"] }, { distinct: "brand" }, { facets: ["brand"] }].flatMap((wrong) => [
      post(`/indexes/${uid}/search`, { ...meaning, ...wrong }),
      post(`/indexes/${uid}/search`, { ...meaning, distinct: "id", ...wrong }),
    ]),
    post("/multi-search", {
      queries: [{ indexUid: INDEX, q: "red" }],
      federation: { facetsByIndex: { [uid]: ["brand"] } },
    }),
    // Of several faults a node says which comes first.
    post("/multi-search", {
      queries: [
        { indexUid: uid, ...meaning, attributesToSearchOn: ["size"] },
        { indexUid: uid, q: "red", attributesToSearchOn: ["rare"] },
      ],
      federation: {},
    }),
  ]);
  expect(equal).toBe(0);
}, 60_000);

test("the words of a search by frequency are dropped in the order of all shards", async () => {
  const generated = generateIndex({
    seed: SEED,
    settings: 0,
    documents: 300,
    requests: 260,
    kinds: new Set(["search"]),
    reuseIds: false,
  });
  expect(await load(world, generated.setup)).toEqual([]);
  const several = generated.requests.flatMap(({ method, path, body }) => {
    const q = (body as { readonly q?: unknown } | undefined)?.q;
    if (method !== "POST" || typeof q !== "string" || !/\S\s+\S/.test(q)) return [];
    return [post(path, { ...(body as object), facets: null, matchingStrategy: "frequency" })];
  });
  const requests = several.slice(0, 80);
  const report = await runDifferential(world, requests);
  console.log(`frequency: ${JSON.stringify({ ...report, first_differences: undefined })}`);
  expect(report.first_differences.filter(({ verdict }) => verdict === "different")).toEqual([]);
  expect(report.equal + report.errors_equal).toBeGreaterThanOrEqual(requests.length * 0.9);
}, 120_000);
