/**
 * What this version does not serve: each route answers 501 with `miroir_not_supported` and says what to use instead. A
 * route that is served one day fails here, and belongs then among the situations that are compared with a node.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startMiroir, type TestMiroir } from "../support/miroir.ts";

const ID = "00000000-0000-4000-8000-000000000001";

const REFUSED: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ["GET", "/metrics"],
  ["GET", "/tasks/0/documents"],
  ["POST", "/tasks/compact"],
  ["POST", "/indexes/kept/facet-search", { facetName: "kind" }],
  ["POST", "/indexes/kept/similar", { id: 1, embedder: "mine" }],
  ["GET", "/indexes/kept/similar?id=1&embedder=mine"],
  ["POST", "/dumps"],
  ["POST", "/snapshots"],
  ["POST", "/export", { url: "http://127.0.0.1:1" }],
  ["GET", "/network"],
  ["PATCH", "/network", { self: "me" }],
  ["POST", "/network/control", {}],
  ["GET", "/webhooks"],
  ["POST", "/webhooks", { url: "http://127.0.0.1:1" }],
  ["GET", `/webhooks/${ID}`],
  ["PATCH", `/webhooks/${ID}`, {}],
  ["DELETE", `/webhooks/${ID}`],
  ["POST", "/dynamic-search-rules", {}],
  ["DELETE", "/dynamic-search-rules"],
  ["GET", "/dynamic-search-rules/first"],
  ["PATCH", "/dynamic-search-rules/first", {}],
  ["DELETE", "/dynamic-search-rules/first"],
  ["POST", "/logs/stream", { target: "info" }],
  ["DELETE", "/logs/stream"],
  ["POST", "/logs/stderr", { target: "info" }],
  ["POST", "/render-template", {}],
  ["GET", "/chats"],
  ["GET", "/chats/lounge"],
  ["DELETE", "/chats/lounge"],
  ["GET", "/chats/lounge/settings"],
  ["PATCH", "/chats/lounge/settings", {}],
  ["DELETE", "/chats/lounge/settings"],
  ["POST", "/chats/lounge/chat/completions", { model: "m", messages: [], stream: true }],
];

describe("routes that are refused", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    miroir = await startMiroir({ nodes: 1 });
    expect(await miroir.write("POST", "/indexes", { uid: "kept", primaryKey: "id" })).toMatchObject({
      status: "succeeded",
    });
  });
  afterAll(() => miroir.stop());

  for (const [method, path, body] of REFUSED) {
    test(`${method} ${path}`, async () => {
      const answer = await miroir.request(method, path, body);
      expect([answer.status, answer.body?.code]).toEqual([501, "miroir_not_supported"]);
      expect(String(answer.body?.message).length).toBeGreaterThan(30);
    });
  }
});
