/** The client's methods about indexes, statistics, health and versions. */
import { Index } from "meilisearch";
import { books, ended, inTurn, type SdkStep } from "./clients-sdk-step.ts";

export const indexSteps: readonly SdkStep[] = [
  [
    "health",
    ({ client }) =>
      inTurn(
        () => client.health(),
        () => client.isHealthy(),
      ),
  ],
  ["version", ({ client }) => client.getVersion()],
  ["statistics of nothing", ({ client }) => client.getStats()],
  ["no index at first", ({ client }) => client.getIndexes()],
  ["create with a key", ({ client }) => ended(client.createIndex("shelf", { primaryKey: "id" }))],
  ["create without a key", ({ client }) => ended(client.createIndex("attic"))],
  ["create what is there", ({ client }) => ended(client.createIndex("attic"))],
  ["create with an impossible name", ({ client }) => client.createIndex("no spaces please")],
  [
    "create from the class",
    ({ url, masterKey }) =>
      Index.create("cellar", { primaryKey: "number" }, { host: url, apiKey: masterKey }).waitTask({ timeout: 60_000 }),
  ],
  [
    "look at one index in every way",
    ({ client }) =>
      inTurn(
        () => client.getRawIndex("shelf"),
        async () => plain(await client.getIndex("shelf")),
        () => client.index("shelf").getRawInfo(),
        async () => plain(await client.index("shelf").fetchInfo()),
        () => client.index("shelf").fetchPrimaryKey(),
        () => client.index("attic").fetchPrimaryKey(),
      ),
  ],
  ["look at an index that is not there", ({ client }) => client.getIndex("roof")],
  ["all indexes", ({ client }) => client.getRawIndexes()],
  ["the second of them", ({ client }) => client.getRawIndexes({ offset: 1, limit: 1 })],
  [
    "all as objects",
    async ({ client }) => {
      const { results, ...page } = await client.getIndexes({ limit: 2 });
      return { ...page, results: results.map(plain) };
    },
  ],
  ["give a key by the client", ({ client }) => ended(client.updateIndex("attic", { primaryKey: "number" }))],
  ["change the key of an empty index", ({ client }) => ended(client.index("attic").update({ primaryKey: "id" }))],
  ["rename", ({ client }) => ended(client.index("attic").update({ uid: "loft" }))],
  ["rename what is not there", ({ client }) => ended(client.updateIndex("attic", { uid: "roof" }))],
  ["fill one", ({ client }) => ended(client.index("loft").addDocuments(books(30)))],
  ["change the key of a full index", ({ client }) => ended(client.index("loft").update({ primaryKey: "year" }))],
  ["statistics of one", ({ client }) => client.index("loft").getStats()],
  ["statistics of all", ({ client }) => client.getStats()],
  ["the fields of an index", ({ client }) => client.index("loft").getFields()],
  [
    "some of the fields",
    ({ client }) =>
      client.index("loft").getFields({ offset: 1, limit: 2, filter: { attributePatterns: ["t*", "y*"] } }),
  ],
  ["rewrite the file of an index", ({ client }) => ended(client.index("loft").compact())],
  [
    "swap",
    ({ client }) =>
      inTurn(
        () => ended(client.swapIndexes([{ indexes: ["loft", "shelf"], rename: false }])),
        () => client.index("shelf").getStats(),
        () => client.index("loft").getStats(),
      ),
  ],
  [
    "swap with what is not there",
    ({ client }) => ended(client.swapIndexes([{ indexes: ["loft", "roof"], rename: false }])),
  ],
  ["swap with itself", ({ client }) => client.swapIndexes([{ indexes: ["loft", "loft"], rename: false }])],
  ["delete through the index", ({ client }) => ended(client.index("loft").delete())],
  ["delete through the client", ({ client }) => ended(client.deleteIndex("shelf"))],
  ["delete what is gone", ({ client }) => ended(client.deleteIndex("shelf"))],
  [
    "delete if it exists",
    ({ client }) =>
      inTurn(
        () => client.deleteIndexIfExists("cellar"),
        () => client.deleteIndexIfExists("roof"),
      ),
  ],
];

/** Without the parts that hold the connection. */
function plain(index: Index): unknown {
  const { uid, primaryKey, createdAt, updatedAt } = index;
  return { uid, primaryKey, createdAt, updatedAt };
}
