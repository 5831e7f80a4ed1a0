/** Requests that name a field of Miroir's own: there is no such field, on a node as well as here, and nothing is found by one. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startPair, type Pair } from "../support/clients-pair.ts";
import { sameOn } from "../support/clients-same.ts";
import { realEnginePath } from "../support/nodes.ts";

const TIMEOUT_MS = 180_000;
const FILTERS: readonly unknown[] = [
  "_miroir_shard = 1",
  "_miroir_shard EXISTS",
  "NOT _miroir_shard EXISTS",
  '"_miroir_seq" > "a"',
  "'_miroir_updated_at' IS NOT NULL",
  ["kind = k1", ["_miroir_shard EXISTS", "kind = k2"]],
  "_miroir_shard EXISTS OR kind = k1",
  "_miroir_shard IN [a]",
  "_miroir_other = 1",
];

describe.skipIf(realEnginePath() === null)("names of Miroir's own", () => {
  let pair: Pair;
  const same = sameOn(() => pair);
  beforeAll(async () => {
    pair = await startPair(3, 2);
    const films = Array.from({ length: 30 }, (_unused, id) => ({ id, kind: `k${id % 3}`, _vectors: { own: [id, 1] } }));
    for (const [uid, filterableAttributes] of [
      ["films", ["kind"]],
      ["open", ["*"]],
    ] as const) {
      await pair.load("PATCH", `/indexes/${uid}/settings`, {
        filterableAttributes,
        sortableAttributes: ["id"],
        embedders: { own: { source: "userProvided", dimensions: 2 } },
      });
      await pair.load("POST", `/indexes/${uid}/documents?primaryKey=id`, films);
    }
    await same("PATCH", "/experimental-features", { editDocumentsByFunction: true });
  }, TIMEOUT_MS);
  afterAll(() => pair.stop());

  for (const uid of ["films", "open"]) {
    test(
      `no filter of ${uid} finds, deletes or edits anything by one`,
      async () => {
        for (const filter of FILTERS) {
          const query = { indexUid: uid, filter };
          await same("POST", `/indexes/${uid}/search`, { filter, limit: 3 });
          await same("POST", `/indexes/${uid}/search`, byNumber({ filter, limit: 3 }));
          await same("POST", `/indexes/${uid}/documents/fetch`, { filter, limit: 3 });
          await same("POST", `/indexes/${uid}/facet-search`, { facetName: "kind", filter });
          await same("POST", `/indexes/${uid}/similar`, { id: 1, embedder: "own", filter, limit: 3 });
          await same("POST", "/multi-search", { queries: [{ ...query, limit: 1 }] });
          await same("POST", "/multi-search", { federation: { limit: 1 }, queries: [query] });
          for (const list of [JSON.stringify([filter]), byNumber([filter])]) {
            await same("GET", `/indexes/${uid}/search?limit=2&filter=${escaped(list)}`);
          }
          if (typeof filter === "string") await same("GET", `/indexes/${uid}/search?limit=2&filter=${escaped(filter)}`);
          // What it does find on both is the same on both.
          if (uid === "films" || !JSON.stringify(filter).includes("NOT")) {
            await same("POST", `/indexes/${uid}/documents/edit`, { function: "doc.x = 1", filter });
            await same("POST", `/indexes/${uid}/documents/delete`, { filter });
          }
        }
        await same("GET", `/indexes/${uid}/documents?limit=100`);
      },
      TIMEOUT_MS,
    );
  }

  test("nothing is sorted, counted, told apart or marked by one", async () => {
    for (const body of [
      { sort: ["_miroir_seq:asc"] },
      { sort: ["id:asc", "_miroir_updated_at:desc"] },
      { facets: ["_miroir_shard"] },
      { facets: ["_miroir*"] },
      { distinct: "_miroir_seq" },
      { attributesToRetrieve: ["_miroir_seq"] },
      { attributesToHighlight: ["_miroir_seq"] },
      { attributesToCrop: ["_miroir_shard:3"], q: "k1" },
      { attributesToSearchOn: ["_miroir_seq"], q: "k1" },
      { q: "_miroir_seq _miroir_shard" },
    ]) {
      await same("POST", "/indexes/films/search", { ...body, limit: 2 });
    }
    await same("GET", "/indexes/films/search?sort=_miroir_seq:asc&q=_miroir_seq");
    await same("POST", "/indexes/films/documents/fetch", { sort: ["_miroir_seq:desc"], limit: 2 });
    await same("POST", "/indexes/films/documents/fetch", { fields: ["_miroir_seq"], limit: 2 });
    await same("POST", "/indexes/films/facet-search", { facetName: "_miroir_shard" });
    const queries = [{ indexUid: "films", sort: ["_miroir_seq:asc"] }];
    expect((await same("POST", "/multi-search", { queries })).status).toBe(400);
    const federation = { facetsByIndex: { films: ["_miroir_shard"] } };
    await same("POST", "/multi-search", { federation, queries: [{ indexUid: "films" }] });
  });
});

function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll("_", "%5F");
}

/** JSON in which a character of the name is written by its number. */
function byNumber(body: object): string {
  return JSON.stringify(body).replaceAll("_miroir", "\\u005fmiroir");
}
