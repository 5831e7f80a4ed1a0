/** Words, marks, pages, scores, languages, places and refused parameters: one node and Miroir, situation by situation. */
import { evenings, eveningSettings, goods, places, sayings } from "../support/clients-scene-data.ts";
import {
  describeScenes,
  type Gives,
  type KnownDifferences,
  type Request,
  type Scene,
  type Situation,
} from "../support/clients-situations.ts";

const search = (says: string, gives: Gives, body: unknown, uid = "evenings"): Situation => [
  says,
  gives,
  "POST",
  `/indexes/${uid}/search`,
  body,
];
const get = (says: string, gives: Gives, query: string): Situation => [
  says,
  gives,
  "GET",
  `/indexes/evenings/search?${query}`,
];

const load: readonly Request[] = [
  ["POST", "/indexes", { uid: "evenings", primaryKey: "id" }],
  ["PATCH", "/indexes/evenings/settings", eveningSettings],
  ["POST", "/indexes/evenings/documents", evenings],
];

const words: readonly Situation[] = [
  search("nothing is asked", "some", {}),
  search("an empty body in words", "some", { q: "" }),
  search("a query of nothing", "some", { q: null }),
  search("one word", "some", { q: "clockwork" }),
  search("a word with one mistake", "some", { q: "clokwork" }),
  search("a word with two mistakes", "some", { q: "colckwrok" }),
  search("a short word with a mistake", "none", { q: "fxo" }),
  search("the beginning of a word", "some", { q: "lan" }),
  search("a number", "some", { q: "42" }),
  search("a synonym", "some", { q: "tempest" }),
  search("a word that is ignored", "some", { q: "the" }),
  search("ignored words around others", "some", { q: "the winter of the journey" }),
  search("a phrase", "some", { q: '"silver fox"' }),
  search("a phrase that stands nowhere", "none", { q: '"fox silver"' }),
  search("a phrase with an ignored word", "some", { q: '"storm of evening"' }),
  search("a word that must be missing", "some", { q: "garden -quiet" }),
  search("a phrase that must be missing", "some", { q: 'piece -"winter journey"' }),
  search("a hyphen that is none of these", "some", { q: "garden - quiet" }),
  search("two words without the space between", "some", { q: "silverfox" }),
  search("a word cut in two", "some", { q: "clock work" }),
  search("more than ten words", "some", { q: "a piece about garden that no one in old mill expected quiet loud" }),
  search("words of several fields", "some", { q: "opera singer storm" }),
  search("a word in a nested list", "some", { q: "dancer 3" }),
  search("the last words may be missing", "some", { q: "paper lantern submarine", matchingStrategy: "last" }),
  search("all words are needed", "none", { q: "paper lantern submarine", matchingStrategy: "all" }),
  search("all words, and all there", "some", { q: "paper lantern loud", matchingStrategy: "all" }),
  search("only in one field", "some", { q: "opera", attributesToSearchOn: ["kind"] }),
  search("only in a field that has it not", "none", { q: "opera", attributesToSearchOn: ["cast.name"] }),
  search("in fields of a pattern", "some", { q: "singer", attributesToSearchOn: ["cast.*"] }),
  search("in no field", "none", { q: "storm", attributesToSearchOn: [] }),
  search("in all fields", "some", { q: "storm", attributesToSearchOn: ["*"] }),
  search("in a field that is unknown", "invalid_search_attributes_to_search_on", {
    q: "x",
    attributesToSearchOn: ["nowhere"],
  }),
  search("how good each hit is", "some", { q: "garden", showRankingScore: true }),
  search("only the better ones", "some", { q: "garden", rankingScoreThreshold: 0.5 }),
  search("only perfect ones", "none", { q: "gardn", rankingScoreThreshold: 1 }),
  search("a threshold above all", "invalid_search_ranking_score_threshold", { rankingScoreThreshold: 1.5 }),
];

