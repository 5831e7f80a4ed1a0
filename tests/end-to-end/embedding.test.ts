/**
 * A real embedder behind the nodes: documents are embedded as on one node, a query once for all shards, and what
 * happens when the embedder fails is what happens on one node.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { firstDifference, normal } from "../differential/compare.ts";
import { parseExact } from "../differential/exact-json.ts";
import { createDice } from "../differential/random.ts";
import { askBoth, makeWorld, type World } from "../differential/world.ts";
import { restEmbedder, startEmbeddingServer, type EmbeddingServer } from "../support/embedding-server.ts";
import { HYBRID_SETTINGS, hybridDocuments } from "../support/hybrid-requests.ts";
import { startMiroir } from "../support/miroir.ts";
import {
  nodeRequest,
  realEnginePath,
  runTask,
  startNode,
  startNodes,
  type NodeAnswer,
  type TestNode,
} from "../support/nodes.ts";

const SEED = 20_261_130;
const SEARCH = "/indexes/films/search";
/** Time in which an emptied node has its documents again, also on a busy machine. */
const HEALED_MS = 100_000;
/** Nodes refuse to speak to addresses of their own machine unless they are told to. */
const extraArgs = ["--experimental-allowed-ip-networks", "127.0.0.0/8"];

describe.skipIf(realEnginePath() === null)("an embedder that the nodes call", () => {
  let world: World;
  let ofSingle: EmbeddingServer;
  let ofMiroir: EmbeddingServer;
  let nodes: readonly TestNode[];

  beforeAll(async () => {
    [ofSingle, ofMiroir] = [startEmbeddingServer(), startEmbeddingServer()];
    const [single, started] = await Promise.all([startNode({ extraArgs }), startNodes(3, { extraArgs })]);
    nodes = started;
    const miroir = await startMiroir({ use: nodes, replicationFactor: 2 });
    world = makeWorld(single, miroir, async () => {
      await Promise.all([single.stop(), miroir.stop(), ofSingle.stop(), ofMiroir.stop()]);
    });
    const documents = hybridDocuments(120, createDice(SEED)).map(
      ({ _vectors, ...rest }: { _vectors?: unknown }) => rest,
    );
    const fill = async (target: Pick<TestNode, "url" | "masterKey">, server: EmbeddingServer): Promise<void> => {
      const embedders = {
        templated: restEmbedder(server, { documentTemplate: "{{doc.title}}" }),
        plain: restEmbedder(server),
      };
      for (const [method, path, body] of [
        ["POST", "/indexes", { uid: "films", primaryKey: "id" }],
        ["PATCH", "/indexes/films/settings", { ...HYBRID_SETTINGS, embedders }],
        ["POST", "/indexes/films/documents", documents],
      ] as const) {
        const task = await runTask(target, method, path, body);
        expect([path, task.error]).toEqual([path, null]);
      }
    };
    await Promise.all([fill(single, ofSingle), fill(miroir, ofMiroir)]);
  }, 90_000);
  afterAll(() => world.stop());

  const both = (path: string, body: object): ReturnType<typeof askBoth> => askBoth(world, "POST", path, body);
  const expectSame = async (path: string, body: object): Promise<NodeAnswer> => {
    const [left, right] = await both(path, body);
    const [expected, given] = [parseExact(left.text), parseExact(right.text)];
    const difference = normal(expected) === normal(given) ? "" : firstDifference(expected, given);
    expect([JSON.stringify(body), right.status, difference]).toEqual([JSON.stringify(body), left.status, ""]);
    return right;
  };
  /** How often Miroir's nodes called the embedder while something ran. */
  const calls = async (run: () => Promise<unknown>): Promise<number> => {
    const before = ofMiroir.texts.length;
    await run();
    return ofMiroir.texts.length - before;
  };

  test("documents are embedded from the same texts as on one node, without a trace of a marker", () => {
    const [expected, given] = [ofSingle, ofMiroir].map(({ texts }) => [...new Set(texts)].sort());
    expect(given!.length).toBeGreaterThan(100);
    expect(given).toEqual(expected);
    expect(given!.filter((text) => /_miroir|[†‡•‣‸⁂⁃⁊]/.test(text))).toEqual([]);
  });

  test("the query is embedded once, however many shards are asked, and the answer is that of one node", async () => {
    for (const embedder of ["templated", "plain"]) {
      for (const semanticRatio of [1, 0.8, 0.6]) {
        const body = { q: "golden bridge", hybrid: { embedder, semanticRatio }, limit: 7, showRankingScore: true };
        expect(await calls(() => expectSame(SEARCH, body))).toBe(1);
      }
    }
    const paged = {
      q: "sun",
      hybrid: { embedder: "plain", semanticRatio: 1 },
      page: 2,
      hitsPerPage: 5,
      filter: "year > 2000",
    };
    expect(await calls(() => expectSame(SEARCH, paged))).toBe(1);
  });

  test("it is not embedded at all where words settle the search, or a vector comes along", async () => {
    const settled = { q: "sun", hybrid: { embedder: "plain", semanticRatio: 0.1 }, limit: 2 };
    let answer: NodeAnswer | undefined;
    expect(await calls(async () => (answer = await expectSame(SEARCH, settled)))).toBe(0);
    expect(answer!.body).toMatchObject({ semanticHitCount: 0 });
    const vector = [1, 0, 0, 1, 0, 0, 0.5, 0];
    expect(await calls(() => expectSame(SEARCH, { q: "sun", vector, hybrid: { embedder: "plain" } }))).toBe(0);
  });

  test("several searches in one request are embedded once each, also when they are federated", async () => {
    const hybrid = { embedder: "plain", semanticRatio: 0.9 };
    const queries = ["moon castle", "silver"].map((q) => ({ indexUid: "films", q, hybrid, showRankingScore: true }));
    expect(await calls(() => expectSame("/multi-search", { queries }))).toBe(2);
    expect(await calls(() => expectSame("/multi-search", { queries, federation: { limit: 9 } }))).toBe(2);
    const facet = { facetName: "genre", q: "moon", hybrid: { embedder: "plain", semanticRatio: 1 } };
    expect(await calls(() => nodeRequest(world.miroir, "POST", "/indexes/films/facet-search", facet))).toBe(1);
  });

  test("the vector of the query is shown to whoever retrieves vectors", async () => {
    const hybrid = { embedder: "templated", semanticRatio: 1 };
    const { body } = await expectSame(SEARCH, { q: "forest", hybrid, retrieveVectors: true, limit: 1 });
    expect(body.queryVector).toHaveLength(8);
    expect(body.hits[0]._vectors.templated.embeddings[0]).toHaveLength(8);
  });

  test("documents like a given one are found by vectors that the embedder made", async () => {
    const body = { id: 3, embedder: "templated", limit: 5, showRankingScore: true };
    const [left, right] = await both("/indexes/films/similar", body);
    const scores = ({ hits }: NodeAnswer["body"]): unknown =>
      hits.map((hit: { _rankingScore: number }) => hit._rankingScore);
    expect(scores(right.body)).toEqual(scores(left.body));
  });

  test("when the embedder fails, words alone answer a search by both, and a search by meaning is an error, as on one node", async () => {
    ofSingle.failsWith = 400;
    ofMiroir.failsWith = 400;
    const both = await expectSame(SEARCH, { q: "golden bridge", hybrid: { embedder: "plain", semanticRatio: 0.8 } });
    expect(both.body).toMatchObject({ semanticHitCount: 0 });
    expect(both.body.hits.length).toBeGreaterThan(0);
    const [left, right] = await askBoth(world, "POST", SEARCH, {
      q: "sun",
      hybrid: { embedder: "plain", semanticRatio: 1 },
    });
    expect([right.status, right.body.code]).toEqual([left.status, left.body.code]);
    expect(right.body.message.replaceAll(ofMiroir.url, ofSingle.url)).toBe(left.body.message);
    ofSingle.failsWith = null;
    ofMiroir.failsWith = null;
  });

  test("its key reaches the embedder and no client, and outlives a change of another of its settings", async () => {
    const settings = "/indexes/films/settings/embedders";
    expect((await nodeRequest(world.miroir, "GET", settings)).body.plain.apiKey).toBe("a-sXXXXX...");
    expect(ofMiroir.credentials).toEqual(new Set(["Bearer a-secret-key-of-the-embedder"]));
    await world.miroir.write("PATCH", "/indexes/films/settings", {
      embedders: { plain: { documentTemplateMaxBytes: 300 } },
    });
    const task = (await nodeRequest(world.miroir, "GET", "/tasks?limit=1")).text;
    expect(task).not.toContain("a-secret-key");
    ofMiroir.credentials.clear();
    await world.miroir.request("POST", SEARCH, { q: "winter", hybrid: { embedder: "plain", semanticRatio: 1 } });
    expect(ofMiroir.credentials).toEqual(new Set(["Bearer a-secret-key-of-the-embedder"]));
    expect(await world.miroir.output()).not.toContain("a-secret-key");
  });

  test("trap 53: a node that has lost its disk is given the key again, which no node tells", async () => {
    const node = nodes[0] as TestNode;
    const count = async (): Promise<unknown> =>
      (await nodeRequest(node, "GET", "/indexes/films/stats")).body?.numberOfDocuments;
    const before = await count();
    await node.loseDisk();
    await node.restart();
    const deadline = performance.now() + HEALED_MS;
    while ((await count()) !== before && performance.now() < deadline) await Bun.sleep(100);
    expect(await count()).toBe(before);
    ofMiroir.credentials.clear();
    const asked = { q: "winter", hybrid: { embedder: "plain", semanticRatio: 1 } };
    expect((await nodeRequest(node, "POST", SEARCH, asked)).status).toBe(200);
    expect(ofMiroir.credentials).toEqual(new Set(["Bearer a-secret-key-of-the-embedder"]));
  }, 120_000);
});
