/** Several searches in one request, apart and federated, and what a client learns about them: situation by situation. */
import { evenings, eveningSettings, goods } from "../support/clients-scene-data.ts";
import {
  describeScenes,
  type Gives,
  type KnownDifferences,
  type Request,
  type Scene,
  type Situation,
} from "../support/clients-situations.ts";

const load: readonly Request[] = [
  ["POST", "/indexes", { uid: "evenings", primaryKey: "id" }],
  ["PATCH", "/indexes/evenings/settings", eveningSettings],
  ["POST", "/indexes/evenings/documents", evenings],
  [
    "PATCH",
    "/indexes/goods/settings",
    { filterableAttributes: ["article", "colour", "kind"], sortableAttributes: ["weight", "price"] },
  ],
  ["POST", "/indexes/goods/documents?primaryKey=id", goods],
];

const many = (says: string, gives: Gives, body: unknown, headers?: Request[3]): Situation =>
  headers === undefined
    ? [says, gives, "POST", "/multi-search", body]
    : [says, gives, "POST", "/multi-search", body, headers];
const apart = (says: string, gives: Gives, ...queries: readonly unknown[]): Situation => many(says, gives, { queries });
const joined = (says: string, gives: Gives, federation: unknown, ...queries: readonly unknown[]): Situation =>
  many(says, gives, { federation, queries });

const of = (uid: string, rest: object = {}): object => ({ indexUid: uid, ...rest });
const WITH_METADATA = { "meili-include-metadata": "true" };

const plain: readonly Situation[] = [
  apart("no queries", "none"),
  apart("one query", "some", of("evenings", { q: "garden" })),
  apart("the same query twice", "some", of("evenings", { q: "fox", limit: 3 }), of("evenings", { q: "fox", limit: 3 })),
  apart("two indexes", "some", of("evenings", { q: "opera" }), of("goods", { q: "red kettle", limit: 4 })),
  apart(
    "every query its own way",
    "some",
    of("evenings", { q: "storm", attributesToHighlight: ["*"], showMatchesPosition: true, limit: 2 }),
    of("evenings", { facets: ["*"], limit: 0 }),
    of("goods", { sort: ["weight:desc"], page: 2, hitsPerPage: 7 }),
    of("goods", { distinct: "colour" }),
    of("evenings", { filter: "kind = play", attributesToRetrieve: ["id"], offset: 3, limit: 3 }),
  ),
  apart("a query without an index", "missing_index_uid", { q: "x" }),
  apart("an impossible index", "invalid_index_uid", of("a b")),
  apart("an index that is not there", "index_not_found", of("goods"), of("nowhere", { q: "x" })),
  apart("two indexes that are not there", "index_not_found", of("nobody"), of("nowhere")),
  apart("a wrong query among good ones", "invalid_search_limit", of("goods"), of("evenings", { limit: "x" })),
  apart(
    "a wrong filter among good ones",
    "invalid_search_filter",
    of("goods"),
    of("evenings", { filter: "title = x" }),
  ),
  apart(
    "two wrong queries: the first counts",
    "invalid_search_sort",
    of("goods", { sort: ["id:asc"] }),
    of("evenings", { filter: "=" }),
  ),
  apart("an unknown member", "bad_request", of("goods", { query: "x" })),
  apart(
    "options of a federation that is none",
    "invalid_multi_search_federation_options",
    of("goods", { federationOptions: { weight: 2 } }),
  ),
  many("no list of queries", "bad_request", {}),
  many("queries that are no list", "bad_request", { queries: {} }),
  many("a list alone", "bad_request", [of("goods")]),
  many("nothing", "missing_payload", ""),
  many("metadata of every query", "some", { queries: [of("goods"), of("evenings", { q: "fox" })] }, WITH_METADATA),
  ["metadata of one search", "some", "POST", "/indexes/goods/search", { q: "jug" }, WITH_METADATA],
  [
    "no metadata unless it is asked for",
    "some",
    "POST",
    "/indexes/goods/search",
    { q: "jug" },
    { "meili-include-metadata": "false" },
  ],
];

