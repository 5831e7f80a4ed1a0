/** The main method: one real node and Miroir over three, the same documents and requests, the same answers. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { makeCorpus } from "../differential/corpus.ts";
import { makeSearches } from "../differential/requests.ts";
import { runDifferential } from "../differential/run.ts";
import { startMiroir, waitForEnd, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest, startNode, type TestNode } from "../support/nodes.ts";

const SEED = Number(process.env["MIROIR_SEED"] ?? 20_261_124);
const DOCUMENTS = 2_000;
const SEARCHES = 200;
/** A node may judge a document differently because its dictionary is smaller; nothing a merge does can help. */
const ENGINE_LOCAL_MAX = SEARCHES * 0.01;

const corpus = makeCorpus(SEED, DOCUMENTS);
let single: TestNode;

beforeAll(async () => {
  console.log(`differential seed ${SEED}`);
  single = await startNode();
  for (const [method, path, body] of loading()) {
    const answer = await nodeRequest(single, method, path, body);
    expect(await waitForEnd(single, answer.body.taskUid)).toMatchObject({ status: "succeeded" });
  }
});
afterAll(() => single.stop());

function* loading(): Generator<[string, string, unknown]> {
  yield ["POST", "/indexes", { uid: "corpus", primaryKey: "id" }];
  yield ["PATCH", "/indexes/corpus/settings", corpus.settings];
  for (let from = 0; from < DOCUMENTS; from += 500) {
    yield ["POST", "/indexes/corpus/documents", corpus.documents.slice(from, from + 500)];
  }
}

for (const replicationFactor of [1, 2]) {
  describe(`RF ${replicationFactor}`, () => {
    let miroir: TestMiroir;
    beforeAll(async () => {
      miroir = await startMiroir({ nodes: 3, replicationFactor });
      for (const [method, path, body] of loading()) {
        expect(await miroir.write(method, path, body)).toMatchObject({ status: "succeeded" });
      }
    });
    afterAll(() => miroir.stop());

    test(`${SEARCHES} generated searches give the single node's answers`, async () => {
      const requests = makeSearches(SEED + replicationFactor, SEARCHES, corpus.vocabulary, "corpus");
      const report = await runDifferential(single, miroir, requests);
      console.log(`RF ${replicationFactor}: ${JSON.stringify({ ...report, first_differences: undefined })}`);
      expect(report.first_differences.filter((first) => first.verdict === "different")).toEqual([]);
      expect(report.different).toBe(0);
      expect(report.engine_local).toBeLessThanOrEqual(ENGINE_LOCAL_MAX);
    });

    test("document lists have the single node's documents in its order, and every page is right", async () => {
      const lists = [0, 1, 777, 1_990].map((offset) => ({
        method: "GET" as const,
        path: `/indexes/corpus/documents?offset=${offset}&limit=50`,
      }));
      const report = await runDifferential(single, miroir, [
        ...lists,
        { method: "POST", path: "/indexes/corpus/documents/fetch", body: { filter: "brand = Acme", limit: 1_000 } },
        {
          method: "POST",
          path: "/indexes/corpus/documents/fetch",
          body: { ids: [5, 3, 99_999, 1], fields: ["id", "title"] },
        },
        { method: "GET", path: "/indexes/corpus/documents/1234" },
        { method: "GET", path: "/indexes/corpus/documents/no-such-document" },
      ]);
      expect(report.first_differences).toEqual([]);
      expect(report.equal + report.errors_equal).toBe(report.requests);
    });

    if (replicationFactor === 1) return;
    test("with one node down every answer is still complete and the same", async () => {
      await miroir.nodes[1]?.kill();
      const requests = makeSearches(SEED + 7, 60, corpus.vocabulary, "corpus");
      const report = await runDifferential(single, miroir, requests);
      expect(report.first_differences.filter((first) => first.verdict === "different")).toEqual([]);
      expect(report.different).toBe(0);
    });
  });
}
