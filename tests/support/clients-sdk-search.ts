/** The client's ways to search: by POST, by GET, several at once, federated, facets, neighbours, tenants. */
import { Meilisearch } from "meilisearch";
import { generateTenantToken } from "meilisearch/token";
import { books, ended, inTurn, type SdkStep } from "./clients-sdk-step.ts";

const vectors = books(40, 1_000).map((book) => ({
  ...book,
  _vectors: { mine: [Math.sin(book.id), Math.cos(book.id), (book.id % 7) / 7] },
}));

export const searchSteps: readonly SdkStep[] = [
  ["fill", ({ client }) => ended(client.index("library").addDocuments(books(200), { primaryKey: "id" }))],
  [
    "allow",
    ({ client }) =>
      ended(
        client.index("library").updateSettings({
          filterableAttributes: ["genre", "year", "tags"],
          sortableAttributes: ["year"],
        }),
      ),
  ],
  ["everything", ({ client }) => client.index("library").search()],
  ["a word", ({ client }) => client.index("library").search("lighthouses")],
  ["a word with a mistake", ({ client }) => client.index("library").search("lighthuoses", { limit: 3 })],
  [
    "with everything a request can have",
    ({ client }) =>
      client.index("library").search("volume on gardens", {
        offset: 2,
        limit: 5,
        filter: [["genre = Novel", "genre = Essay"], "year > 1920"],
        facets: ["*"],
        attributesToRetrieve: ["id", "title", "year"],
        attributesToHighlight: ["title"],
        highlightPreTag: "<b>",
        highlightPostTag: "</b>",
        attributesToCrop: ["title"],
        cropLength: 3,
        cropMarker: "--",
        showMatchesPosition: true,
        showRankingScore: true,
        sort: ["year:desc"],
        matchingStrategy: "all",
        attributesToSearchOn: ["title"],
      }),
  ],
  ["a page with exact totals", ({ client }) => client.index("library").search("volume", { page: 3, hitsPerPage: 15 })],
  ["by GET", ({ client }) => client.index("library").searchGet("harbours", { limit: 4, attributesToHighlight: ["*"] })],
  [
    "by GET with lists",
    ({ client }) =>
      client.index("library").searchGet("volume", {
        filter: "genre = Travel",
        facets: ["genre", "tags"],
        sort: ["year:asc"],
        attributesToRetrieve: ["id", "year"],
      }),
  ],
  ["a wrong filter", ({ client }) => client.index("library").search("", { filter: "title = x" })],
  ["a wrong sort", ({ client }) => client.index("library").search("", { sort: ["title:asc"] })],
  ["no such index", ({ client }) => client.index("nowhere").search("x")],
  [
    "several at once",
    ({ client }) =>
      client.multiSearch({
        queries: [
          { indexUid: "library", q: "mountains", limit: 2 },
          { indexUid: "library", q: "", facets: ["genre"], limit: 0 },
          { indexUid: "library", q: "railways", page: 1, hitsPerPage: 3 },
        ],
      }),
  ],
  [
    "several at once, one of them wrong",
    ({ client }) => client.multiSearch({ queries: [{ indexUid: "nowhere", q: "x" }] }),
  ],
  [
    "federated",
    ({ client }) =>
      client.multiSearch({
        federation: { limit: 5 },
        queries: [
          { indexUid: "library", q: "mountains" },
          { indexUid: "library", q: "gardens", federationOptions: { weight: 0.5 } },
        ],
      }),
  ],
  [
    "search in a facet",
    ({ client }) => client.index("library").searchForFacetValues({ facetName: "genre", facetQuery: "no" }),
  ],
  [
    "an embedder of one's own",
    ({ client }) => ended(client.index("near").updateEmbedders({ mine: { source: "userProvided", dimensions: 3 } })),
  ],
  ["documents with vectors", ({ client }) => ended(client.index("near").addDocuments(vectors, { primaryKey: "id" }))],
  [
    "neighbours of a document",
    ({ client }) => client.index("near").searchSimilarDocuments({ id: "1003", embedder: "mine", limit: 5 }),
  ],
  [
    "neighbours of a vector",
    ({ client }) =>
      client.index("near").search("", { vector: [1, 0, 0], hybrid: { embedder: "mine", semanticRatio: 1 }, limit: 5 }),
  ],
  [
    "words and meaning together",
    ({ client }) =>
      client.index("near").search("gardens", { vector: [1, 0, 0], hybrid: { embedder: "mine", semanticRatio: 0.5 } }),
  ],
  [
    "a tenant's search",
    async ({ client, url }) => {
      const key = await client.createKey({
        uid: "00000000-0000-4000-8000-00000000aaaa",
        actions: ["search"],
        indexes: ["library"],
        expiresAt: null,
      });
      const apiKey = await generateTenantToken({
        apiKey: key.key,
        apiKeyUid: key.uid,
        searchRules: { library: { filter: "genre = Poetry" } },
      });
      const tenant = new Meilisearch({ host: url, apiKey });
      return inTurn(
        () => tenant.index("library").search("volume", { facets: ["genre"], limit: 3 }),
        () => tenant.multiSearch({ queries: [{ indexUid: "library", q: "", filter: "year < 1950" }] }),
        () =>
          tenant
            .index("near")
            .search("")
            .catch((error: unknown) => error),
        () => tenant.getStats().catch((error: unknown) => error),
      );
    },
  ],
];
