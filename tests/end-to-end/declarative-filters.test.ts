/** Filters, sorts and facets over fields of every shape: one node and Miroir, situation by situation. */
import { evenings, eveningSettings } from "../support/clients-scene-data.ts";
import { describeScenes, type Gives, type Request, type Situation } from "../support/clients-situations.ts";

const load: readonly Request[] = [
  ["POST", "/indexes", { uid: "evenings", primaryKey: "id" }],
  ["PATCH", "/indexes/evenings/settings", eveningSettings],
  ["POST", "/indexes/evenings/documents", evenings],
];

const search = (says: string, gives: Gives, body: unknown): Situation => [
  says,
  gives,
  "POST",
  "/indexes/evenings/search",
  body,
];

/** By filter alone, all hits. */
const filter = (expression: unknown, gives: Gives = "some"): Situation =>
  search(`filter ${JSON.stringify(expression)}`, gives, { filter: expression, limit: 100 });

const filters: readonly Situation[] = [
  filter("kind = opera"),
  filter("kind = OPERA"),
  filter("kind = 'opera'"),
  filter("kind != opera"),
  filter("NOT kind = opera"),
  filter("kind = opera AND price > 20"),
  filter("kind = opera OR price > 45"),
  filter("(kind = opera OR kind = play) AND NOT sold_out = true"),
  filter(["kind = opera", "price > 20"]),
  filter([["kind = opera", "kind = play"], "price > 20"]),
  filter([["kind = opera"], ["kind = play"]], "none"),
  filter([]),
  filter(""),
  filter([[]]),
  filter("price = 26.5"),
  filter("price = 26.50"),
  filter("price >= 13 AND price <= 20"),
  filter("price 13 TO 20"),
  filter("NOT price 13 TO 20"),
  filter("price < -1", "none"),
  filter("price IS NULL"),
  filter("price IS NOT NULL"),
  filter("price EXISTS"),
  filter("rating EXISTS"),
  filter("rating NOT EXISTS"),
  filter("rating = unrated"),
  filter("rating > 5"),
  filter("note IS EMPTY"),
  filter("note IS NOT EMPTY"),
  filter("languages IS EMPTY"),
  filter("languages = it"),
  filter("languages = it AND languages = en"),
  filter("languages IN [fr, de]"),
  filter("languages NOT IN [fr, de]"),
  filter("kind IN []", "none"),
  filter("id IN [3, 5, 700, 41, 3]"),
  filter("sold_out = true"),
  filter("sold_out = false"),
  filter("hall.name = 'Old Mill'"),
  filter("hall.seats > 200"),
  filter("hall EXISTS"),
  filter("cast.voices = alto"),
  filter("cast.voices = 2"),
  filter("series STARTS WITH season"),
  filter("kind STARTS WITH op"),
  filter("kind > concert"),
  filter("series = nothing-of-that-name", "none"),
  filter("title = storm", "invalid_search_filter"),
  filter("cast.name = 'Singer 1'", "invalid_search_filter"),
  filter("kind == opera", "invalid_search_filter"),
  filter("kind = ", "invalid_search_filter"),
  filter("kind = opera AND", "invalid_search_filter"),
  filter("kind = 'opera", "invalid_search_filter"),
  filter("(kind = opera", "invalid_search_filter"),
  filter("price > cheap", "none"),
  filter("_geo = 3", "invalid_search_filter"),
  filter("_geoDistance < 5", "invalid_search_filter"),
  filter("_geoRadius(1, 2, 3)", "invalid_search_filter"),
  filter("_shard = 4", "feature_not_enabled"),
  filter("kind CONTAINS per", "feature_not_enabled"),
  filter({ kind: "opera" }, "invalid_search_filter"),
  filter([[["kind = opera"]]], "invalid_search_filter"),
  filter([1], "invalid_search_filter"),
  filter(true, "invalid_search_filter"),
];

