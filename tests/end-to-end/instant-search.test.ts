/**
 * A faceted search page as InstantSearch drives it, through its official client: what the page would show has to be
 * the same from a single node and from Miroir, for every refinement, page and order a visitor can choose.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { instantMeiliSearch } from "@meilisearch/instant-meilisearch";
import { comparable } from "../support/clients-comparable.ts";
import { startPair, type Pair, type Side } from "../support/clients-pair.ts";

interface PageRequest {
  readonly indexName: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface PageResult {
  readonly hits: readonly Readonly<Record<string, unknown>>[];
  readonly nbHits: number;
  readonly nbPages: number;
  readonly facets: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

interface PageClient {
  search(requests: readonly PageRequest[]): Promise<{ readonly results: readonly PageResult[] }>;
  searchForFacetValues(
    requests: readonly PageRequest[],
  ): Promise<readonly { readonly facetHits: readonly unknown[] }[]>;
}

const BRANDS = ["Acorn", "Birch", "Cedar", "Driftwood", "Elm", "Fir", "Ginkgo", "Hazel"] as const;
const KINDS = ["chair", "table", "lamp", "shelf", "bench"] as const;
const ROOMS = ["Kitchen", "Garden", "Study"] as const;
const PRODUCTS = 600;

/** From 1: the client takes the id 0 for none and puts a random one in its place. */
const products = Array.from({ length: PRODUCTS }, (_unused, position) => {
  const id = position + 1;
  const kind = KINDS[(id * 3) % KINDS.length] ?? "";
  const room = ROOMS[(id * 5 + Math.floor(id / 7)) % ROOMS.length] ?? "";
  const brand = BRANDS[(id * 11 + Math.floor(id / 13)) % BRANDS.length] ?? "";
  return {
    id,
    name: `${brand} ${kind} ${id}`,
    description: `A ${id % 2 === 0 ? "sturdy" : "light"} ${kind} for the ${room.toLowerCase()}, made by ${brand}`,
    brand,
    price: 5 + ((id * 53) % 400) + (id % 4) / 4,
    rating: 1 + (id % 5),
    in_stock: id % 3 !== 0,
    categories: { lvl0: room, lvl1: `${room} > ${kind}` },
    _geo: { lat: 45 + (id % 40) / 10, lng: 4 + (id % 30) / 10 },
  };
});

const settings = {
  searchableAttributes: ["name", "description", "brand"],
  filterableAttributes: ["brand", "price", "rating", "in_stock", "categories.lvl0", "categories.lvl1", "_geo"],
  sortableAttributes: ["price", "rating", "_geo"],
  faceting: { maxValuesPerFacet: 20, sortFacetValuesBy: { brand: "count" } },
};

const FACETS = ["brand", "rating", "in_stock", "price", "categories.lvl0", "categories.lvl1"];
const MARKS = { highlightPreTag: "__ais-highlight__", highlightPostTag: "__/ais-highlight__" };

/** The main request of a page; `params` are those the widgets add. */
function page(params: Readonly<Record<string, unknown>> = {}, indexName = "products"): PageRequest {
  const base = { query: "", facets: FACETS, page: 0, hitsPerPage: 12, maxValuesPerFacet: 20, tagFilters: "", ...MARKS };
  return { indexName, params: { ...base, ...params } };
}

/** The further request by which the counts of a refined list stay those of all its values. */
function counts(facet: string, params: Readonly<Record<string, unknown>> = {}): PageRequest {
  return page({ ...params, facets: facet, hitsPerPage: 1, page: 0, analytics: false, clickAnalytics: false });
}