const shape: readonly Situation[] = [
  search("marks around what was found", "some", { q: "fox", attributesToHighlight: ["title"] }),
  search("marks everywhere", "some", { q: "quiet 4", attributesToHighlight: ["*"] }),
  search("marks of one's own", "some", {
    q: "fox",
    attributesToHighlight: ["*"],
    highlightPreTag: "<<",
    highlightPostTag: ">>",
  }),
  search("marks around nothing", "some", { attributesToHighlight: ["title"], limit: 2 }),
  search("marks in a nested field", "some", { q: "singer", attributesToHighlight: ["cast.name"] }),
  search("a crop", "some", { q: "expected", attributesToCrop: ["blurb"] }),
  search("a crop of three words", "some", { q: "expected", attributesToCrop: ["blurb"], cropLength: 3 }),
  search("a crop with its own length", "some", {
    q: "piece",
    attributesToCrop: ["blurb:4", "title:2"],
    cropMarker: " ~ ",
  }),
  search("a crop of all", "some", { q: "piece", attributesToCrop: ["*"], cropLength: 2 }),
  search("a crop and marks of different fields", "some", {
    q: "garden",
    attributesToCrop: ["blurb"],
    cropLength: 4,
    attributesToHighlight: ["title", "kind"],
    attributesToRetrieve: ["title"],
  }),
  search("where the words are", "some", { q: "quiet garden", showMatchesPosition: true }),
  search("where they are in a list", "some", { q: "singer 4", showMatchesPosition: true }),
  search("some fields", "some", { attributesToRetrieve: ["id", "hall.name"] }),
  search("fields by pattern", "some", { attributesToRetrieve: ["hall.*", "t*"] }),
  search("no fields", "some", { attributesToRetrieve: [] }),
  search("fields that are not there", "some", { attributesToRetrieve: ["nowhere", "title"] }),
  search("all fields", "some", { attributesToRetrieve: ["*"], limit: 3 }),
  search("vectors of documents without any", "some", { retrieveVectors: true, limit: 3 }),
];

const pages: readonly Situation[] = [
  search("an offset and a limit", "some", { offset: 30, limit: 5 }),
  search("an offset behind the end", "none", { offset: 300 }),
  search("a limit of nothing", "none", { limit: 0 }),
  search("the first page", "some", { page: 1 }),
  search("a page before the first", "none", { page: 0 }),
  search("a page behind the last", "none", { page: 50, hitsPerPage: 10 }),
  search("one hit on a page", "some", { page: 7, hitsPerPage: 1 }),
  search("no hit on a page", "none", { page: 2, hitsPerPage: 0 }),
  search("a page and an offset", "some", { page: 2, hitsPerPage: 4, offset: 9, limit: 1 }),
  search("pages of a search", "some", { q: "quiet", page: 2, hitsPerPage: 6 }),
  get("by the address alone", "some", "q=winter&limit=3"),
  get("a filter and a sort in the address", "some", "filter=kind%20%3D%20play&sort=price%3Adesc,rating:asc"),
  get("a filter as JSON in the address", "some", "filter=%5B%22kind%20%3D%20play%22%5D&facets=kind,sold_out"),
  get(
    "everything in the address",
    "some",
    "q=fox&attributesToHighlight=*&attributesToCrop=blurb:3&showMatchesPosition=true&showRankingScore=true&page=1&hitsPerPage=2",
  ),
  get("a parameter in the address that is unknown", "bad_request", "query=fox"),
  get("a number in the address that is none", "invalid_search_limit", "limit=many"),
  get("a truth value in the address that is none", "invalid_search_show_ranking_score", "showRankingScore=perhaps"),
];

const refused = (name: string, value: unknown, code: string): Situation =>
  search(`refused: ${name} ${JSON.stringify(value)}`, code, { [name]: value });

