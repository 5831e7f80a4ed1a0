/** Keys of one node: the defaults, own keys and what they open, tenant tokens, and a node without a master key. */
import { createHmac } from "node:crypto";

import { beforeAll, expect, test } from "bun:test";

import { nodeRequest, runTask, type NodeAnswer } from "../../support/nodes.ts";
import { describeEngines } from "../../support/nodes-engines.ts";

function token(claims: unknown, key: string): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

describeEngines("keys", (node) => {
  const as = (key: string, method: string, path: string, body?: unknown): Promise<NodeAnswer> =>
    nodeRequest({ url: node().url, masterKey: key }, method, path, body);
  let own: { uid: string; key: string };

  beforeAll(async () => {
    await runTask(node(), "POST", "/indexes/open/documents", [
      { id: 1, g: "a" },
      { id: 2, g: "b" },
    ]);
    await runTask(node(), "PATCH", "/indexes/open/settings", { filterableAttributes: ["g"] });
    await runTask(node(), "POST", "/indexes/shut/documents", [{ id: 1 }]);
    const request = { actions: ["search", "tasks.get", "indexes.get"], indexes: ["op*"], expiresAt: null };
    own = (await nodeRequest(node(), "POST", "/keys", request)).body;
  }, 60_000);

  test("four keys are there from the start, their text follows from the master key and the uid", async () => {
    const { body } = await nodeRequest(node(), "GET", "/keys");
    const [, ...defaults] = body.results;
    expect(defaults.map(({ name }: { name: string }) => name)).toEqual([
      "Default Search API Key",
      "Default Admin API Key",
      "Default Read-Only Admin API Key",
      "Default Chat API Key",
    ]);
    for (const { key, uid } of body.results) {
      expect(key).toBe(createHmac("sha256", node().masterKey).update(uid).digest("hex"));
    }
  });

  test("a key opens its actions on its indexes and nothing else", async () => {
    expect((await as(own.key, "POST", "/indexes/open/search", {})).status).toBe(200);
    expect((await as(own.key, "POST", "/indexes/shut/search", {})).body).toMatchObject({
      code: "invalid_api_key",
      message: 'The API key cannot acces the index `shut`, authorized indexes are ["op*"].',
    });
    expect((await as(own.key, "DELETE", "/indexes/open")).status).toBe(403);
    expect((await as(own.key, "GET", "/indexes")).body.results.map(({ uid }: { uid: string }) => uid)).toEqual([
      "open",
    ]);
    expect(
      (await as(own.key, "GET", "/tasks?limit=1000")).body.results.every(
        ({ indexUid }: { indexUid: string }) => indexUid === "open",
      ),
    ).toBe(true);
  });

  test("without a header 401, with a wrong one 403", async () => {
    const { body, status } = await as("", "GET", "/indexes");
    expect([status, body.code]).toEqual([401, "missing_authorization_header"]);
    const wrong = await as("nope", "GET", "/indexes");
    expect([wrong.status, wrong.body.code]).toEqual([403, "invalid_api_key"]);
    expect((await as("", "GET", "/health")).status).toBe(200);
  });

  test("keys are renamed and deleted, nothing else of them changes", async () => {
    const made = await nodeRequest(node(), "POST", "/keys", { actions: ["*"], indexes: ["*"], expiresAt: null });
    expect(made.status).toBe(201);
    const renamed = await nodeRequest(node(), "PATCH", `/keys/${made.body.uid}`, { name: "n" });
    expect(renamed.body).toMatchObject({ name: "n", key: made.body.key });
    const refused = await nodeRequest(node(), "PATCH", `/keys/${made.body.uid}`, { actions: [] });
    expect(refused.body.code).toBe("immutable_api_key_actions");
    expect((await nodeRequest(node(), "DELETE", `/keys/${made.body.key}`)).status).toBe(204);
    expect((await nodeRequest(node(), "GET", `/keys/${made.body.uid}`)).status).toBe(404);
  });

  test("a tenant token searches what its rules allow, with their filter on top", async () => {
    const claims = { apiKeyUid: own.uid, searchRules: { open: { filter: "g = a" } } };
    const found = await as(token(claims, own.key), "POST", "/indexes/open/search", {});
    expect(found.body.hits).toEqual([{ id: 1, g: "a" }]);
    expect((await as(token(claims, own.key), "GET", "/indexes/open")).status).toBe(403);
    const { body } = await as(
      token({ apiKeyUid: own.uid, searchRules: ["x"] }, own.key),
      "POST",
      "/indexes/open/search",
      {},
    );
    expect(body.message).toBe('The provided tenant token cannot acces the index `open`, allowed indexes are ["x"].');
    expect((await as(token(claims, "forged"), "POST", "/indexes/open/search", {})).body.code).toBe("invalid_api_key");
    const late = token({ ...claims, exp: 1 }, own.key);
    expect((await as(late, "POST", "/indexes/open/search", {})).body.message).toStartWith("Tenant token expired.");
  });
});

describeEngines(
  "a node without a master key",
  (node) => {
    test("every route is open but those about keys", async () => {
      expect((await nodeRequest(node(), "GET", "/indexes")).status).toBe(200);
      const { body, status } = await nodeRequest(node(), "GET", "/keys");
      expect([status, body.code]).toEqual([401, "missing_master_key"]);
    });
  },
  { masterKey: "" },
);
