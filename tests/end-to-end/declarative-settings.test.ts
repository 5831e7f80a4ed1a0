/** Settings: read, changed, reset, refused, and what they do to a search: one node and Miroir, situation by situation. */
import { evenings } from "../support/clients-scene-data.ts";
import {
  describeScenes,
  type Gives,
  type KnownDifferences,
  type Scene,
  type Situation,
} from "../support/clients-situations.ts";

const SETTINGS = "/indexes/tuned/settings";

/** Change, look, and back to the default. */
function cycle(route: string, verb: "PUT" | "PATCH", value: unknown): readonly Situation[] {
  return [
    [`${route}: change to ${JSON.stringify(value)}`, "succeeded", verb, `${SETTINGS}/${route}`, JSON.stringify(value)],
    [`${route}: look after ${JSON.stringify(value)}`, "ok", "GET", `${SETTINGS}/${route}`],
    [`${route}: reset after ${JSON.stringify(value)}`, "succeeded", "DELETE", `${SETTINGS}/${route}`],
    [`${route}: the default after ${JSON.stringify(value)}`, "ok", "GET", `${SETTINGS}/${route}`],
  ];
}

const cycles: readonly Situation[] = [
  ...cycle("displayed-attributes", "PUT", ["title", "id", "title"]),
  ...cycle("searchable-attributes", "PUT", ["blurb", "title"]),
  ...cycle("searchable-attributes", "PUT", ["title", "*"]),
  ...cycle("filterable-attributes", "PUT", ["b", "a", "a"]),
  ...cycle("filterable-attributes", "PUT", [
    { attributePatterns: ["hall.*"], features: { facetSearch: true, filter: { equality: false, comparison: true } } },
    "kind",
  ]),
  ...cycle("sortable-attributes", "PUT", ["z", "y", "z"]),
  ...cycle("ranking-rules", "PUT", ["typo", "words", "price:asc"]),
  ...cycle("ranking-rules", "PUT", []),
  ...cycle("stop-words", "PUT", ["The", "a"]),
  ...cycle("synonyms", "PUT", { Boat: ["ship", "Ship"], "new york": ["ny"] }),
  ...cycle("distinct-attribute", "PUT", "series"),
  ...cycle("typo-tolerance", "PATCH", { minWordSizeForTypos: { twoTypos: 12 }, disableOnAttributes: ["kind"] }),
  ...cycle("faceting", "PATCH", { sortFacetValuesBy: { kind: "count", "*": "alpha" } }),
  ...cycle("pagination", "PATCH", { maxTotalHits: 12 }),
  ...cycle("prefix-search", "PUT", "disabled"),
  ...cycle("facet-search", "PUT", false),
  ...cycle("search-cutoff-ms", "PUT", 100),
  ...cycle("proximity-precision", "PUT", "byAttribute"),
  ...cycle("localized-attributes", "PUT", [{ attributePatterns: ["title"], locales: ["fra", "eng"] }]),
  ...cycle("separator-tokens", "PUT", ["|", "&&"]),
  ...cycle("non-separator-tokens", "PUT", ["#", "@"]),
  ...cycle("dictionary", "PUT", ["J.S.B."]),
  ...cycle("embedders", "PATCH", {
    one: { source: "userProvided", dimensions: 3 },
    two: { source: "userProvided", dimensions: 8, distribution: { mean: 0.5, sigma: 0.2 } },
  }),
];

const whole: readonly Situation[] = [
  ["the defaults", "ok", "GET", SETTINGS],
  [
    "several at once",
    "succeeded",
    "PATCH",
    SETTINGS,
    { stopWords: ["x"], distinctAttribute: "series", synonyms: { a: ["b"] } },
  ],
  ["one of them back by null", "succeeded", "PATCH", SETTINGS, { stopWords: null }],
  ["nothing at all", "succeeded", "PATCH", SETTINGS, {}],
  ["what they are now", "ok", "GET", SETTINGS],
  [
    "an embedder is added",
    "succeeded",
    "PATCH",
    SETTINGS,
    { embedders: { e: { source: "userProvided", dimensions: 2 } } },
  ],
  ["an embedder is taken away", "succeeded", "PATCH", SETTINGS, { embedders: { e: null } }],
  ["all back", "succeeded", "DELETE", SETTINGS],
  ["the defaults again", "ok", "GET", SETTINGS],
  ["an index made by its settings", "succeeded", "PATCH", "/indexes/made/settings", { stopWords: ["x"] }],
  ["that index", "ok", "GET", "/indexes/made"],
  ["settings of no index", "index_not_found", "GET", "/indexes/nowhere/settings"],
  ["one setting of no index", "index_not_found", "GET", "/indexes/nowhere/settings/synonyms"],
  ["all back of no index", "failed index_not_found", "DELETE", "/indexes/nowhere/settings"],
  ["one back of no index", "failed index_not_found", "DELETE", "/indexes/nowhere/settings/synonyms"],
  ["an impossible index", "invalid_index_uid", "PATCH", "/indexes/a%20b/settings", {}],
];

