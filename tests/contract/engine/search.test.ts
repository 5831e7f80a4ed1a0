/** Searching one node: ranking with its raw counts, order of ties, facets, paging, filters, errors. */
import { beforeAll, expect, test } from "bun:test";

import { nodeRequest, runTask } from "../../support/nodes.ts";
import { describeEngines } from "../../support/nodes-engines.ts";

const BOOKS = [
  { id: 1, title: "The sunflower house", genre: "novel", year: 2001, tags: ["a", "b"] },
  { id: 2, title: "A house of sunflowers", genre: "Novel", year: 1990 },
  { id: 3, title: "Moon and sun flower", genre: ["poems", "novel"], year: "1995", price: 1.5 },
  { id: 4, title: "Sunflower", genre: "poems", year: null },
  { id: 5, title: "Garden sunflowr notes", year: 2010, shard: "†‡" },
  { id: 6, title: "Nothing of the kind", genre: "essay", price: 12, where: { lat: 1 } },
];

describeEngines("search", (node) => {
  const search = async (request: unknown): Promise<Awaited<ReturnType<typeof nodeRequest>>["body"]> =>
    (await nodeRequest(node(), "POST", "/indexes/books/search", request)).body;
  const ids = async (request: unknown): Promise<unknown[]> =>
    (await search(request)).hits.map((hit: { id: number }) => hit.id);

  beforeAll(async () => {
    await runTask(node(), "PATCH", "/indexes/books/settings", {
      filterableAttributes: ["genre", "year", "price", "shard", "tags"],
      sortableAttributes: ["year", "price"],
    });
    await runTask(node(), "POST", "/indexes/books/documents", BOOKS);
  }, 60_000);

  test("the details of the ranking are the engine's, count by count", async () => {
    const { hits } = await search({
      q: "sunflower house",
      showRankingScoreDetails: true,
      showRankingScore: true,
      limit: 1,
    });
    expect(hits[0]._rankingScoreDetails).toEqual({
      words: { order: 0, matchingWords: 2, maxMatchingWords: 2, score: 1 },
      typo: { order: 1, typoCount: 0, maxTypoCount: 3, score: 1 },
      proximity: { order: 2, score: 1 },
      attributeRank: { order: 3, score: 1 },
      wordPosition: { order: 4, score: expect.any(Number) },
      exactness: {
        order: 5,
        matchType: "noExactMatch",
        matchingWords: 2,
        maxMatchingWords: 2,
        score: expect.any(Number),
      },
    });
  });

  test("an exact attribute comes first, then words that only begin so or have typos", async () => {
    const { hits } = await search({ q: "sunflower", showRankingScoreDetails: true });
    expect(hits.map((hit: { id: number }) => hit.id)).toEqual([4, 1, 2, 5, 3]);
    expect(hits[0]._rankingScoreDetails.exactness).toEqual({ order: 5, matchType: "exactMatch", score: 1 });
    expect(
      hits.map(
        (hit: { _rankingScoreDetails: { typo: { typoCount: number } } }) => hit._rankingScoreDetails.typo.typoCount,
      ),
    ).toEqual([0, 0, 0, 1, 1]);
  });

  test("a search without words gives all documents in order of arrival", async () => {
    expect(await ids({})).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("strings made of separators are no words, but can be filtered and compared", async () => {
    expect(await ids({ q: "†‡" })).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await ids({ filter: 'shard IN ["†‡", "††"]' })).toEqual([5]);
    expect(await ids({ filter: 'shard "††" TO "†‣"' })).toEqual([5]);
  });

  test("numbers are words too", async () => {
    expect(await ids({ q: "2001" })).toEqual([1]);
    expect(await ids({ q: "12" })).toEqual([6]);
  });

  test("sorting puts numbers before strings and missing values last, both ways", async () => {
    expect(await ids({ sort: ["year:asc"] })).toEqual([2, 1, 5, 3, 4, 6]);
    expect(await ids({ sort: ["year:desc"] })).toEqual([5, 1, 2, 3, 4, 6]);
    const { hits } = await search({ sort: ["year:asc"], showRankingScoreDetails: true });
    expect(hits.map((hit: { _rankingScoreDetails: unknown }) => hit._rankingScoreDetails)).toEqual(
      [1990, 2001, 2010, "1995", null, null].map((value) => ({ "year:asc": { order: 0, value } })),
    );
  });

  test("facets list numbers by their text, then strings in the spelling of the first document", async () => {
    const { facetDistribution, facetStats } = await search({ facets: ["genre", "year", "price"] });
    expect(facetDistribution).toEqual({
      genre: { essay: 1, novel: 3, poems: 2 },
      price: { "1.5": 1, "12": 1 },
      year: { "1990": 1, "1995": 1, "2001": 1, "2010": 1 },
    });
    expect(facetStats).toEqual({ price: { min: 1.5, max: 12 }, year: { min: 1990, max: 2010 } });
  });

  test.each([
    ["genre = NOVEL", [1, 2, 3]],
    ["genre != novel", [4, 5, 6]],
    ["NOT genre = novel AND year EXISTS", [4, 5]],
    ["year > 1990 AND year < 2010", [1, 3]],
    ["year 1990 TO 2001", [1, 2, 3]],
    ["year IS NULL", [4]],
    ["price NOT EXISTS", [1, 2, 4, 5]],
    ["genre IN [poems, essay]", [3, 4, 6]],
    ["genre STARTS WITH po", [3, 4]],
    ["tags = a OR (price >= 12 AND genre = essay)", [1, 6]],
    [
      ["genre = novel", ["year = 2001", "year = 1990"]],
      [1, 2],
    ],
    ["", [1, 2, 3, 4, 5, 6]],
  ])("filter %p", async (filter, expected) => {
    expect(await ids({ filter })).toEqual(expected);
  });

  test.each([
    [{ filter: "title = x" }, "invalid_search_filter"],
    [{ filter: "year = " }, "invalid_search_filter"],
    [{ filter: "genre CONTAINS o" }, "feature_not_enabled"],
    [{ sort: ["title:asc"] }, "invalid_search_sort"],
    [{ facets: ["title"] }, "invalid_search_facets"],
    [{ distinct: "title" }, "invalid_search_distinct"],
    [{ limit: "a" }, "invalid_search_limit"],
    [{ limit: -1 }, "invalid_search_limit"],
    [{ vector: [1] }, "missing_search_hybrid"],
    [{ nope: 1 }, "bad_request"],
  ])("refuses %p", async (request, code) => {
    const answer = await nodeRequest(node(), "POST", "/indexes/books/search", request);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
  });

  test("a filter error says where, in the filter as the engine writes it", async () => {
    const { message } = await search({ filter: ["genre = novel", "title = 'a b'"] });
    expect(message).toBe(
      'Index `books`: Attribute `title` is not filterable. Available filterable attribute patterns are: `genre`, `price`, `shard`, `tags`, `year`.\n27:32 ("genre" = "novel") AND ("title" = "a b")',
    );
  });

  test("both ways of paging, with the numbers of the engine", async () => {
    expect(await search({ limit: 2, offset: 4 })).toMatchObject({ limit: 2, offset: 4, estimatedTotalHits: 6 });
    expect(await search({ page: 2, hitsPerPage: 4 })).toMatchObject({
      page: 2,
      hitsPerPage: 4,
      totalPages: 2,
      totalHits: 6,
    });
    expect(await search({ page: 0 })).toMatchObject({ hits: [], page: 0, totalHits: 6 });
    expect(await search({ hitsPerPage: 0 })).toMatchObject({ hits: [], totalPages: 0, totalHits: 6 });
  });

  test("distinct keeps the first of each value, the threshold what scores enough", async () => {
    expect(await ids({ distinct: "genre" })).toEqual([1, 4, 5, 6]);
    expect(await ids({ q: "sunflower", rankingScoreThreshold: 0.95 })).toEqual([4]);
  });

  test("marks, crops and positions", async () => {
    const { hits } = await search({
      q: "sunflo",
      limit: 1,
      filter: "year = 2001",
      attributesToHighlight: ["title"],
      attributesToCrop: ["title:1"],
      showMatchesPosition: true,
      attributesToRetrieve: ["id"],
    });
    expect(hits).toEqual([
      {
        id: 1,
        _formatted: { id: "1", title: "…<em>sunflo</em>wer…" },
        _matchesPosition: { title: [{ start: 4, length: 6 }] },
      },
    ]);
  });

  test("a missing index is 404 alone and 400 among several queries", async () => {
    expect((await nodeRequest(node(), "POST", "/indexes/none/search", {})).status).toBe(404);
    const several = await nodeRequest(node(), "POST", "/multi-search", { queries: [{ indexUid: "none" }] });
    expect([several.status, several.body.code]).toEqual([400, "index_not_found"]);
  });

  test("facet search, by beginning and with typos", async () => {
    const find = async (facetQuery: string): Promise<unknown> =>
      (await nodeRequest(node(), "POST", "/indexes/books/facet-search", { facetName: "genre", facetQuery })).body
        .facetHits;
    expect(await find("no")).toEqual([{ value: "novel", count: 3 }]);
    expect(await find("novle")).toEqual([{ value: "novel", count: 3 }]);
    expect(await find("x")).toEqual([]);
  });
});

describeEngines("search by vectors", (node) => {
  beforeAll(async () => {
    await runTask(node(), "PATCH", "/indexes/v/settings", {
      embedders: { d: { source: "userProvided", dimensions: 2 } },
    });
    await runTask(node(), "POST", "/indexes/v/documents", [
      { id: 1, _vectors: { d: [1, 0] } },
      { id: 2, _vectors: { d: [0, 1] } },
      { id: 3, _vectors: { d: [1, 1] } },
      { id: 4, _vectors: { d: null } },
    ]);
  }, 60_000);

  test("the most alike first, those without a vector last", async () => {
    const request = { vector: [1, 0], hybrid: { embedder: "d", semanticRatio: 1 }, showRankingScoreDetails: true };
    const { body } = await nodeRequest(node(), "POST", "/indexes/v/search", request);
    expect(body.hits.map((hit: { id: number }) => hit.id)).toEqual([1, 3, 2, 4]);
    expect(body.hits[0]._rankingScoreDetails).toEqual({ vectorSort: { order: 0, similarity: 1 } });
    expect(body.hits[3]._rankingScoreDetails).toEqual({ vectorSort: { order: 0, similarity: null } });
    expect(body.semanticHitCount).toBe(4);
  });

  test("words and vectors are merged by their weighed scores", async () => {
    await runTask(node(), "PATCH", "/indexes/h/settings", {
      embedders: { d: { source: "userProvided", dimensions: 2 } },
    });
    await runTask(node(), "POST", "/indexes/h/documents", [
      { id: 1, t: "sun moon", _vectors: { d: [0, 1] } },
      { id: 2, t: "star", _vectors: { d: [1, 0] } },
      { id: 3, t: "moon", _vectors: { d: [1, 1] } },
      { id: 4, _vectors: { d: null } },
    ]);
    const ids = async (semanticRatio: number, limit: number): Promise<unknown> => {
      const hybrid = { embedder: "d", semanticRatio };
      const { body } = await nodeRequest(node(), "POST", "/indexes/h/search", {
        q: "sun",
        vector: [1, 0],
        hybrid,
        limit,
      });
      return [body.hits.map((hit: { id: number }) => hit.id), body.semanticHitCount];
    };
    expect(await ids(0.9, 4)).toEqual([[2, 3, 1, 4], 4]);
    expect(await ids(0.2, 4)).toEqual([[1, 2, 3, 4], 3]);
    expect(await ids(0.2, 1)).toEqual([[1], 0]);
  });

  test("similar documents leave the one asked about out", async () => {
    const { body } = await nodeRequest(node(), "POST", "/indexes/v/similar", { id: 1, embedder: "d", limit: 2 });
    expect(body.hits.map((hit: { id: number }) => hit.id)).toEqual([3, 2]);
  });

  test("a document without vectors fails its task", async () => {
    const task = await runTask(node(), "POST", "/indexes/v/documents", [{ id: 5 }]);
    expect(task).toMatchObject({ status: "failed", error: { code: "vector_embedding_error" } });
    const wrong = await runTask(node(), "POST", "/indexes/v/documents", [{ id: 5, _vectors: { d: [1, 2, 3] } }]);
    expect(wrong).toMatchObject({ status: "failed", error: { code: "invalid_vector_dimensions" } });
  });
});