const errors: readonly Situation[] = [
  refused("q", ["a"], "invalid_search_q"),
  refused("q", { a: 1 }, "invalid_search_q"),
  refused("offset", "ten", "invalid_search_offset"),
  refused("offset", -1, "invalid_search_offset"),
  refused("limit", 1.5, "invalid_search_limit"),
  refused("page", "one", "invalid_search_page"),
  refused("hitsPerPage", [], "invalid_search_hits_per_page"),
  refused("attributesToRetrieve", "title", "invalid_search_attributes_to_retrieve"),
  refused("attributesToCrop", "title", "invalid_search_attributes_to_crop"),
  refused("attributesToHighlight", 3, "invalid_search_attributes_to_highlight"),
  refused("attributesToSearchOn", "title", "invalid_search_attributes_to_search_on"),
  refused("cropLength", "short", "invalid_search_crop_length"),
  refused("cropMarker", [], "invalid_search_crop_marker"),
  refused("highlightPreTag", 3, "invalid_search_highlight_pre_tag"),
  refused("highlightPostTag", null, "invalid_search_highlight_post_tag"),
  refused("showMatchesPosition", "yes", "invalid_search_show_matches_position"),
  refused("showRankingScore", 1, "invalid_search_show_ranking_score"),
  refused("showRankingScoreDetails", "no", "invalid_search_show_ranking_score_details"),
  refused("matchingStrategy", "some", "invalid_search_matching_strategy"),
  refused("facets", "kind", "invalid_search_facets"),
  refused("distinct", ["kind"], "invalid_search_distinct"),
  refused("distinct", "title", "invalid_search_distinct"),
  refused("locales", ["klingon"], "invalid_search_locales"),
  refused("rankingScoreThreshold", "high", "invalid_search_ranking_score_threshold"),
  refused("retrieveVectors", "all", "invalid_search_retrieve_vectors"),
  refused("vector", [1, 2], "missing_search_hybrid"),
  refused("hybrid", { semanticRatio: 0.5 }, "invalid_search_hybrid_query"),
  search("an embedder that is unknown", "invalid_search_embedder", { q: "x", hybrid: { embedder: "none" } }),
  refused("personalize", {}, "invalid_search_personalize"),
  refused("useNetwork", true, "feature_not_enabled"),
  refused("media", {}, "missing_search_hybrid"),
  refused("attributeToRetrieve", ["id"], "bad_request"),
  [
    "two faults: the first in the body counts",
    "invalid_search_limit",
    "POST",
    "/indexes/evenings/search",
    '{"limit":"x","offset":"y"}',
  ],
  ["a body cut off", "malformed_payload", "POST", "/indexes/evenings/search", '{"q":'],
  ["a body that is a list", "bad_request", "POST", "/indexes/evenings/search", []],
  ["an empty body", "missing_payload", "POST", "/indexes/evenings/search", ""],
  [
    "a body of another kind",
    "invalid_content_type",
    "POST",
    "/indexes/evenings/search",
    "q=x",
    { "content-type": "text/plain" },
  ],
  search("no such index", "index_not_found", {}, "matinees"),
  search("an impossible index", "invalid_index_uid", {}, "not%20possible"),
];

const geo = (says: string, gives: Gives, body: unknown): Situation => search(says, gives, body, "places");

const geography: readonly Situation[] = [
  geo("within a radius", "some", { filter: "_geoRadius(45, 0, 120000)" }),
  geo("within a radius of nothing", "none", { filter: "_geoRadius(-45, 0, 1000)" }),
  geo("within a box", "some", { filter: "_geoBoundingBox([46, 2], [44.5, -1])" }),
  geo("outside of a box", "some", { filter: "NOT _geoBoundingBox([46, 2], [44.5, -1])" }),
  geo("within a polygon", "invalid_search_filter", { filter: "_geoPolygon([44, -2], [44, 3], [47, 0])" }),
  geo("within a radius and with stars", "some", { filter: "_geoRadius(45, 0, 200000) AND stars > 2" }),
  geo("a radius of words", "invalid_search_filter", { filter: "_geoRadius(here, there, 5)" }),
  geo("a radius with too little", "invalid_search_filter", { filter: "_geoRadius(1, 2)" }),
  geo("a latitude beyond the pole", "invalid_search_filter", { filter: "_geoRadius(200, 2, 5)" }),
  geo("a box turned over", "invalid_search_filter", { filter: "_geoBoundingBox([44, 2], [46, -1])" }),
  geo("a point is no filter", "invalid_search_filter", { filter: "_geoPoint(1, 2)" }),
  geo("the nearest first", "some", { sort: ["_geoPoint(45.1, 0.2):asc"], limit: 60 }),
  geo("the farthest first", "some", { sort: ["_geoPoint(45.1, 0.2):desc"], limit: 60 }),
  geo("the nearest first among those found", "some", { q: "upper", sort: ["_geoPoint(45.1, 0.2):asc"] }),
  geo("stars, then the nearest", "some", { sort: ["stars:desc", "_geoPoint(47, 3):asc"], limit: 60 }),
  geo("the nearest, then stars", "some", { sort: ["_geoPoint(44, -2):asc", "stars:desc"], limit: 60 }),
  geo("the nearest, without the position in the answer", "some", {
    sort: ["_geoPoint(44, -2):asc"],
    attributesToRetrieve: ["name"],
  }),
  geo("a point beyond the pole", "invalid_search_sort", { sort: ["_geoPoint(100, 2):asc"] }),
  geo("a point with too little", "invalid_search_sort", { sort: ["_geoPoint(1):asc"] }),
  geo("a radius is no sort", "invalid_search_sort", { sort: ["_geoRadius(1, 2, 3):asc"] }),
];

