/** Of which settings it is known what a node has to show; that the engine agrees is shown over a node. */
import { expect, test } from "bun:test";
import type { JsonObject } from "../../../../src/core/settings/json-shape.ts";
import { FILTERABLE_MARKERS, PLAIN_FORM } from "../../../../src/core/settings/node-form.ts";
import { settingRows } from "../../../../src/core/settings/settings-keys.ts";
import { judgeSetting } from "../../../../src/core/settings/stored-form.ts";

/** What a new index of a router shows. */
const NEW: JsonObject = {
  displayedAttributes: ["*"],
  searchableAttributes: ["*"],
  filterableAttributes: [...FILTERABLE_MARKERS],
  sortableAttributes: ["_miroir_seq"],
  rankingRules: ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness", "_miroir_seq:asc"],
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
  faceting: { maxValuesPerFacet: 1000, sortFacetValuesBy: { "*": "alpha" } },
  pagination: { maxTotalHits: 1000 },
  embedders: {},
  searchCutoffMs: null,
  localizedAttributes: null,
  facetSearch: true,
  prefixSearch: "indexingTime",
};

const judge = (key: string, shown: unknown, wanted?: unknown) => judgeSetting(key, shown, wanted, PLAIN_FORM);

for (const [key, shown] of Object.entries(NEW)) {
  test(`of ${key} the default is known, and any other value is wrong where nobody has set one`, () => {
    expect(judge(key, shown)).toBe("right");
    expect(judge(key, "another value")).toBe("wrong");
    expect(judge(key, undefined)).toBe("unknown");
  });
}

test("only settings of features that may be off, and that no client can set, have no known default", () => {
  expect(settingRows.map(({ key }) => key).filter((key) => !(key in NEW))).toEqual(["foreignKeys", "chat"]);
  expect(judge("chat", { description: "x" })).toBe("unknown");
});

const KNOWN: readonly (readonly [string, unknown, unknown])[] = [
  ["stopWords", ["the", "a", "The", "C++", "the"], ["C++", "The", "a", "the"]],
  ["dictionary", ["z", "J. R. R.", "é"], ["J. R. R.", "z", "é"]],
  ["synonyms", { b: ["y", "x"], a: [] }, { a: [], b: ["y", "x"] }],
  ["sortableAttributes", ["z", "_z", "z"], ["_miroir_seq", "_z", "z"]],
  ["faceting", { maxValuesPerFacet: 7 }, { maxValuesPerFacet: 1000, sortFacetValuesBy: { "*": "alpha" } }],
  ["pagination", { maxTotalHits: 5 }, { maxTotalHits: 5 }],
  ["searchCutoffMs", 150, 150],
  ["facetSearch", false, false],
];
for (const [key, wanted, stored] of KNOWN) {
  test(`${key} as ${JSON.stringify(wanted)} is stored as ${JSON.stringify(stored)}`, () => {
    expect(judge(key, stored, wanted)).toBe("right");
    expect(judge(key, NEW[key], wanted)).toBe(key === "faceting" ? "right" : "wrong");
  });
}

const UNKNOWN: readonly (readonly [string, unknown, unknown])[] = [
  ["stopWords", ["Été"], ["E\u0301te\u0301"]],
  ["filterableAttributes", [{ attributePatterns: ["x"] }], "whatever the engine makes of it"],
  ["localizedAttributes", [{ attributePatterns: ["x"], locales: ["ja"] }], [{ locales: ["jpn"] }]],
  ["searchCutoffMs", 2 ** 60, 1],
  ["embedders", { e: { source: "userProvided", dimensions: 2 } }, { e: { source: "userProvided" } }],
  ["faceting", { sortFacetValuesBy: { a: "count" } }, { maxValuesPerFacet: 1000, sortFacetValuesBy: {} }],
  ["typoTolerance", { disableOnWords: ["C++"] }, { ...(NEW["typoTolerance"] as object), disableOnWords: ["c"] }],
];
for (const [key, wanted, shown] of UNKNOWN) {
  test(`what the engine makes of ${key} as ${JSON.stringify(wanted)} is left to it`, () => {
    expect(judge(key, shown, wanted)).toBe("unknown");
  });
}

test("whatever the engine makes of a list, it does not make nothing of it", () => {
  for (const [key, wanted] of UNKNOWN.filter(([, list]) => Array.isArray(list))) {
    expect(judge(key, NEW[key], wanted)).toBe("wrong");
  }
  const typos = NEW["typoTolerance"];
  expect(judge("typoTolerance", typos, { disableOnWords: ["C++"] })).toBe("wrong");
  expect(judge("localizedAttributes", null, [])).toBe("unknown");
});

test("of a setting made of parts those are judged that are known, and a part that a node lacks is of another version", () => {
  const known = { enabled: true, disableOnWords: ["c"] };
  expect(judge("typoTolerance", { ...known, enabled: false }, { disableOnWords: ["C++"] })).toBe("wrong");
  expect(judge("typoTolerance", known, { disableOnWords: ["C++"] })).toBe("unknown");
  expect(judge("typoTolerance", { enabled: true })).toBe("right");
  expect(judge("typoTolerance", { enabled: true, newer: 1 })).toBe("unknown");
  expect(judge("embedders", { e: {}, f: {} }, { e: {} })).toBe("wrong");
});
