/** Requests that are wrong in one way or another: types, unknown fields, attributes that settings do not allow. */
import { makeSearch, type Body } from "./generate-searches.ts";
import type { RequestWorld } from "./generate-requests.ts";
import type { Dice } from "./random.ts";
import type { DifferentialRequest } from "./request.ts";

export function makeInvalid(dice: Dice, world: RequestWorld): DifferentialRequest {
  const index = `/indexes/${world.index}`;
  const form = dice.below(10);
  if (form < 5)
    return { method: "POST", path: `${index}/search`, body: { ...sound(dice, world), ...dice.pick(WRONG_SEARCHES) } };
  if (form === 5) return { method: "GET", path: `${index}/search?${dice.pick(WRONG_QUERY_STRINGS)}` };
  if (form === 6) return { method: "POST", path: `${index}/documents/fetch`, body: dice.pick(WRONG_FETCHES) };
  if (form === 7) return { method: "GET", path: `${index}/${dice.pick(WRONG_LISTS)}` };
  if (form === 8) return { method: "POST", path: "/multi-search", body: wrongMulti(dice, world) };
  return dice.pick<DifferentialRequest>([
    { method: "POST", path: `${index}/search`, body: '{"q": ' },
    { method: "POST", path: `${index}/search`, body: "" },
    { method: "POST", path: `${index}/search`, body: "[]" },
    { method: "POST", path: `${index}/search`, body: "{}", headers: { "content-type": "text/plain" } },
    { method: "POST", path: "/indexes/no_such_index/search", body: {} },
    { method: "POST", path: "/indexes/bad%20uid/search", body: {} },
    { method: "GET", path: "/indexes/no_such_index/documents" },
    { method: "GET", path: "/indexes/no_such_index/documents/1" },
    { method: "POST", path: "/indexes/no_such_index/documents/fetch", body: { limit: 1 } },
    { method: "GET", path: "/indexes/no_such_index/search?q=a" },
  ]);
}

/** A few valid parameters around the wrong one. */
function sound(dice: Dice, world: RequestWorld): Body {
  const { q, filter, sort } = makeSearch(dice, world);
  return {
    ...(q === undefined ? {} : { q }),
    ...(filter === undefined ? {} : { filter }),
    ...(sort === undefined ? {} : { sort }),
  };
}

function wrongMulti(dice: Dice, world: RequestWorld): unknown {
  const good = { indexUid: world.index, ...sound(dice, world) };
  return dice.pick([
    { queries: [good, { indexUid: world.index, ...dice.pick(WRONG_SEARCHES) }] },
    { queries: [{ q: "no index" }] },
    { queries: {} },
    { queries: [good], other: 1 },
    { queries: [{ indexUid: "bad uid" }, good] },
    { queries: [good, { indexUid: "no_such_index" }] },
    { queries: [{ ...good, federationOptions: { weight: 1 } }] },
    { queries: [good, 3] },
    {},
  ]);
}

