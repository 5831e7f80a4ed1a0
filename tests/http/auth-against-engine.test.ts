/**
 * Our judgement of credentials against that of a real node: every credential on every kind of route, compared by
 * status, code and message. Runs where a real engine is at hand.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ApiError } from "../../src/core/errors/api-error.ts";
import { createAuthorize, type Authorize } from "../../src/http/auth/authorize.ts";
import { systemClock } from "../../src/platform/system.ts";
import { createKeyFinder } from "../../src/services/keys/find-key.ts";
import { nodeRequest, realEnginePath, startNode, type TestNode } from "../support/nodes.ts";
import { signToken } from "./tokens.ts";

const MASTER = "a-master-key-of-this-test-0123456789";

interface Probe {
  readonly method: string;
  readonly path: string;
  readonly action: string;
  readonly indexUid?: string;
  readonly body?: unknown;
}

/** Bodies are such that an authorized request changes nothing. */
const PROBES: readonly Probe[] = [
  { method: "POST", path: "/indexes/movies/search", action: "search", indexUid: "movies", body: {} },
  { method: "GET", path: "/indexes/books/search", action: "search", indexUid: "books" },
  { method: "POST", path: "/multi-search", action: "search", body: { queries: [] } },
  { method: "GET", path: "/indexes/movies/documents", action: "documents.get", indexUid: "movies" },
  { method: "POST", path: "/indexes/movies/documents", action: "documents.add", indexUid: "movies", body: "no array" },
  { method: "DELETE", path: "/indexes/movies/documents?x=1", action: "documents.delete", indexUid: "movies" },
  { method: "POST", path: "/indexes/movies/documents/edit", action: "documents.*", indexUid: "movies", body: {} },
  { method: "GET", path: "/indexes", action: "indexes.get" },
  { method: "POST", path: "/indexes", action: "indexes.create", body: { wrong: 1 } },
  { method: "PATCH", path: "/indexes/movies", action: "indexes.update", indexUid: "movies", body: { wrong: 1 } },
  { method: "POST", path: "/swap-indexes", action: "indexes.swap", body: { wrong: 1 } },
  { method: "GET", path: "/tasks", action: "tasks.get" },
  { method: "POST", path: "/tasks/cancel", action: "tasks.cancel" },
  { method: "DELETE", path: "/tasks", action: "tasks.delete" },
  { method: "GET", path: "/indexes/movies/settings", action: "settings.get", indexUid: "movies" },
  {
    method: "PATCH",
    path: "/indexes/movies/settings",
    action: "settings.update",
    indexUid: "movies",
    body: { wrong: 1 },
  },
  { method: "GET", path: "/stats", action: "stats.get" },
  { method: "GET", path: "/indexes/movies/stats", action: "stats.get", indexUid: "movies" },
  { method: "GET", path: "/version", action: "version" },
  { method: "GET", path: "/keys", action: "keys.get" },
  { method: "POST", path: "/keys", action: "keys.create", body: { wrong: 1 } },
  { method: "GET", path: "/experimental-features", action: "experimental.get" },
  { method: "PATCH", path: "/experimental-features", action: "experimental.update", body: { wrong: 1 } },
  { method: "GET", path: "/webhooks", action: "webhooks.get" },
  { method: "GET", path: "/network", action: "network.get" },
  { method: "POST", path: "/indexes/movies/fields", action: "fields.post", indexUid: "movies", body: {} },
];

const KEYS: readonly { readonly name: string; readonly actions: readonly string[]; readonly indexes: string[] }[] = [
  { name: "everything", actions: ["*"], indexes: ["*"] },
  { name: "everything on movies", actions: ["*"], indexes: ["movies"] },
  { name: "reading", actions: ["*.get"], indexes: ["*"] },
  { name: "reading mov*", actions: ["*.get"], indexes: ["mov*"] },
  { name: "searching", actions: ["search"], indexes: ["*"] },
  { name: "searching books and mo*", actions: ["search"], indexes: ["mo*", "books"] },
  { name: "documents.*", actions: ["documents.*"], indexes: ["*"] },
  { name: "documents.* on movies", actions: ["documents.*"], indexes: ["movies"] },
  { name: "indexes.* on x", actions: ["indexes.*", "tasks.*"], indexes: ["x"] },
  { name: "tasks.*", actions: ["tasks.*", "settings.*", "stats.*"], indexes: ["*"] },
  { name: "settings.* on movies", actions: ["settings.*", "stats.*"], indexes: ["movies"] },
  { name: "keys", actions: ["keys.get", "version"], indexes: ["*"] },
  { name: "chat only", actions: ["chatCompletions"], indexes: ["*"] },
];

