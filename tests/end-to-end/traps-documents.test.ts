/** Traps of deleting, editing and reading back documents, by their numbers, and how bodies may be sent. */
import zlib from "node:zlib";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { startPair, type Pair } from "../support/clients-pair.ts";
import { sameOn, type Asked } from "../support/clients-same.ts";
import { waitForEnd } from "../support/miroir.ts";
import { nodeRequest, realEnginePath } from "../support/nodes.ts";

const TIMEOUT_MS = 240_000;
/** Development nodes have neither functions nor encodings, and read parameters in an order of their own. */
const engineOnly = test.skipIf(realEnginePath() === null);
let pair: Pair;
beforeAll(async () => {
  pair = await startPair(3, 2);
}, TIMEOUT_MS);
afterAll(() => pair.stop());

const same = sameOn(() => pair);
const documentsOf = (uid: string): Promise<Asked> => same("GET", `/indexes/${uid}/documents?limit=1000`);
const many = (count: number, more: (id: number) => object = () => ({})): object[] =>
  Array.from({ length: count }, (_unused, id) => ({ id, name: `n${id}`, ...more(id) }));

test(
  "traps 41 and 42: documents are counted once, whatever the number of copies, also those that are cleared",
  async () => {
    const added = await same("POST", "/indexes/t41/documents?primaryKey=id", many(50));
    expect(added.task.details).toEqual({ receivedDocuments: 50, indexedDocuments: 50 });
    const batch = await same("POST", "/indexes/t41/documents/delete-batch", [1, "2", 3, "none", 999]);
    expect(batch.task.details).toMatchObject({ providedIds: 5, deletedDocuments: 3 });
    expect((await same("DELETE", "/indexes/t41/documents/nothing")).task.details.deletedDocuments).toBe(0);
    expect((await same("DELETE", "/indexes/t41/documents")).task.details.deletedDocuments).toBe(47);
    expect((await same("DELETE", "/indexes/t41/documents")).task.details.deletedDocuments).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  "trap 43: a task shows the client's own filter",
  async () => {
    await same("PATCH", "/indexes/t43/settings", { filterableAttributes: ["kind"] });
    await same(
      "POST",
      "/indexes/t43/documents?primaryKey=id",
      many(30, (id) => ({ kind: `k${id % 3}` })),
    );
    for (const filter of ['kind = "k1"', ["kind = k2", ["kind = a", "kind = k2"]], [["kind = none"]]]) {
      const { task } = await same("POST", "/indexes/t43/documents/delete", { filter });
      expect(task.details.originalFilter).toBe(JSON.stringify(filter));
    }
    expect((await documentsOf("t43")).body.total).toBe(10);
  },
  TIMEOUT_MS,
);

engineOnly(
  "trap 44: an edit reports the documents that it looked at, once each",
  async () => {
    await same("PATCH", "/experimental-features", { editDocumentsByFunction: true });
    await same(
      "POST",
      "/indexes/t44/documents?primaryKey=id",
      many(25, (id) => ({ n: id })),
    );
    await same("PATCH", "/indexes/t44/settings", { filterableAttributes: ["n"] });
    const edit = { function: "if doc.n > 20 { doc.big = true }", filter: "n > 9", context: { a: 1 } };
    expect((await same("POST", "/indexes/t44/documents/edit", edit)).task.details.editedDocuments).toBe(15);
    await same("POST", "/indexes/t44/documents/edit", { function: "doc.x = context.a", context: { a: [1] } });
    await same("POST", "/indexes/t44/documents/edit", { function: "doc.x = " });
    await same("POST", "/indexes/t44/documents/edit", { filter: "n = 1" });
    await documentsOf("t44");
  },
  TIMEOUT_MS,
);

engineOnly(
  "trap 70: of several mistakes the first in the body is told",
  async () => {
    const wrong: [string, string, unknown][] = [
      ["POST", "/indexes/t44/search", { limit: "x", offset: -1 }],
      ["POST", "/indexes/t44/search", { offset: -1, limit: "x" }],
      ["POST", "/indexes/t44/search", { nothing: 1, offset: -1 }],
      ["POST", "/indexes/t44/search", { offset: -1, nothing: 1 }],
      ["POST", "/indexes/t44/documents/fetch", { limit: [], fields: 3 }],
      ["POST", "/indexes/t44/documents/fetch", { fields: 3, limit: [] }],
      ["POST", "/indexes", { primaryKey: 3, uid: 4 }],
      ["POST", "/keys", { indexes: 3, actions: 4 }],
      ["PATCH", "/indexes/t44/settings", { stopWords: 3, synonyms: [] }],
      ["PATCH", "/indexes/t44/settings", { synonyms: [], stopWords: 3 }],
      ["PATCH", "/indexes/t44", { uid: 3, primaryKey: [] }],
      ["POST", "/swap-indexes", [{ indexes: 3, other: 4 }]],
      ["GET", "/tasks?limit=x&from=y", undefined],
      ["GET", "/tasks?from=y&limit=x", undefined],
      ["GET", "/indexes?offset=x&limit=y", undefined],
      ["GET", "/indexes/t44/documents?limit=x&offset=y", undefined],
    ];
    for (const [method, path, body] of wrong) expect((await same(method, path, body)).status).toBe(400);
  },
  TIMEOUT_MS,
);

test(
  "trap 71: numbers that no float holds come back as they were written, in every format",
  async () => {
    const rows = [
      "12345678901234567890",
      "-9223372036854775808",
      "9007199254740993",
      "1.0",
      "1e3",
      "0.1",
      "-0.0",
      "1.10",
    ];
    const body = `[${rows.map((row, n) => `{"id":${n},"v":${row},"deep":{"w":[${row}]}}`).join(",")}]`;
    await same("POST", "/indexes/t71/documents?primaryKey=id", body);
    await same("PUT", "/indexes/t71/documents", '[{"id":0,"late":18446744073709551615}]');
    await same("POST", "/indexes/t71/documents", '{"id":8,"v":1,"v":2.0}\n', {
      headers: { "content-type": "application/x-ndjson" },
    });
    await same("POST", "/indexes/t71/documents", "id:number,v:number,w\n9,2.50,2.50\n", {
      headers: { "content-type": "text/csv" },
    });
    const texts = await pair.both(async (side) => {
      const list = await nodeRequest(side, "GET", "/indexes/t71/documents?limit=20");
      const one = await nodeRequest(side, "GET", "/indexes/t71/documents/0");
      const found = await nodeRequest(side, "POST", "/indexes/t71/search", { limit: 20, attributesToRetrieve: ["*"] });
      return [list.text, one.text, found.text.replace(/"processingTimeMs.*/, "")].map(numbersIn);
    });
    expect(texts.miroir).toEqual(texts.single);
  },
  TIMEOUT_MS,
);

/** The members of every document as text, sorted: in which order a node prints them is its own affair. */
function numbersIn(text: string): readonly string[] {
  return [...text.matchAll(/"(?:id|v|w|late)":(?:\[[^\]]*\]|[^,}\]]*)/g)].map(([member]) => member).toSorted();
}