const WRONG_SEARCHES: readonly Body[] = [
  { q: 5 },
  { q: ["a"] },
  { limit: "ten" },
  { limit: -1 },
  { limit: 1.5 },
  { limit: null },
  { offset: null },
  { offset: "0" },
  { page: -3 },
  { page: "first" },
  { hitsPerPage: true },
  { filter: "nowhere = 1" },
  { filter: "title = a" },
  { filter: "body EXISTS" },
  { filter: "price >" },
  { filter: "price = " },
  { filter: 'price = "open' },
  { filter: ["price > 1", 5] },
  { filter: [[["price > 1"]]] },
  { filter: 12 },
  { filter: { price: 1 } },
  { filter: "_geoRadius(1, 2)" },
  { filter: "_geoRadius(100, 2, 3)" },
  { filter: "_geoPoint(1, 2)" },
  { filter: "_shard = 1" },
  { filter: "price > abc" },
  { filter: "price 1 TO" },
  { filter: "(price = 1" },
  { filter: "price CONTAINS a" },
  { filter: "meta.nothing = 1" },
  { sort: ["title:asc"] },
  { sort: ["price"] },
  { sort: ["price:up"] },
  { sort: "price:asc" },
  { sort: ["_geoPoint(1):asc"] },
  { sort: ["_geoRadius(1, 2, 3):asc"] },
  { sort: ["nowhere:asc"] },
  { facets: ["title"] },
  { facets: ["nowhere"] },
  { facets: "brand" },
  { facets: ["body", "nowhere"] },
  { distinct: "title" },
  { distinct: ["brand"] },
  { matchingStrategy: "some" },
  { matchingStrategy: null },
  { attributesToSearchOn: ["nowhere"] },
  { attributesToSearchOn: ["_geo"] },
  { attributesToSearchOn: "title" },
  { attributesToRetrieve: "title" },
  { attributesToRetrieve: [1] },
  { attributesToHighlight: "title" },
  { attributesToCrop: [null] },
  { cropLength: "5" },
  { cropLength: -1 },
  { cropMarker: 5 },
  { highlightPreTag: null, attributesToHighlight: ["title"] },
  { highlightPostTag: {} },
  { showMatchesPosition: "yes" },
  { showRankingScore: 1 },
  { showRankingScoreDetails: null },
  { rankingScoreThreshold: 1.2 },
  { rankingScoreThreshold: "half" },
  { rankingScoreThreshold: -0.1 },
  { locales: ["xx"] },
  { locales: "eng" },
  { hybrid: {} },
  { hybrid: { embedder: "nobody" }, q: "a" },
  { hybrid: { embedder: "nobody", semanticRatio: 2 } },
  { vector: [1, 2] },
  { vector: "1" },
  { retrieveVectors: "no" },
  { useNetwork: true },
  { media: { a: 1 } },
  { personalize: { userContext: "a" } },
  { unknown: 1 },
  { Q: "a" },
  { attributesToRetreive: ["a"] },
  { hitsPerpage: 1 },
  { page: 1, limit: "x" },
];

const WRONG_QUERY_STRINGS: readonly string[] = [
  "limit=ten",
  "limit=-1",
  "offset=1.5",
  "page=a",
  "unknown=1",
  "filter=nowhere%20%3D%201",
  "filter=%5B1%5D",
  "sort=title",
  "sort=title:asc",
  "facets=title",
  "showRankingScore=yes",
  "rankingScoreThreshold=2",
  "matchingStrategy=any",
  "vector=1,2",
  "vector=a",
  "hybridSemanticRatio=0.5",
  "locales=zz",
  "cropLength=x",
  "attributesToSearchOn=nowhere",
  "q=a&limit=",
  "distinct=nowhere",
  "retrieveVectors=1",
];

const WRONG_FETCHES: readonly unknown[] = [
  { limit: "a" },
  { offset: -1 },
  { fields: "id" },
  { fields: [1] },
  { filter: "title = 1" },
  { filter: "price = " },
  { filter: {} },
  { ids: "1" },
  { ids: [true] },
  { ids: [{}] },
  { ids: ["a b"] },
  { sort: ["title:asc"] },
  { sort: "price:asc" },
  { sort: ["price:sideways"] },
  { retrieveVectors: 1 },
  { unknown: true },
  [],
  "{",
  "",
];

const WRONG_LISTS: readonly string[] = [
  "documents?limit=a",
  "documents?offset=-1",
  "documents?filter=title%20%3D%201",
  "documents?filter=price%20%3D",
  "documents?unknown=1",
  "documents?sort=title:asc",
  "documents?sort=price",
  "documents?retrieveVectors=2",
  "documents?ids=a%20b",
  "documents/bad%20id",
  "documents/no-such-document?fields=a&unknown=1",
  "documents/no-such-document",
  "documents/1?retrieveVectors=x",
];
