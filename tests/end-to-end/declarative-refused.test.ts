/**
 * Routes that this version does not serve answer 501 with `miroir_not_supported` and say what to use instead. Routes
 * behind a switch of the engine answer as a node does while it is off, and only then as they are served here.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startPair, type Pair } from "../support/clients-pair.ts";
import { nodeRequest } from "../support/nodes.ts";

type Request = readonly [method: string, path: string, body?: unknown];

const REFUSED: readonly Request[] = [
  ["POST", "/dumps"],
  ["POST", "/snapshots"],
];

/** Each is sent while everything is off; those that are refused also while their feature is on. */
const BEHIND: readonly (readonly [feature: string, refused: boolean, ...Request])[] = [
  ["metrics", false, "GET", "/metrics"],
  ["getTaskDocumentsRoute", false, "GET", "/tasks/0/documents"],
  ["getTaskDocumentsRoute", false, "GET", "/tasks/x/documents"],
  ["taskQueueCompactionRoute", true, "POST", "/tasks/compact"],
  ["network", false, "GET", "/network"],
  ["network", false, "PATCH", "/network", { self: "me" }],
  ["network", false, "PATCH", "/network", { selff: "me" }],
  ["network", false, "PATCH", "/network", "{"],
  ["network", false, "POST", "/network/control", {}],
  ["dynamicSearchRules", false, "POST", "/dynamic-search-rules", {}],
  ["dynamicSearchRules", false, "DELETE", "/dynamic-search-rules"],
  ["dynamicSearchRules", false, "GET", "/dynamic-search-rules/first"],
  ["dynamicSearchRules", false, "PATCH", "/dynamic-search-rules/first", {}],
  ["dynamicSearchRules", false, "DELETE", "/dynamic-search-rules/first"],
  ["logsRoute", true, "POST", "/logs/stream", { target: "info" }],
  ["logsRoute", true, "DELETE", "/logs/stream"],
  ["logsRoute", true, "POST", "/logs/stderr", { target: "info" }],
  ["renderRoute", false, "POST", "/render-template", { template: { kind: "inlineDocumentTemplate", inline: "x" } }],
  ["chatCompletions", false, "GET", "/chats"],
  ["chatCompletions", false, "GET", "/chats/lounge"],
  ["chatCompletions", false, "DELETE", "/chats/lounge"],
  ["chatCompletions", false, "GET", "/chats/lounge/settings"],
  ["chatCompletions", false, "PATCH", "/chats/lounge/settings", {}],
  ["chatCompletions", false, "DELETE", "/chats/lounge/settings"],
  [
    "chatCompletions",
    true,
    "POST",
    "/chats/lounge/chat/completions",
    { model: "m", messages: [{ role: "user", content: "x" }], stream: true },
  ],
];

describe("routes that are refused, or switched off", () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair(2, 1);
    await pair.load("POST", "/indexes", { uid: "kept", primaryKey: "id" });
  });
  afterAll(() => pair.stop());

  const refused = async ([method, path, body]: Request): Promise<void> => {
    const answer = await pair.miroir.request(method, path, body);
    expect([answer.status, answer.body?.code]).toEqual([501, "miroir_not_supported"]);
    expect(String(answer.body?.message).length).toBeGreaterThan(30);
  };

  for (const request of REFUSED) test(`${request[0]} ${request[1]} is refused`, () => refused(request));

  for (const [feature, isRefused, method, path, body] of BEHIND) {
    test(`${method} ${path} ${JSON.stringify(body) ?? ""} is answered as by a node while ${feature} is off`, async () => {
      const { single, miroir } = await pair.both((side) => nodeRequest(side, method, path, body));
      expect([miroir.status, miroir.body]).toEqual([single.status, single.body]);
      expect(["feature_not_enabled", "bad_request", "malformed_payload"]).toContain(miroir.body.code);
    });
    if (isRefused) {
      test(`${method} ${path} is refused while ${feature} is on`, async () => {
        await pair.miroir.request("PATCH", "/experimental-features", { [feature]: true });
        await refused([method, path, body]);
        await pair.miroir.request("PATCH", "/experimental-features", { [feature]: false });
      });
    }
  }

  test("trap 61: the engine's own network cannot be switched on, nor can anything with it", async () => {
    const change = { network: true, metrics: true };
    const answer = await pair.miroir.request("PATCH", "/experimental-features", change);
    expect([answer.status, answer.body.code]).toEqual([501, "miroir_not_supported"]);
    for (const feature of ["legacySearch", "foreignKeys"]) {
      const other = await pair.miroir.request("PATCH", "/experimental-features", { [feature]: true });
      expect([other.status, other.body.code]).toEqual([501, "miroir_not_supported"]);
    }
    const { single, miroir } = await pair.both((side) => nodeRequest(side, "GET", "/experimental-features"));
    expect(miroir.body).toEqual(single.body);
    for (const body of [{ useNetwork: true }, { q: "x", useNetwork: true, limit: 1 }]) {
      const search = await pair.both((side) => nodeRequest(side, "POST", "/indexes/kept/search", body));
      expect([search.miroir.status, search.miroir.body]).toEqual([search.single.status, search.single.body]);
      expect(search.miroir.body.code).toBe("feature_not_enabled");
    }
  });
});