const farEmbedders: readonly Situation[] = [
  [
    "an embedder with a secret",
    "succeeded",
    "PATCH",
    SETTINGS,
    {
      embedders: {
        far: {
          source: "rest",
          url: "http://127.0.0.1:1/",
          apiKey: "a-long-secret",
          dimensions: 2,
          request: { a: "{{text}}" },
          response: { b: "{{embedding}}" },
        },
      },
    },
  ],
  ["the secret is hidden", "ok", "GET", `${SETTINGS}/embedders`],
  ["the embedder is away again", "succeeded", "DELETE", SETTINGS],
];

const refusedPatch = (name: string, value: unknown, gives: Gives): Situation => [
  `refused: ${name} ${JSON.stringify(value)}`,
  gives,
  "PATCH",
  SETTINGS,
  { [name]: value },
];

const refused: readonly Situation[] = [
  refusedPatch("displayedAttributes", "title", "invalid_settings_displayed_attributes"),
  refusedPatch("searchableAttributes", 3, "invalid_settings_searchable_attributes"),
  refusedPatch("filterableAttributes", "kind", "invalid_settings_filterable_attributes"),
  refusedPatch("filterableAttributes", [{ patterns: ["x"] }], "invalid_settings_filterable_attributes"),
  refusedPatch("sortableAttributes", { a: 1 }, "invalid_settings_sortable_attributes"),
  refusedPatch("rankingRules", "words", "invalid_settings_ranking_rules"),
  refusedPatch("rankingRules", ["words", "price"], "invalid_settings_ranking_rules"),
  refusedPatch("rankingRules", ["attribute", "wordPosition"], "invalid_settings_ranking_rules"),
  refusedPatch("rankingRules", ["_geoPoint(1, 2):asc"], "invalid_settings_ranking_rules"),
  refusedPatch("stopWords", "the", "invalid_settings_stop_words"),
  refusedPatch("synonyms", ["a"], "invalid_settings_synonyms"),
  refusedPatch("synonyms", { a: "b" }, "invalid_settings_synonyms"),
  refusedPatch("distinctAttribute", ["a"], "invalid_settings_distinct_attribute"),
  refusedPatch("typoTolerance", "off", "invalid_settings_typo_tolerance"),
  refusedPatch(
    "typoTolerance",
    { minWordSizeForTypos: { oneTypo: 10, twoTypos: 5 } },
    "invalid_settings_typo_tolerance",
  ),
  refusedPatch("typoTolerance", { enabled: "yes" }, "invalid_settings_typo_tolerance"),
  refusedPatch("faceting", [3], "invalid_settings_faceting"),
  refusedPatch("faceting", { sortFacetValuesBy: { "*": "size" } }, "invalid_settings_faceting"),
  refusedPatch("pagination", 3, "invalid_settings_pagination"),
  refusedPatch("pagination", { maxTotalHits: 0 }, "invalid_settings_pagination"),
  refusedPatch("pagination", { maxTotalHits: "all" }, "invalid_settings_pagination"),
  refusedPatch("searchCutoffMs", "soon", "invalid_settings_search_cutoff_ms"),
  refusedPatch("proximityPrecision", "byLetter", "invalid_settings_proximity_precision"),
  refusedPatch("prefixSearch", "always", "invalid_settings_prefix_search"),
  refusedPatch("facetSearch", "yes", "invalid_settings_facet_search"),
  refusedPatch(
    "localizedAttributes",
    [{ attributePatterns: ["a"], locales: ["elvish"] }],
    "invalid_settings_localized_attributes",
  ),
  refusedPatch("separatorTokens", "x", "invalid_settings_separator_tokens"),
  refusedPatch("nonSeparatorTokens", {}, "invalid_settings_non_separator_tokens"),
  refusedPatch("dictionary", 1, "invalid_settings_dictionary"),
  refusedPatch("embedders", { e: { source: "nowhere" } }, "invalid_settings_embedders"),
  refusedPatch("embedders", { e: { source: "userProvided" } }, "invalid_settings_embedders"),
  refusedPatch("embedders", { e: { source: "userProvided", dimensions: 2, model: "m" } }, "invalid_settings_embedders"),
  refusedPatch("colour", "red", "bad_request"),
  [
    "a setting of another kind on its own route",
    "invalid_settings_stop_words",
    "PUT",
    `${SETTINGS}/stop-words`,
    { a: 1 },
  ],
  ["a broken setting on its own route", "malformed_payload", "PUT", `${SETTINGS}/stop-words`, "[1"],
  ["an empty setting on its own route", "missing_payload", "PUT", `${SETTINGS}/stop-words`, ""],
  ["a setting under the wrong verb", "status 405", "POST", `${SETTINGS}/stop-words`, []],
  ["chat settings while they are switched off", "ok", "GET", `${SETTINGS}/chat`],
  ["foreign keys while they are switched off", "feature_not_enabled", "PUT", `${SETTINGS}/foreign-keys`, []],
];