const sorts: readonly Situation[] = [
  search("by a number upwards", "some", { sort: ["price:asc"], limit: 80 }),
  search("by a number downwards", "some", { sort: ["price:desc"], limit: 80 }),
  search("by a field of numbers, texts and nothing", "some", { sort: ["rating:asc"], limit: 80 }),
  search("the same downwards", "some", { sort: ["rating:desc"], limit: 80 }),
  search("by a text", "some", { sort: ["title:desc"], limit: 80 }),
  search("by a truth value", "some", { sort: ["sold_out:asc"], limit: 80 }),
  search("by a nested number, then by another", "some", { sort: ["hall.seats:asc", "price:desc"], limit: 80 }),
  search("by words and then by a number", "some", { q: "storm", sort: ["price:desc"] }),
  search("by a field twice", "some", { sort: ["price:asc", "price:desc"] }),
  search("with a filter and an offset", "some", { filter: "kind = play", sort: ["price:asc"], offset: 4, limit: 5 }),
  search("by a field that is not sortable", "invalid_search_sort", { sort: ["series:asc"] }),
  search("by a field in no direction", "invalid_search_sort", { sort: ["price"] }),
  search("by a field in a wrong direction", "invalid_search_sort", { sort: ["price:up"] }),
  search("by a reserved name", "invalid_search_sort", { sort: ["_geoDistance:asc"] }),
  search("by a text that is no list", "invalid_search_sort", { sort: "price:asc" }),
  search("by a list of something else", "invalid_search_sort", { sort: [1] }),
  search("by nothing", "some", { sort: [] }),
];

const facets: readonly Situation[] = [
  search("one facet", "some", { facets: ["kind"] }),
  search("all facets", "some", { facets: ["*"] }),
  search("facets of some hits", "some", { q: "garden", facets: ["kind", "price", "hall.name"] }),
  search("facets of no hits", "none", { q: "zeppelin", facets: ["kind", "price"] }),
  search("facets by pattern", "some", { facets: ["hall.*", "cast*"] }),
  search("facets with a filter", "some", { filter: "sold_out = true", facets: ["languages", "rating", "sold_out"] }),
  search("facets of mixed types", "some", { facets: ["rating", "cast.voices", "note"] }),
  search("facets, but no hits wanted", "none", { facets: ["kind"], limit: 0 }),
  search("no facets at all", "some", { facets: [] }),
  search("facets twice the same", "some", { facets: ["kind", "kind"] }),
  search("a facet that is not filterable", "invalid_search_facets", { facets: ["title"] }),
  search("several that are not", "invalid_search_facets", { facets: ["title", "kind", "blurb"] }),
  search("a facet that is no text", "invalid_search_facets", { facets: [3] }),
  search("facets in page mode", "some", { facets: ["kind"], page: 2, hitsPerPage: 5 }),
];

describeScenes("filters, sorts and facets", {
  filters: { load, situations: filters },
  sorts: { situations: sorts },
  facets: { situations: facets },
  "facets cut short": {
    load: [["PATCH", "/indexes/evenings/settings/faceting", { maxValuesPerFacet: 3 }]],
    situations: [
      search("the first three of each", "some", { facets: ["*"] }),
      search("the first three of some hits", "some", { q: "fox", facets: ["series", "price"] }),
    ],
  },
  "facets by count": {
    load: [
      ["PATCH", "/indexes/evenings/settings/faceting", { maxValuesPerFacet: 50, sortFacetValuesBy: { kind: "count" } }],
    ],
    situations: [
      search("the most frequent kind first", "some", { filter: "price > 12", facets: ["kind", "series"] }),
      search("of some hits", "some", { q: "lantern", filter: "price > 30", facets: ["kind"] }),
    ],
  },
  "contained texts, switched on": {
    load: [],
    situations: [
      ["switch it on", "ok", "PATCH", "/experimental-features", { containsFilter: true }],
      filter("series CONTAINS 'on-3'"),
      filter("kind NOT CONTAINS per"),
      ["switch it off", "ok", "PATCH", "/experimental-features", { containsFilter: false }],
    ],
  },
});
