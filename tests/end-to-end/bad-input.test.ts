/** What a client can get wrong: each a clear error in the engine's shape, and nothing half-written. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startMiroir, waitForEnd, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest, startNode, type TestNode } from "../support/nodes.ts";

let miroir: TestMiroir;
let single: TestNode;

beforeAll(async () => {
  [miroir, single] = await Promise.all([startMiroir({ nodes: 3, bodyBytesMax: 2_000_000 }), startNode()]);
  await miroir.write("POST", "/indexes", { uid: "films", primaryKey: "id" });
});
afterAll(async () => {
  await miroir.stop();
  await single.stop();
});

async function storedOnNodes(): Promise<number> {
  const counts = await Promise.all(miroir.nodes.map((node) => nodeRequest(node, "GET", "/indexes/films/stats")));
  return counts.reduce((sum, answer) => sum + answer.body.numberOfDocuments, 0);
}

const JSON_TYPE = { "content-type": "application/json" };

describe("refused before any node hears of it", () => {
  const good = Array.from({ length: 100 }, (_unused, id) => ({ id, title: "x" }));
  const cases: [string, string | Uint8Array, Record<string, string>, number, string][] = [
    ["not JSON", "[{id: 1}]", JSON_TYPE, 400, "malformed_payload"],
    ["JSON cut in the middle", '[{"id":1},{"id":', JSON_TYPE, 400, "malformed_payload"],
    ["an empty body", "", JSON_TYPE, 400, "missing_payload"],
    ["a wrong content type", '[{"id":1}]', { "content-type": "text/plain" }, 415, "invalid_content_type"],
    [
      "a document without a key",
      JSON.stringify([...good, { title: "no id" }]),
      JSON_TYPE,
      400,
      "miroir_primary_key_required",
    ],
    ["an invalid document id", JSON.stringify([...good, { id: "not valid!" }]), JSON_TYPE, 400, "invalid_document_id"],
    ["a fractional id", '[{"id":1.0}]', JSON_TYPE, 400, "invalid_document_id"],
    [
      "a reserved field",
      JSON.stringify([...good, { id: 7, _miroir_shard: "x" }]),
      JSON_TYPE,
      400,
      "miroir_reserved_field",
    ],
    ["an oversized body", `[{"id":1,"text":"${"x".repeat(2_100_000)}"}]`, JSON_TYPE, 413, "payload_too_large"],
  ];
  for (const [name, body, headers, status, code] of cases) {
    test(name, async () => {
      const answer = await miroir.request("POST", "/indexes/films/documents", body, headers);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect(Object.keys(answer.body).sort()).toEqual(["code", "link", "message", "type"]);
      expect(await storedOnNodes()).toBe(0);
    });
  }

  test("the message names the position of the first bad document", async () => {
    const answer = await miroir.request("POST", "/indexes/films/documents", [...good, { id: "a b" }]);
    expect(answer.body.message).toContain("100");
  });
});

describe("answered as a single node answers", () => {
  const requests: [string, string, unknown?][] = [
    ["POST", "/indexes/nothing/search", {}],
    ["GET", "/indexes/nothing"],
    ["GET", "/indexes/nothing/stats"],
    ["GET", "/indexes/nothing/documents"],
    ["GET", "/indexes/nothing/settings"],
    ["GET", "/indexes/films/documents/12345"],
    ["POST", "/indexes", { uid: "bad name!" }],
    ["POST", "/indexes", { primaryKey: "id" }],
    ["POST", "/indexes", { uid: "x", unknownField: 1 }],
    ["POST", "/indexes/films/search", { filter: "genre = Drama" }],
    ["POST", "/indexes/films/search", { filter: "((" }],
    ["POST", "/indexes/films/search", { limit: "ten" }],
    ["POST", "/indexes/films/search", { offset: -1 }],
    ["POST", "/indexes/films/search", { noSuchParameter: true }],
    ["POST", "/indexes/films/search", { sort: ["year:asc"] }],
    ["POST", "/indexes/films/search", { facets: ["genre"] }],
    ["POST", "/indexes/films/search", "{not json"],
    ["GET", "/indexes/films/search?limit=abc"],
    ["GET", "/indexes/films/search?nope=1"],
    ["PATCH", "/indexes/films/settings", { nope: 1 }],
    ["PATCH", "/indexes/films/settings", { rankingRules: ["nonsense"] }],
    ["PUT", "/indexes/films/settings/filterable-attributes", "x"],
    ["GET", "/tasks/abc"],
    ["GET", "/tasks/999999"],
    ["GET", "/tasks?statuses=wrong"],
    ["GET", "/tasks?nope=1"],
    ["POST", "/tasks/cancel"],
    ["DELETE", "/tasks"],
    ["POST", "/keys", { actions: ["search"] }],
    ["POST", "/keys", { actions: ["nonsense"], indexes: ["*"], expiresAt: null }],
    ["GET", "/keys/unknown"],
  ];
  beforeAll(async () => {
    const created = await nodeRequest(single, "POST", "/indexes", { uid: "films", primaryKey: "id" });
    await waitForEnd(single, created.body.taskUid);
  });
  for (const [method, path, body] of requests) {
    test(`${method} ${path} ${body === undefined ? "" : JSON.stringify(body)}`, async () => {
      const [ours, theirs] = await Promise.all([
        miroir.request(method, path, body, typeof body === "string" ? JSON_TYPE : {}),
        nodeRequest(single, method, path, body, typeof body === "string" ? JSON_TYPE : {}),
      ]);
      expect([ours.status, ours.text]).toEqual([theirs.status, theirs.text]);
    });
  }
});

test("an unknown route and a wrong method have the engine's status, and a body that says what is the matter", async () => {
  for (const [method, path, status] of [
    ["GET", "/no/such/route", 404],
    ["DELETE", "/version", 405],
  ] as const) {
    const [ours, theirs] = await Promise.all([miroir.request(method, path), nodeRequest(single, method, path)]);
    expect([ours.status, theirs.status]).toEqual([status, status]);
    expect(ours.body.message).toContain(path);
  }
});

describe("credentials", () => {
  const cases: [string, Record<string, string>][] = [
    ["no credential", {}],
    ["a wrong key", { authorization: "Bearer wrong" }],
    ["another scheme", { authorization: "Basic abc" }],
  ];
  for (const [name, headers] of cases) {
    test(`${name} is refused as a node refuses it`, async () => {
      const send = (url: string): Promise<Response> => fetch(`${url}/indexes/films/search?q=x`, { headers });
      const [ours, theirs] = await Promise.all([send(miroir.url), send(single.url)]);
      expect([ours.status, await ours.json()]).toEqual([theirs.status, await theirs.json()]);
    });
  }
});

test("a node that answers garbage is named in the log and its shards in the answer", async () => {
  const liar = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) =>
      request.url.endsWith("/health")
        ? Response.json({ status: "available" })
        : new Response("<html>proxy error</html>"),
  });
  const [one] = miroir.nodes;
  const masterKey = one?.masterKey ?? "";
  const good = await startNode({ masterKey });
  const fake = { ...good, url: liar.url.origin, stop: async () => liar.stop(true) } as TestNode;
  const pair = await startMiroir({ use: [good, fake], waitFor: "listening" });
  try {
    const write = await pair.request("POST", "/indexes", { uid: "films", primaryKey: "id" });
    expect(write.status).toBe(503);
    expect(write.body.message).toContain("node-1");
    // What the good node took is taken back by a task of its own.
    const deadline = performance.now() + 10_000;
    let left = 200;
    while (left !== 404 && performance.now() < deadline) {
      left = (await nodeRequest(good, "GET", "/indexes/films")).status;
      await Bun.sleep(20);
    }
    expect(left).toBe(404);
  } finally {
    await pair.stop();
  }
});