engineOnly(
  "trap 72: bodies are read in every encoding of the engine, and the limit counts what they hold",
  async () => {
    const body = Buffer.from(JSON.stringify(many(30)));
    const packed: Record<string, Uint8Array> = {
      gzip: zlib.gzipSync(body),
      br: zlib.brotliCompressSync(body),
      deflate: zlib.deflateSync(body),
    };
    for (const [encoding, bytes] of Object.entries(packed)) {
      const headers = { "content-type": "application/json", "content-encoding": encoding };
      const { task } = await same("POST", `/indexes/enc-${encoding}/documents?primaryKey=id`, bytes, { headers });
      expect(task.details.indexedDocuments).toBe(30);
      const broken = new Uint8Array([1, 2, 3]);
      const refused = await pair.miroir.request("POST", `/indexes/enc-${encoding}/documents`, broken, headers);
      expect([refused.status, refused.body.code]).toEqual([400, "bad_request"]);
    }
    // The engine as built here does not read this one (it takes the packed bytes for JSON); the router does.
    const zstd = { "content-type": "application/json", "content-encoding": "zstd" };
    const packedMore = zlib.zstdCompressSync(body);
    const more = await pair.miroir.request("POST", "/indexes/enc-zstd/documents?primaryKey=id", packedMore, zstd);
    expect(more.status).toBe(202);
    expect((await waitForEnd(pair.miroir, more.body.taskUid)).details.indexedDocuments).toBe(30);
    const large = zlib.gzipSync(Buffer.alloc(105 * 1024 * 1024, " "));
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    // Both name their own limit, which are 100 MB and 100 MiB by default.
    for (const side of [pair.single, pair.miroir]) {
      const refused = await nodeRequest(side, "POST", "/indexes/enc-gzip/documents", large, headers);
      expect([refused.status, refused.body.code]).toEqual([413, "payload_too_large"]);
    }
  },
  TIMEOUT_MS,
);

test(
  "a remark of the client's comes back with the task, and with nothing of the router's",
  async () => {
    const remark = "customMetadata=about%20%22this%22%20%C3%A9";
    await same("POST", `/indexes/remarks/documents?primaryKey=id&${remark}`, many(20));
    await same("PUT", `/indexes/remarks/documents?${remark}`, many(2));
    await same("POST", `/indexes/remarks/documents/delete-batch?${remark}`, [1]);
    await same("DELETE", `/indexes/remarks/documents/2?${remark}`);
    await same("POST", `/indexes/remarks/documents/delete?${remark}`, { filter: "id = 3" });
    await same("DELETE", `/indexes/remarks/documents?${remark}`);
    await same("POST", `/indexes/remarks/documents/edit?${remark}`, { function: "doc.a = 1" });
  },
  TIMEOUT_MS,
);
