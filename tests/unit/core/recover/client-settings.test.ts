/** A client's settings, read back from what a node was given for them. */
import { expect, test } from "bun:test";
import { recoverClientSettings } from "../../../../src/core/recover/client-settings.ts";
import { initialNodeSettings } from "../../../../src/core/settings/to-node-patch.ts";
import type { JsonObject } from "../../../../src/core/settings/json-shape.ts";
import { PLAIN_FORM } from "../../../../src/core/settings/node-form.ts";

/** What a node shows of an index to which nothing was set. */
const PLAIN: JsonObject = {
  displayedAttributes: ["*"],
  searchableAttributes: ["*"],
  stopWords: [],
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
  pagination: { maxTotalHits: 1000 },
  embedders: {},
  searchCutoffMs: null,
  facetSearch: true,
  prefixSearch: "indexingTime",
};

const shownAfter = (client: JsonObject, tieBreak: "sequence" | "node" = "sequence"): JsonObject => {
  const node = initialNodeSettings(client, { ...PLAIN_FORM, tieBreak });
  const faceting = node["faceting"] as JsonObject;
  return {
    ...PLAIN,
    ...node,
    faceting: { ...faceting, sortFacetValuesBy: faceting["sortFacetValuesBy"] ?? { "*": "alpha" } },
  };
};

const sets: readonly JsonObject[] = [
  {},
  { searchableAttributes: ["title"], stopWords: ["the"] },
  { filterableAttributes: ["genre", { attributePatterns: ["*_id"], features: { facetSearch: true } }] },
  { sortableAttributes: ["year"], rankingRules: ["words", "year:desc"] },
  { faceting: { maxValuesPerFacet: 250 } },
  { faceting: { maxValuesPerFacet: 20_000, sortFacetValuesBy: { "*": "count" } } },
  { pagination: { maxTotalHits: 50 }, synonyms: { a: ["b"] }, distinctAttribute: "sku" },
  { embedders: { mine: { source: "userProvided", dimensions: 3 } } },
];

for (const client of sets) {
  for (const tieBreak of ["sequence", "node"] as const) {
    test(`${JSON.stringify(client)} comes back (${tieBreak})`, () => {
      expect(recoverClientSettings(shownAfter(client, tieBreak)).settings).toEqual(client);
    });
  }
}

test("the shortened secret of an embedder is not taken for one, and that is said", () => {
  const node = { ...PLAIN, embedders: { e: { source: "openAi", apiKey: "skXXX...", model: "m" } } };
  const { settings, lost } = recoverClientSettings(node);
  expect(settings).toEqual({ embedders: { e: { source: "openAi", model: "m" } } });
  expect(lost.join(" ")).toContain("API keys of `embedders`");
});

test("what no node has kept is always named", () => {
  expect(recoverClientSettings(PLAIN).lost.join(" ")).toContain("displayedAttributes");
});
