/** Traps of looking after several nodes, by their numbers: keys, settings, statistics, and a node that goes away. */
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { comparable } from "../support/clients-comparable.ts";
import { startPair, type Pair } from "../support/clients-pair.ts";
import { askOne, sameOn } from "../support/clients-same.ts";
import { nodeRequest, type NodeAnswer } from "../support/nodes.ts";

const TIMEOUT_MS = 240_000;
let pair: Pair;
beforeAll(async () => {
  pair = await startPair(3, 2);
  const documents = Array.from({ length: 30 }, (_unused, id) => ({ id, title: `Film ${id}`, kind: `k${id % 3}` }));
  await pair.load("PATCH", "/indexes/films/settings", { filterableAttributes: ["kind"], sortableAttributes: ["id"] });
  await pair.load("POST", "/indexes/films/documents?primaryKey=id", documents);
  await pair.load("POST", "/indexes/books/documents?primaryKey=id", [{ id: 1, title: "Book" }]);
}, TIMEOUT_MS);
afterAll(() => pair.stop());

const same = sameOn(() => pair);

/** A key of the same uid on both, hence the same text. */
async function makeKey(uid: string, actions: string[], indexes: string[]): Promise<{ uid: string; key: string }> {
  const { miroir } = await pair.both((side) =>
    nodeRequest(side, "POST", "/keys", { uid, actions, indexes, expiresAt: null }),
  );
  return miroir.body;
}