/** A development node has not all the routes and actions that are compared here. */
describe.skipIf(realEnginePath() === null)("credentials, judged by us and by a real node", () => {
  let node: TestNode;
  let authorize: Authorize;
  const credentials: [string, string | null][] = [];

  beforeAll(async () => {
    node = await startNode({ kind: "meilisearch", masterKey: MASTER });
    for (const uid of ["movies", "books"]) await nodeRequest(node, "POST", "/indexes", { uid });
    const made = new Map<string, { uid: string; key: string }>();
    for (const { name, actions, indexes } of KEYS) {
      const answer = await nodeRequest(node, "POST", "/keys", { actions, indexes, expiresAt: null });
      expect(answer.status).toBe(201);
      made.set(name, answer.body);
      credentials.push([name, `Bearer ${answer.body.key}`]);
    }
    const soon = await nodeRequest(node, "POST", "/keys", {
      actions: ["*"],
      indexes: ["*"],
      expiresAt: new Date(Date.now() + 1_500).toISOString(),
    });
    credentials.push(["an expired key", `Bearer ${soon.body.key}`]);
    addTokens(credentials, made, soon.body);
    addOddities(credentials, made);
    authorize = createAuthorize({
      clock: systemClock,
      masterKey: MASTER,
      adminKey: "",
      keys: createKeyFinder({
        clock: systemClock,
        nodeMasterKey: MASTER,
        ask: async (path) => {
          const answer = await nodeRequest(node, "GET", path);
          return answer.status === 200
            ? { kind: "answered", text: answer.text }
            : { kind: "refused", error: answer.body };
        },
      }),
    });
    await untilExpired(node, soon.body.key);
  });
  afterAll(() => node?.stop());

  test("every credential is judged alike on every route", async () => {
    const differences: unknown[] = [];
    let granted = 0;
    let refused = 0;
    for (const [name, authorization] of credentials) {
      for (const probe of PROBES) {
        const theirs = await askNode(node, probe, authorization);
        const ours = await askUs(authorize, probe, authorization);
        if (theirs === "granted") granted++;
        else refused++;
        if (theirs !== ours) differences.push({ name, route: `${probe.method} ${probe.path}`, theirs, ours });
      }
    }
    expect(differences).toEqual([]);
    // Both outcomes in numbers, or the comparison says nothing.
    expect(granted).toBeGreaterThan(150);
    expect(refused).toBeGreaterThan(700);
  }, 60_000);
});