const brands = ["brand:Acorn", "brand:Elm"];
const VISITS: readonly (readonly [says: string, requests: readonly PageRequest[]])[] = [
  ["the page before anything is typed", [page()]],
  ["a word being typed, first letter", [page({ query: "l" })]],
  ["a word being typed, more letters", [page({ query: "lam" })]],
  ["a word", [page({ query: "lamp" })]],
  ["a word with a mistake", [page({ query: "drifwood" })]],
  ["several words", [page({ query: "light chair kitchen" })]],
  ["a phrase", [page({ query: '"sturdy bench"' })]],
  ["words that nothing has", [page({ query: "submarine" })]],
  ["one brand", [page({ facetFilters: [["brand:Cedar"]] }), counts("brand")]],
  ["two brands of one list", [page({ facetFilters: [brands] }), counts("brand")]],
  [
    "two lists refined: each list is counted under the other",
    [
      page({ facetFilters: [brands, ["rating:4", "rating:5"]] }),
      counts("brand", { facetFilters: [["rating:4", "rating:5"]] }),
      counts("rating", { facetFilters: [brands] }),
    ],
  ],
  ["lists refined and a word", [page({ query: "table", facetFilters: [brands] }), counts("brand", { query: "table" })]],
  ["all of several values", [page({ facetFilters: ["brand:Elm", "in_stock:true"] })]],
  ["none of a value", [page({ facetFilters: [["brand:-Elm"]] })]],
  ["a switch", [page({ facetFilters: [["in_stock:true"]] }), counts("in_stock")]],
  ["a menu's first level", [page({ facetFilters: [["categories.lvl0:Garden"]] }), counts("categories.lvl0")]],
  ["a menu's second level", [page({ facetFilters: [["categories.lvl1:Garden > lamp"]] }), counts("categories.lvl1")]],
  ["a slider", [page({ numericFilters: ["price>=100", "price<=199.5"] }), counts("price")]],
  ["a slider at one value", [page({ numericFilters: ["rating=3"] })]],
  ["a slider and a list", [page({ numericFilters: ["price<=50"], facetFilters: [brands] }), counts("brand")]],
  ["an impossible slider", [page({ numericFilters: ["price>=300", "price<=200"] })]],
  ["a filter of the page itself", [page({ filters: "rating > 2 AND brand != Fir" })]],
  ["the cheapest first", [page({}, "products:price:asc")]],
  ["the best first, then the cheapest", [page({ query: "chair" }, "products:rating:desc,price:asc")]],
  ["the second page", [page({ page: 1 })]],
  ["a page in the middle of a search", [page({ query: "shelf", page: 4, hitsPerPage: 7 })]],
  ["the page after the last", [page({ query: "shelf", page: 90 })]],
  ["no hits wanted", [page({ hitsPerPage: 0 })]],
  ["snippets", [page({ query: "garden", attributesToSnippet: ["description:4"], snippetEllipsisText: "…" })]],
  [
    "some attributes only",
    [page({ query: "bench", attributesToRetrieve: ["id", "name"], attributesToHighlight: ["name"] })],
  ],
  ["around a point", [page({ aroundLatLng: "46.5, 5.2", aroundRadius: 60_000 })]],
  ["inside a box", [page({ insideBoundingBox: "47.0,6.0,46.0,5.0" })]],
  [
    "two parts of a page at once",
    [page({ query: "lamp" }), page({ query: "lamp", hitsPerPage: 3 }, "products:price:desc")],
  ],
];

describe("a faceted search page", () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair();
    await pair.load("POST", "/indexes", { uid: "products", primaryKey: "id" });
    await pair.load("PATCH", "/indexes/products/settings", settings);
    await pair.load("POST", "/indexes/products/documents", products);
  });
  afterAll(() => pair.stop());

  for (const finitePagination of [false, true]) {
    describe(finitePagination ? "with numbered pages" : "that grows as it is scrolled", () => {
      for (const [says, requests] of VISITS) {
        test(says, async () => {
          const { single, miroir } = await pair.both((side) => clientOf(side, finitePagination).search(requests));
          expect(comparable(miroir)).toEqual(comparable(single));
          expect(miroir.results.length).toBe(requests.length);
        });
      }
    });
  }

  test("facet values keep their order, the most frequent brand first", async () => {
    const { single, miroir } = await pair.both((side) => clientOf(side, true).search([page({ query: "lamp" })]));
    const orders = [single, miroir].map(({ results }) => Object.entries(results[0]?.facets["brand"] ?? {}));
    expect(orders[1]).toEqual(orders[0] ?? []);
    expect(orders[1]?.length).toBe(BRANDS.length);
  });

  test("scrolling to the end shows every product once, in the single node's order", async () => {
    const { single, miroir } = await pair.both(async (side) => {
      const client = clientOf(side, true);
      const seen: unknown[] = [];
      for (let number = 0; number * 50 < PRODUCTS; number += 1) {
        const { results } = await client.search([page({ page: number, hitsPerPage: 50 }, "products:price:asc")]);
        seen.push(...(results[0]?.hits ?? []).map((hit) => hit["id"]));
      }
      return seen;
    });
    expect(miroir).toEqual(single);
    expect(new Set(miroir).size).toBe(PRODUCTS);
  });

  for (const [facetQuery, params] of [
    ["el", { query: "" }],
    ["", { query: "chair" }],
    ["c", { query: "", facetFilters: [["in_stock:true"]] }],
  ] as const) {
    test(`searching for "${facetQuery}" within a list of values`, async () => {
      const request = { indexName: "products", params: { facetName: "brand", facetQuery, ...params } };
      const { single, miroir } = await pair.both((side) => clientOf(side, true).searchForFacetValues([request]));
      const values = [single, miroir].map((answers) => answers.flatMap(({ facetHits }) => facetHits));
      expect(values[1]).toEqual(values[0] ?? []);
      expect(values[1]?.length).toBeGreaterThan(0);
    });
  }
});

function clientOf({ url, masterKey }: Side, finitePagination: boolean): PageClient {
  const { searchClient } = instantMeiliSearch(url, masterKey, {
    finitePagination,
    keepZeroFacets: true,
    primaryKey: "id",
  });
  return searchClient;
}