const change = (says: string, settings: unknown): Situation => [says, "succeeded", "PATCH", SETTINGS, settings];
const search = (says: string, gives: Gives, body: unknown): Situation => [
  says,
  gives,
  "POST",
  "/indexes/tuned/search",
  body,
];

const effects: readonly Situation[] = [
  ["documents to tune for", "succeeded", "POST", "/indexes/tuned/documents?primaryKey=id", evenings],
  change("only some fields are shown", { displayedAttributes: ["title", "hall.name"] }),
  search("shown fields", "some", { limit: 3 }),
  search("a hidden field cannot be asked for", "some", {
    attributesToRetrieve: ["id", "title"],
    attributesToHighlight: ["*"],
    limit: 3,
  }),
  change("all are shown, one is searched", { displayedAttributes: null, searchableAttributes: ["kind"] }),
  search("found in the one", "some", { q: "opera" }),
  search("not found in another", "none", { q: "storm" }),
  change("the order of fields counts", { searchableAttributes: ["blurb", "title"] }),
  search("the first field first", "some", { q: "fox", showRankingScore: true }),
  change("no mistakes allowed", { searchableAttributes: null, typoTolerance: { enabled: false } }),
  search("a mistake finds nothing", "none", { q: "clokwork" }),
  change("mistakes allowed, but not in one word", { typoTolerance: { enabled: true, disableOnWords: ["clockwork"] } }),
  search("that word, and a mistake in it", "some", { q: "clockwork clokwork" }),
  search("a mistake in another", "some", { q: "lanterm" }),
  change("words mean others", { synonyms: { brass: ["clockwork", "silver fox"] } }),
  search("one word for two", "some", { q: "brass" }),
  change("prefixes are off", { prefixSearch: "disabled" }),
  search("half a word finds nothing", "none", { q: "clockwo" }),
  change("cheap first, whatever the words", { prefixSearch: null, rankingRules: ["price:asc", "words", "typo"] }),
  search("the cheapest first", "some", { q: "garden", limit: 30 }),
  search("sorting without its rule", "invalid_search_sort", { sort: ["price:asc"] }),
  change("a rule on a field of lists and mixed values", { rankingRules: ["rating:desc", "words"] }),
  search("the best rated first", "some", { limit: 80, attributesToRetrieve: ["rating"] }),
  change("one of each series", { rankingRules: null, distinctAttribute: "series", filterableAttributes: ["series"] }),
  search("one of each", "some", { limit: 80 }),
  search("one of each on pages", "some", { page: 2, hitsPerPage: 3 }),
  change("at most seven hits", { distinctAttribute: null, pagination: { maxTotalHits: 7 } }),
  search("no more than seven", "some", { limit: 100 }),
  search("nothing behind the seventh", "none", { offset: 7 }),
  search("seven on pages", "some", { page: 2, hitsPerPage: 5 }),
  change("words with a sign in them", { pagination: null, separatorTokens: ["evening"], dictionary: ["of evening"] }),
  search("words of one's own", "some", { q: "of evening 5" }),
];

/** What Miroir does otherwise than one node, and why. */
const KNOWN: KnownDifferences = {
  "a setting under the wrong verb": "the node answers 405 without a body, Miroir says which verbs there are",
};

const scenes: Readonly<Record<string, Scene>> = {
  "one by one": { load: [["POST", "/indexes", { uid: "tuned", primaryKey: "id" }]], situations: cycles },
  "all at once": { situations: whole },
  "an embedder somewhere else": { situations: farEmbedders, engineOnly: "a development node calls nobody" },
  refused: { situations: refused },
  "what they do": { situations: effects },
};

describeScenes("settings", scenes, KNOWN);
