/** Indexes and settings of one node: created, renamed, swapped; defaults, changes, resets and refusals. */
import { expect, test } from "bun:test";

import { nodeRequest, runTask } from "../../support/nodes.ts";
import { describeEngines } from "../../support/nodes-engines.ts";

const DEFAULTS = {
  displayedAttributes: ["*"],
  searchableAttributes: ["*"],
  filterableAttributes: [],
  sortableAttributes: [],
  rankingRules: ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"],
  stopWords: [],
  nonSeparatorTokens: [],
  separatorTokens: [],
  dictionary: [],
  synonyms: {},
  distinctAttribute: null,
  proximityPrecision: "byWord",
  typoTolerance: {
    enabled: true,
    minWordSizeForTypos: { oneTypo: 5, twoTypos: 9 },
    disableOnWords: [],
    disableOnAttributes: [],
    disableOnNumbers: false,
  },
  faceting: { maxValuesPerFacet: 100, sortFacetValuesBy: { "*": "alpha" } },
  pagination: { maxTotalHits: 1000 },
  embedders: {},
  searchCutoffMs: null,
  localizedAttributes: null,
  facetSearch: true,
  prefixSearch: "indexingTime",
};

describeEngines("indexes", (node) => {
  test("an index is created once, listed by name and deleted", async () => {
    expect(await runTask(node(), "POST", "/indexes", { uid: "b", primaryKey: "k" })).toMatchObject({
      status: "succeeded",
      type: "indexCreation",
      details: { primaryKey: "k" },
    });
    await runTask(node(), "POST", "/indexes", { uid: "a" });
    expect(await runTask(node(), "POST", "/indexes", { uid: "a" })).toMatchObject({
      status: "failed",
      error: { code: "index_already_exists", message: "Index `a` already exists." },
    });
    const listed = await nodeRequest(node(), "GET", "/indexes");
    expect(listed.body.results.map(({ uid }: { uid: string }) => uid)).toEqual(["a", "b"]);
    expect(await runTask(node(), "DELETE", "/indexes/a")).toMatchObject({ details: { deletedDocuments: 0 } });
    expect((await nodeRequest(node(), "GET", "/indexes/a")).body.code).toBe("index_not_found");
  });

  test("a bad name is refused at once", async () => {
    const { status, body } = await nodeRequest(node(), "POST", "/indexes", { uid: "a b" });
    expect([status, body.code]).toEqual([400, "invalid_index_uid"]);
  });

  test("two indexes change places, and their earlier tasks with them", async () => {
    const { uid } = await runTask(node(), "POST", "/indexes/left/documents", [{ id: 1 }]);
    await runTask(node(), "POST", "/indexes/right/documents", [{ id: 1 }, { id: 2 }]);
    expect(await runTask(node(), "POST", "/swap-indexes", [{ indexes: ["left", "right"] }])).toMatchObject({
      indexUid: null,
      details: { swaps: [{ indexes: ["left", "right"], rename: false }] },
    });
    expect((await nodeRequest(node(), "GET", "/indexes/left/documents")).body.total).toBe(2);
    expect((await nodeRequest(node(), "GET", `/tasks/${uid}`)).body.indexUid).toBe("right");
    const failed = await runTask(node(), "POST", "/swap-indexes", [{ indexes: ["left", "nowhere"] }]);
    expect(failed).toMatchObject({ status: "failed", error: { message: "Index `nowhere` not found." } });
  });

  test("an index is renamed", async () => {
    await runTask(node(), "POST", "/indexes", { uid: "old" });
    expect(await runTask(node(), "PATCH", "/indexes/old", { uid: "new" })).toMatchObject({
      details: { oldIndexUid: "old", newIndexUid: "new" },
    });
    expect((await nodeRequest(node(), "GET", "/indexes/new")).status).toBe(200);
  });

  test("settings begin with the defaults, keep what is set and go back", async () => {
    await runTask(node(), "POST", "/indexes", { uid: "s" });
    const settings = async (): Promise<unknown> => (await nodeRequest(node(), "GET", "/indexes/s/settings")).body;
    expect(await settings()).toEqual(DEFAULTS);
    await runTask(node(), "PATCH", "/indexes/s/settings", {
      stopWords: ["the", "a", "É", "The", "a"],
      filterableAttributes: ["g", { attributePatterns: ["x*"] }],
      faceting: { maxValuesPerFacet: 5 },
      typoTolerance: { disableOnWords: ["b", "a"] },
    });
    expect(await settings()).toEqual({
      ...DEFAULTS,
      stopWords: ["E\u0301", "The", "a", "the"],
      filterableAttributes: [
        "g",
        { attributePatterns: ["x*"], features: { facetSearch: false, filter: { equality: true, comparison: false } } },
      ],
      faceting: { ...DEFAULTS.faceting, maxValuesPerFacet: 5 },
      typoTolerance: { ...DEFAULTS.typoTolerance, disableOnWords: ["a", "b"] },
    });
    await runTask(node(), "PATCH", "/indexes/s/settings", { stopWords: null });
    await runTask(node(), "DELETE", "/indexes/s/settings/filterable-attributes");
    await runTask(node(), "PUT", "/indexes/s/settings/searchable-attributes", ["b", "*"]);
    expect(await settings()).toMatchObject({ stopWords: [], filterableAttributes: [], searchableAttributes: ["*"] });
    await runTask(node(), "DELETE", "/indexes/s/settings");
    expect(await settings()).toEqual(DEFAULTS);
  });

  test.each([
    [{ nope: 1 }, "bad_request"],
    [{ stopWords: "a" }, "invalid_settings_stop_words"],
    [{ rankingRules: ["words", "nope"] }, "invalid_settings_ranking_rules"],
    [{ rankingRules: ["attribute", "wordPosition"] }, "invalid_settings_ranking_rules"],
    [{ pagination: { maxTotalHits: 0 } }, "invalid_settings_pagination"],
  ])("settings %p are refused at once", async (change, code) => {
    const { status, body } = await nodeRequest(node(), "PATCH", "/indexes/s/settings", change);
    expect([status, body.code]).toEqual([400, code]);
  });

  test("statistics count documents and fields", async () => {
    await runTask(node(), "POST", "/indexes/stat/documents", [
      { id: 1, a: 1 },
      { id: 2, b: { c: 1 } },
    ]);
    const { body } = await nodeRequest(node(), "GET", "/indexes/stat/stats");
    expect(body).toMatchObject({ numberOfDocuments: 2, isIndexing: false, fieldDistribution: { id: 2, a: 1, b: 1 } });
    expect((await nodeRequest(node(), "GET", "/stats")).body.indexes.stat.numberOfDocuments).toBe(2);
  });
});