const of = (says: string, gives: Gives, body: unknown): Situation => search(says, gives, body, "goods");

const distinct: readonly Situation[] = [
  of("one of each article", "some", { distinct: "article", limit: 60 }),
  of("one of each colour", "some", { distinct: "colour" }),
  of("one of each nested town", "some", { distinct: "maker.town", sort: ["weight:desc"] }),
  of("one of each article among those found", "some", { q: "red", distinct: "article" }),
  of("one of each article, second page", "some", { distinct: "article", page: 2, hitsPerPage: 5 }),
  of("one of each article, from an offset", "some", { distinct: "article", offset: 4, limit: 4, sort: ["weight:asc"] }),
  of("one of each article, with facets", "some", { distinct: "article", facets: ["colour"] }),
  of("one of each in an order", "some", { distinct: "colour", sort: ["weight:asc"], attributesToRetrieve: ["weight"] }),
];

const tongues = (says: string, gives: Gives, body: unknown): Situation => search(says, gives, body, "sayings");

const languages: readonly Situation[] = [
  tongues("a compound word", "some", { q: "donaudampfschifffahrtskapitan" }),
  tongues("an umlaut", "some", { q: "ubung" }),
  tongues("a ring on the letter", "some", { q: "backar sma" }),
  tongues("Japanese, said so", "some", { q: "東京", locales: ["jpn"] }),
  tongues("Japanese, not said so", "some", { q: "猫" }),
  tongues("German, said so", "some", { q: "gold mund", locales: ["de"] }),
  tongues("two languages", "some", { q: "petit", locales: ["fra", "eng"] }),
  tongues("camel case", "some", { q: "camel case" }),
  tongues("accents in the text", "some", { q: "naive cafe", attributesToHighlight: ["*"] }),
  tongues("an apostrophe", "some", { q: "l'oiseau" }),
  tongues("marks around signs", "some", { q: "京都", attributesToHighlight: ["ja"], locales: ["jpn"] }),
];

/** What a fleet cannot tell as one node does, and why. */
const KNOWN: KnownDifferences = {};

const scenes: Readonly<Record<string, Scene>> = {
  words: { load, situations: words },
  "what an answer holds": { situations: shape },
  pages: { situations: pages },
  errors: { situations: errors },
  geography: {
    load: [
      [
        "PATCH",
        "/indexes/places/settings",
        { filterableAttributes: ["_geo", "stars"], sortableAttributes: ["_geo", "stars"] },
      ],
      ["POST", "/indexes/places/documents?primaryKey=id", places],
    ],
    situations: geography,
  },
  "one of each": {
    load: [
      [
        "PATCH",
        "/indexes/goods/settings",
        { filterableAttributes: ["article", "colour", "maker.town"], sortableAttributes: ["weight"] },
      ],
      ["POST", "/indexes/goods/documents?primaryKey=id", goods],
    ],
    situations: distinct,
  },
  languages: {
    load: [
      [
        "PATCH",
        "/indexes/sayings/settings",
        { localizedAttributes: [{ attributePatterns: ["ja"], locales: ["jpn"] }] },
      ],
      ["POST", "/indexes/sayings/documents?primaryKey=id", sayings],
    ],
    situations: languages,
  },
};

describeScenes("searching", scenes, KNOWN);