const federated: readonly Situation[] = [
  joined("no queries to join", "none", {}),
  joined("one query alone", "some", {}, of("evenings", { q: "garden" })),
  joined("the same words in two indexes", "some", {}, of("evenings", { q: "silver" }), of("goods", { q: "red" })),
  joined(
    "two questions to one index",
    "some",
    { limit: 30 },
    of("evenings", { q: "fox" }),
    of("evenings", { q: "opera" }),
  ),
  joined(
    "one of them weighs more",
    "some",
    { limit: 30 },
    of("goods", { q: "red" }),
    of("evenings", { q: "fox", federationOptions: { weight: 3 } }),
  ),
  joined(
    "one of them weighs nothing",
    "some",
    {},
    of("goods", { q: "red", federationOptions: { weight: 0 } }),
    of("evenings", { q: "fox" }),
  ),
  joined("a part of them", "some", { offset: 5, limit: 4 }, of("goods", { q: "red" }), of("evenings", { q: "quiet" })),
  joined(
    "a page of them",
    "some",
    { page: 2, hitsPerPage: 6 },
    of("goods", { q: "blue" }),
    of("evenings", { q: "loud" }),
  ),
  joined("nothing of them", "none", { limit: 0 }, of("goods", { q: "blue" })),
  joined(
    "with scores",
    "some",
    {},
    of("goods", { q: "pan", showRankingScore: true }),
    of("evenings", { q: "lantern", showRankingScore: true }),
  ),
  joined(
    "with filters",
    "some",
    {},
    of("goods", { q: "", filter: "colour = red" }),
    of("goods", { q: "", filter: "colour = blue" }),
  ),
  joined(
    "in one order",
    "some",
    { limit: 40 },
    of("goods", { q: "red", sort: ["weight:asc"] }),
    of("goods", { q: "jug", sort: ["weight:asc"] }),
  ),
  joined(
    "with marks",
    "some",
    {},
    of("goods", { q: "pan", attributesToHighlight: ["label"], attributesToRetrieve: ["label"] }),
    of("evenings", { q: "storm", attributesToCrop: ["blurb:2"] }),
  ),
  joined(
    "facets of each",
    "some",
    { facetsByIndex: { goods: ["colour"], evenings: ["kind"] } },
    of("goods", { q: "red" }),
    of("evenings", { q: "quiet" }),
  ),
  joined(
    "facets of all",
    "some",
    { facetsByIndex: { goods: ["colour"], evenings: ["kind"] }, mergeFacets: {} },
    of("goods"),
    of("evenings"),
  ),
  joined("a limit inside", "invalid_multi_search_query_pagination", {}, of("goods", { limit: 3 })),
  joined("a page inside", "invalid_multi_search_query_pagination", {}, of("goods", { page: 3 })),
  joined("facets inside", "invalid_multi_search_query_facets", {}, of("goods", { facets: ["colour"] })),
  joined(
    "a weight below nothing",
    "invalid_multi_search_weight",
    {},
    of("goods", { federationOptions: { weight: -1 } }),
  ),
  joined("an index that is not there, joined", "index_not_found", {}, of("goods"), of("nowhere")),
  joined(
    "an order against the other",
    "invalid_multi_search_query_ranking_rules",
    {},
    of("goods", { sort: ["weight:asc"] }),
    of("goods", { sort: ["weight:desc"] }),
  ),
  joined("a limit that is none", "invalid_search_limit", { limit: "x" }, of("goods")),
  joined("a facet that is none", "invalid_search_facets", { facetsByIndex: { goods: ["label"] } }, of("goods")),
];

/** What Miroir does otherwise than one node, and why. */
const KNOWN: KnownDifferences = {};

const scenes: Readonly<Record<string, Scene>> = {
  apart: { load, situations: plain },
  federated: { situations: federated, engineOnly: "a development node joins no searches" },
};

describeScenes("several searches at once", scenes, KNOWN);
