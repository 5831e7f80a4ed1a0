/** Functions that edit documents, on real nodes: whatever they do, the documents stay where the router finds them. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { startMiroir, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest, realEnginePath } from "../support/nodes.ts";

const TIMEOUT_MS = 60_000;
const engineIsHere = realEnginePath() !== null;
let miroir: TestMiroir;

beforeAll(async () => {
  if (!engineIsHere) return;
  miroir = await startMiroir({ nodes: 2, replicationFactor: 1, shards: 8 });
  await miroir.request("PATCH", "/experimental-features", { editDocumentsByFunction: true });
  await miroir.write("POST", "/indexes", { uid: "edits", primaryKey: "id" });
});
afterAll(async () => {
  if (engineIsHere) await miroir.stop();
});

async function edited(
  code: string,
  more: object = {},
): Promise<{ task: Record<string, unknown>; documents: unknown[] }> {
  const documents = Array.from({ length: 6 }, (_unused, id) => ({ id, t: "a", n: 1.5 }));
  await miroir.write("POST", "/indexes/edits/documents", documents);
  const task = await miroir.write("POST", "/indexes/edits/documents/edit", { function: code, ...more });
  const page = await miroir.request("GET", "/indexes/edits/documents?limit=100");
  const search = await miroir.request("POST", "/indexes/edits/search", { limit: 100 });
  expect(search.body.hits.length).toBe(page.body.results.length);
  for (const node of miroir.nodes) {
    const stored = await nodeRequest(node, "GET", "/indexes/edits/documents?limit=100");
    for (const document of stored.body.results) {
      expect(document).toMatchObject({ _miroir_shard: expect.any(String), _miroir_seq: expect.any(String) });
    }
  }
  return { task, documents: page.body.results };
}

const whole: [string, object][] = [
  ["doc = #{id: doc.id, t: `b`}", { t: "b" }],
  ['doc.remove("_miroir_shard"); doc.remove("_miroir_seq"); doc.k = doc.keys()', { k: ["id", "n", "t"] }],
  ['doc._miroir_shard = "x"; doc._miroir_seq = 1', { t: "a" }],
  ["doc.t = `c`; return; doc.t = `d`", { t: "c" }],
  ['if doc.id >= 0 { doc = #{id: doc.id, t: `e\\n"q"`}; return 5 } doc.t = `f`', { t: 'e\\n"q"' }],
  ["let f = |x| x + 1; doc.y = f.call(3)", { y: 4 }],
  ["fn g(x) { return x * 2 } doc.y = g(4)", { y: 8 }],
  ["doc.y = context.by /* open", { y: 7 }],
  ["let doc = #{id: doc.id, z: 1};", { z: 1 }],
];

test.skipIf(!engineIsHere).each(whole)(
  "%p changes the documents and keeps the markers",
  async (code, expected) => {
    const { task, documents } = await edited(code, { context: { by: 7 } });
    expect(task).toMatchObject({ status: "succeeded", error: null, details: { editedDocuments: 6, function: code } });
    expect(documents).toHaveLength(6);
    for (const document of documents) expect(document).toMatchObject(expected);
    expect(JSON.stringify(documents)).not.toContain("_miroir");
  },
  TIMEOUT_MS,
);

test.skipIf(!engineIsHere)(
  "documents set to () are deleted",
  async () => {
    expect((await edited("if doc.id % 2 == 0 { doc = () }")).documents).toHaveLength(3);
  },
  TIMEOUT_MS,
);

test.skipIf(!engineIsHere)(
  "what a node says of the function speaks of the client's function",
  async () => {
    const { task, documents } = await edited("doc.t = 1; doc.foo(2)");
    expect(task["status"]).toBe("failed");
    expect(JSON.stringify(task["error"])).toContain("(line 1, position 16)");
    expect(documents).toHaveLength(6);
    const early = await edited("doc.foo(2); return");
    expect(JSON.stringify(early.task["error"])).toContain("(line 1, position 5)");
    expect(JSON.stringify(early.task)).not.toContain("eval");
    const key = await edited("doc.id = 77");
    expect(key.task).toMatchObject({ status: "failed", details: { function: "doc.id = 77" } });
  },
  TIMEOUT_MS,
);

test.skipIf(!engineIsHere)(
  "what cannot be done is refused before anything is noted",
  async () => {
    const send = (body: object) => miroir.request("POST", "/indexes/edits/documents/edit", body);
    expect(await send({ function: "doc.x = 1 +" })).toMatchObject({
      status: 400,
      body: { code: "bad_request", message: "Script is incomplete (line 1, position 12)" },
    });
    expect(await send({ function: "exit(1)" })).toMatchObject({ body: { code: "miroir_not_supported" } });
    expect(await send({ function: "doc.x=1", filter: "x = " })).toMatchObject({
      status: 400,
      body: { code: "invalid_document_filter" },
    });
    const missing = await miroir.request("POST", "/indexes/none/documents/edit", { function: "doc.x = 1 +" });
    expect(missing).toMatchObject({ status: 400, body: { code: "bad_request" } });
  },
  TIMEOUT_MS,
);

test.skipIf(!engineIsHere)(
  "a delete by filter on a missing index checks the syntax first, as the engine does",
  async () => {
    const [single] = miroir.nodes;
    if (single === undefined) throw new TypeError("there is a node");
    for (const filter of ["a =", ["a = 1", [3]], "(", "a = 1"]) {
      const ours = await miroir.request("POST", "/indexes/none/documents/delete", { filter });
      const theirs = await nodeRequest(single, "POST", "/indexes/none/documents/delete", { filter });
      expect([ours.status, ours.body.code, ours.body.message]).toEqual([
        theirs.status,
        theirs.body.code,
        theirs.body.message,
      ]);
    }
  },
  TIMEOUT_MS,
);