function addTokens(
  credentials: [string, string | null][],
  made: ReadonlyMap<string, { uid: string; key: string }>,
  expired: { uid: string; key: string },
): void {
  const parent = made.get("searching") as { uid: string; key: string };
  const narrow = made.get("searching books and mo*") as { uid: string; key: string };
  const powerless = made.get("documents.*") as { uid: string; key: string };
  const future = Math.floor(Date.now() / 1000) + 3_600;
  const add = (name: string, token: string): void => void credentials.push([name, `Bearer ${token}`]);
  const of = (key: { uid: string; key: string }, claims: object, algorithm = "HS256"): string =>
    signToken({ claims: { apiKeyUid: key.uid, ...claims }, secret: key.key, algorithm });
  add("token: all indexes", of(parent, { searchRules: ["*"], exp: future }));
  add("token: list", of(parent, { searchRules: ["movies"] }));
  add("token: map with filter", of(parent, { searchRules: { "mov*": { filter: "a = 1" }, books: null } }, "HS384"));
  add("token: HS512, two patterns", of(parent, { searchRules: ["zzz", "aaa*"] }, "HS512"));
  add("token: wider than its key", of(narrow, { searchRules: ["*"] }));
  add("token: nothing", of(parent, { searchRules: [] }));
  add("token: key without search", of(powerless, { searchRules: ["*"] }));
  add("token: of an expired key", of(expired, { searchRules: ["*"] }));
  add("token: long ago", of(parent, { searchRules: ["*"], exp: 1_000 }));
  add("token: with an audience", of(parent, { searchRules: ["*"], aud: "x" }));
  add("token: upper-case uid", of({ uid: parent.uid.toUpperCase(), key: parent.key }, { searchRules: ["*"] }));
  add(
    "token: uid without hyphens",
    of({ uid: parent.uid.replaceAll("-", ""), key: parent.key }, { searchRules: ["*"] }),
  );
  add("token: wrong secret", signToken({ claims: { apiKeyUid: parent.uid, searchRules: ["*"] }, secret: "no" }));
  const stranger = "00000000-0000-4000-8000-000000000000";
  add("token: unknown key", signToken({ claims: { apiKeyUid: stranger, searchRules: ["*"] }, secret: "no" }));
  const rs256 = { alg: "RS256", typ: "JWT" };
  add(
    "token: RS256",
    signToken({ claims: { apiKeyUid: parent.uid, searchRules: ["*"] }, secret: parent.key, header: rs256 }),
  );
  add("token: no rules", signToken({ claims: { apiKeyUid: parent.uid }, secret: parent.key }));
  add("token: no uid", signToken({ claims: { searchRules: ["*"] }, secret: parent.key }));
  add("token: empty claims", signToken({ claims: {}, secret: parent.key }));
  add("token: bad signature text", `${of(parent, { searchRules: ["*"] })}!`);
  add("token: bad base64", "!!!.e30.abc");
  add("token: one dot", "abc.def");
}

function addOddities(credentials: [string, string | null][], made: ReadonlyMap<string, { key: string }>): void {
  const key = (made.get("everything") as { key: string }).key;
  credentials.push(
    ["nothing", null],
    ["the master key", `Bearer ${MASTER}`],
    ["a master key with a typing error", `Bearer ${MASTER}x`],
    ["another scheme", `Basic ${key}`],
    ["lower-case scheme", `bearer ${key}`],
    ["no token", "Bearer"],
    ["two spaces", `Bearer  ${key}`],
    ["upper-case key", `Bearer ${key.toUpperCase()}`],
    ["a key's uid", `Bearer ${(made.get("everything") as unknown as { uid: string }).uid}`],
    ["an unknown key", `Bearer ${"0".repeat(64)}`],
    ["no key at all", "Bearer x"],
  );
}

async function untilExpired(node: TestNode, key: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await fetch(`${node.url}/version`, { headers: { authorization: `Bearer ${key}` } });
    if (answer.status === 403) return;
    await Bun.sleep(25);
  }
  expect.unreachable("the key never expired");
}

/** `granted`, or the refusal in three words. Anything but a refusal of the credential counts as granted. */
async function askNode(node: TestNode, probe: Probe, authorization: string | null): Promise<string> {
  const answer = await fetch(node.url + probe.path, {
    method: probe.method,
    headers: {
      ...(authorization !== null && { authorization }),
      ...(probe.body !== undefined && { "content-type": "application/json" }),
    },
    ...(probe.body !== undefined && { body: JSON.stringify(probe.body) }),
  });
  const text = await answer.text();
  if (answer.status !== 401 && answer.status !== 403) return "granted";
  const body = JSON.parse(text) as { code: string; message: string };
  return `${answer.status} ${body.code} ${body.message.replace(/we're now `\d+`/, "we're now `…`")}`;
}

async function askUs(authorize: Authorize, probe: Probe, authorization: string | null): Promise<string> {
  const request = new Request("http://x/", authorization === null ? {} : { headers: { authorization } });
  try {
    await authorize({
      access: { kind: "action", action: probe.action },
      headers: request.headers,
      indexUid: probe.indexUid,
      exchange: { signal: new AbortController().signal },
    });
    return "granted";
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return `${error.status} ${error.code} ${error.message.replace(/we're now `\d+`/, "we're now `…`")}`;
  }
}