function token(claims: object, key: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

test(
  "trap 47: nothing of the router's own is seen on any route",
  async () => {
    await same("POST", "/indexes/films/fields", { limit: 100 });
    const read =
      "/indexes /indexes/films /indexes/films/stats /stats /indexes/films/settings /indexes/films/documents " +
      "/indexes/films/settings/filterable-attributes /indexes/films/settings/sortable-attributes " +
      "/indexes/films/settings/ranking-rules /indexes/films/documents/1 /tasks /batches /keys";
    const everything: [string, string, unknown?][] = [
      ...read.split(" ").map((path): [string, string] => ["GET", path]),
      ["POST", "/indexes/films/documents/fetch", { filter: "kind = k1" }],
      [
        "POST",
        "/indexes/films/search",
        {
          q: "film",
          facets: ["*"],
          attributesToHighlight: ["*"],
          attributesToCrop: ["*"],
          showMatchesPosition: true,
          showRankingScoreDetails: true,
        },
      ],
      [
        "POST",
        "/multi-search",
        { federation: { facetsByIndex: { films: ["kind"] } }, queries: [{ indexUid: "films" }] },
      ],
      ["POST", "/indexes/films/search", { filter: "nothing = 1" }],
      ["POST", "/indexes/films/search", { sort: ["nothing:asc"] }],
      ["POST", "/indexes/films/search", { facets: ["nothing"] }],
    ];
    for (const [method, path, body] of everything) {
      const { text } = await pair.miroir.request(method, path, body);
      expect(text).not.toMatch(/_miroir|[†‡•‣⁂⁃⁊]/u);
    }
  },
  TIMEOUT_MS,
);

test(
  "trap 50: every node has the same keys with the same texts, and they are those that clients are shown",
  async () => {
    const shown = await pair.miroir.request("GET", "/keys");
    for (const node of pair.miroir.nodes) {
      const onNode = await nodeRequest(node, "GET", "/keys");
      const facts = ({ body }: NodeAnswer): unknown[] =>
        body.results.map(({ uid, key, name }: Record<string, unknown>) => [uid, key, name]).toSorted();
      expect(facts(onNode)).toEqual(facts(shown));
    }
    const search = shown.body.results.find(({ name }: { name: string }) => name === "Default Search API Key");
    const { status } = await nodeRequest(
      { url: pair.miroir.url, masterKey: search.key },
      "POST",
      "/indexes/films/search",
      {},
    );
    expect(status).toBe(200);
  },
  TIMEOUT_MS,
);

test(
  "trap 51: a tenant token searches with its filter, also facets, and does nothing else",
  async () => {
    const { uid, key } = await makeKey("6062abda-a5aa-4414-ac91-ecd7944c0f8d", ["search"], ["films"]);
    const limited = token({ apiKeyUid: uid, searchRules: { films: { filter: "kind = k1" } } }, key);
    await same("POST", "/indexes/films/search", { filter: "kind != k7", limit: 3 }, { key: limited });
    for (const body of [
      { limit: 100 },
      { filter: "kind = k0" },
      { filter: ["kind = k0 OR kind = k1"], facets: ["kind"] },
    ]) {
      const { body: answer } = await same("POST", "/indexes/films/search", body, { key: limited });
      for (const hit of answer.hits) expect(hit.kind).toBe("k1");
    }
    await same("POST", "/indexes/films/facet-search", { facetName: "kind" }, { key: limited });
    await same("POST", "/multi-search", { queries: [{ indexUid: "films", q: "film", limit: 2 }] }, { key: limited });
    await same("POST", "/multi-search", { queries: [{ indexUid: "books" }] }, { key: limited });
    await same("GET", "/indexes/films/documents", undefined, { key: limited });
    await same("GET", "/indexes", undefined, { key: limited });
    await same("POST", "/indexes/books/search", {}, { key: limited });
    await same("POST", "/indexes/films/search", {}, { key: token({ apiKeyUid: uid, searchRules: ["other*"] }, key) });
    await same(
      "POST",
      "/indexes/films/search",
      {},
      { key: token({ apiKeyUid: uid, searchRules: ["*"], exp: 1 }, key) },
    );
    await same("POST", "/indexes/films/search", {}, { key: token({ apiKeyUid: uid, searchRules: ["*"] }, "wrong") });
  },
  TIMEOUT_MS,
);

test(
  "trap 52: a restricted key sees its indexes and their tasks, with the engine's pages and totals",
  async () => {
    const { key } = await makeKey("7062abda-a5aa-4414-ac91-ecd7944c0f8d", ["*"], ["films"]);
    const { key: reader } = await makeKey("8062abda-a5aa-4414-ac91-ecd7944c0f8d", ["*.get"], ["b*"]);
    for (const own of [key, reader]) {
      for (const path of ["/indexes", "/stats", "/indexes/films", "/indexes/books/stats", "/keys", "/version"]) {
        const { single, miroir } = await pair.both((side) =>
          nodeRequest({ url: side.url, masterKey: own }, "GET", path),
        );
        expect([path, miroir.status]).toEqual([path, single.status]);
        if (path !== "/version" && !path.includes("stats"))
          expect(comparable(miroir.body)).toEqual(comparable(single.body));
      }
      // A page may be shorter than asked for, and the total counts what cannot be seen.
      for (const query of [
        "?limit=1",
        "?limit=2",
        "?limit=3",
        "",
        "?indexUids=films",
        "?indexUids=books",
        "?from=1&limit=2",
      ]) {
        const view = ({ body }: NodeAnswer): unknown => [
          body.results.map(({ uid, indexUid }: Record<string, unknown>) => [uid, indexUid]),
          body.total,
          body.next,
          body.from,
        ];
        const { single, miroir } = await pair.both((side) =>
          nodeRequest({ url: side.url, masterKey: own }, "GET", `/tasks${query}`),
        );
        expect([query, view(miroir)]).toEqual([query, view(single)]);
      }
      await same("GET", "/tasks/0", undefined, { key: own });
      await same("GET", "/batches?limit=1", undefined, { key: "wrong" });
    }
  },
  TIMEOUT_MS,
);

test(
  "traps 53 and 54: settings read back in the engine's normal form, with secrets masked",
  async () => {
    const embedders = {
      e: {
        source: "rest",
        url: "http://127.0.0.1:1/",
        apiKey: "secret-0123456789",
        dimensions: 2,
        request: "{{text}}",
        response: "{{embedding}}",
      },
    };
    const settings = {
      stopWords: ["the", "a", "the"],
      sortableAttributes: ["title", "id", "id"],
      synonyms: { B: ["A"] },
      embedders,
    };
    await same("PATCH", "/indexes/tuned/settings", settings);
    const { text } = await same("GET", "/indexes/tuned/settings");
    expect(text).not.toContain("secret-0123456789");
    await same("GET", "/indexes/tuned/settings/embedders");
    await same("PUT", "/indexes/tuned/settings/dictionary", ["z", "y", "z"]);
    await same("GET", "/indexes/tuned/settings/dictionary");
  },
  TIMEOUT_MS,
);

test(
  "traps 55 and 65: after a change of settings every node has it, and the index keeps one date of creation",
  async () => {
    const before = (await pair.miroir.request("GET", "/indexes/films")).body;
    await pair.load("PUT", "/indexes/films/settings/stop-words", ["of"]);
    for (const node of pair.miroir.nodes) {
      expect((await nodeRequest(node, "GET", "/indexes/films/settings/stop-words")).body).toEqual(["of"]);
    }
    const seen = await Promise.all(Array.from({ length: 6 }, () => pair.miroir.request("GET", "/indexes/films")));
    expect(new Set(seen.map(({ text }) => text)).size).toBe(1);
    expect(seen[0]?.body.createdAt).toBe(before.createdAt);
    expect(Date.parse(seen[0]?.body.updatedAt)).toBeGreaterThan(Date.parse(before.updatedAt));
  },
  TIMEOUT_MS,
);

test(
  "trap 56: two indexes change places with their documents and settings, on all nodes or none",
  async () => {
    await same("POST", "/swap-indexes", [{ indexes: ["films", "books"] }]);
    await same("GET", "/indexes/books/documents?limit=3");
    await same("GET", "/indexes/films/settings");
    await same("POST", "/swap-indexes", [{ indexes: ["films", "nowhere"] }]);
    await same("POST", "/swap-indexes", [{ indexes: ["films", "books"] }]);
    await same("POST", "/indexes/films/search", { q: "film", limit: 3 });
  },
  TIMEOUT_MS,
);

test(
  "traps 57 and 66: dumps and snapshots would hold one node's shards and are refused; compaction is one task",
  async () => {
    for (const path of ["/dumps", "/snapshots"]) {
      const { status, body } = await pair.miroir.request("POST", path);
      expect([status, body.code]).toEqual([501, "miroir_not_supported"]);
    }
    const { single, miroir } = await pair.both((side) => askOne(side, "POST", "/indexes/films/compact"));
    expect([miroir.status, (miroir.task as { status: string }).status]).toEqual([single.status, "succeeded"]);
  },
  TIMEOUT_MS,
);

test(
  "traps 63 and 64: documents, fields and embeddings are counted once",
  async () => {
    await pair.load("PATCH", "/indexes/vectors/settings", {
      embedders: { mine: { source: "userProvided", dimensions: 2 } },
    });
    const documents = Array.from({ length: 25 }, (_unused, id) => ({
      id,
      _vectors: {
        mine:
          id % 5 === 0
            ? null
            : id % 2 === 0
              ? [1, id]
              : [
                  [1, id],
                  [id, 2],
                ],
      },
    }));
    await pair.load("POST", "/indexes/vectors/documents?primaryKey=id", documents);
    const counts = [
      "numberOfDocuments",
      "isIndexing",
      "numberOfEmbeddings",
      "numberOfEmbeddedDocuments",
      "fieldDistribution",
    ];
    for (const uid of ["films", "vectors"]) {
      const { single, miroir } = await pair.both((side) => nodeRequest(side, "GET", `/indexes/${uid}/stats`));
      for (const name of counts) expect([uid, name, miroir.body[name]]).toEqual([uid, name, single.body[name]]);
      expect(Object.keys(miroir.body)).toEqual(Object.keys(single.body));
      expect(miroir.body.avgDocumentSize).toBeGreaterThan(0);
    }
  },
  TIMEOUT_MS,
);

test(
  "trap 69: health needs no key and no node; trap 59: what no node can answer is 503 with Retry-After",
  async () => {
    const [first, ...others] = pair.miroir.nodes;
    await first?.kill();
    // Another owner answers for it.
    for (let n = 0; n < 5; n += 1) {
      expect((await pair.miroir.request("POST", "/indexes/films/search", { q: "film" })).status).toBe(200);
    }
    for (const node of others) await node.kill();
    const health = await fetch(`${pair.miroir.url}/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: "available" }]);
    const search = await pair.miroir.request("POST", "/indexes/films/search", { q: "film" });
    expect([search.status, search.headers.get("retry-after")]).toEqual([503, "10"]);
    const write = await pair.miroir.request("POST", "/indexes/films/documents", [{ id: 1 }]);
    expect([write.status, write.headers.get("retry-after")]).toEqual([503, "10"]);
  },
  TIMEOUT_MS,
);
