/** Rules 0 to 3 of who may call what, row by row. The engine's part of rule 3 is compared with a node elsewhere. */
import { describe, expect, test } from "bun:test";
import { ApiError } from "../../../../src/core/errors/api-error.ts";
import type { Authority } from "../../../../src/http/auth/authority.ts";
import { createAuthorize } from "../../../../src/http/auth/authorize.ts";
import type { Access } from "../../../../src/http/route.ts";
import type { FoundKey, KeyFinder } from "../../../../src/services/keys/find-key.ts";
import { failureOf } from "../../../http/failure-of.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { signToken } from "../../../http/tokens.ts";

const MASTER = "the-master-key-0123456789";
const ADMIN = "the-admin-key-0123456789";
const UID = "0b7c1d1e-5f0a-4c3e-9d55-aa0f9c1b2d3e";
const KEY = "a".repeat(64);

const clock = createFakeClock(1_700_000_000_000);
const SEARCH: Access = { kind: "action", action: "search" };

interface Ask {
  readonly access?: Access;
  readonly headers?: Record<string, string>;
  readonly indexUid?: string;
  readonly masterKey?: string;
  readonly adminKey?: string;
  readonly key?: Partial<FoundKey>;
}

let asked = 0;

async function ask(input: Ask): Promise<Authority> {
  const key: FoundKey = { uid: UID, actions: ["search"], indexes: ["*"], expiresAt: null, ...input.key };
  const keys: KeyFinder = {
    byText: async (text) => {
      asked++;
      return text === KEY ? key : null;
    },
    byUid: async (uid) => {
      asked++;
      return uid === UID ? key : null;
    },
    textOf: (uid) => (uid === UID ? KEY : "b".repeat(64)),
    forget: () => undefined,
  };
  const { masterKey = MASTER, adminKey = ADMIN } = input;
  const authorize = createAuthorize({ clock, keys, masterKey, adminKey });
  return authorize({
    access: input.access ?? SEARCH,
    headers: new Headers(input.headers),
    indexUid: input.indexUid,
    exchange: { signal: new AbortController().signal },
  });
}

/** `kind`, or status and code of the refusal. */
async function verdict(input: Ask): Promise<string> {
  try {
    return (await ask(input)).kind;
  } catch (error) {
    if (error instanceof ApiError) return `${error.status} ${error.code}`;
    throw error;
  }
}

const bearer = (token: string): { headers: Record<string, string> } => ({
  headers: { authorization: `Bearer ${token}` },
});
const token = (claims: object, secret = KEY): string => signToken({ claims, secret });
const tenant = (claims: object = {}): string => token({ apiKeyUid: UID, searchRules: ["*"], ...claims });
const session = token({ iss: "miroir", scope: ["search"], idx: ["movies"] });

describe("rule 0: exempt paths", () => {
  test("nobody is checked, and the authority allows nothing by itself", async () => {
    for (const headers of [{}, { authorization: "Bearer nonsense" }, { authorization: `Bearer ${session}` }]) {
      const authority = await ask({ access: { kind: "exempt" }, headers });
      expect(authority.kind).toBe("exempt");
      expect(authority.allowsAction("search") || authority.allowsIndex("x")).toBe(false);
    }
  });
});

describe("rule 1: sessions of the search UI", () => {
  test("are never valid and never fall through, whatever the path or the mode", async () => {
    const invalid = "401 miroir_jwt_invalid";
    expect(await verdict(bearer(session))).toBe(invalid);
    expect(await verdict({ ...bearer(session), access: { kind: "admin" } })).toBe(invalid);
    expect(await verdict({ ...bearer(session), masterKey: "" })).toBe(invalid);
    expect(await verdict({ ...bearer(session), access: { kind: "action", action: "keys.get" } })).toBe(invalid);
    expect(await verdict(bearer(tenant({ iss: "miroir" })))).toBe(invalid);
    expect(await verdict(bearer(token({ iss: "miroir" }, MASTER)))).toBe(invalid);
  });

  test("another issuer is nothing of ours", async () => {
    expect(await verdict(bearer(tenant({ iss: "somebody" })))).toBe("tenant");
  });
});

describe("rule 2: paths under /_miroir/", () => {
  const access: Access = { kind: "admin" };
  const rows: [string, Record<string, string>, string][] = [
    ["the admin key as bearer", { authorization: `Bearer ${ADMIN}` }, "admin"],
    ["the admin key in X-Admin-Key", { "x-admin-key": ADMIN }, "admin"],
    ["X-Admin-Key beside another bearer", { "x-admin-key": ADMIN, authorization: `Bearer ${MASTER}` }, "admin"],
    ["nothing", {}, "401 miroir_invalid_auth"],
    ["a wrong key", { "x-admin-key": `${ADMIN}x` }, "401 miroir_invalid_auth"],
    ["an empty key", { "x-admin-key": "" }, "401 miroir_invalid_auth"],
    ["the master key", { authorization: `Bearer ${MASTER}` }, "401 miroir_invalid_auth"],
    ["an API key", { authorization: `Bearer ${KEY}` }, "401 miroir_invalid_auth"],
    ["a tenant token", { authorization: `Bearer ${tenant()}` }, "401 miroir_invalid_auth"],
    ["the admin key in another scheme", { authorization: `Basic ${ADMIN}` }, "401 miroir_invalid_auth"],
    [
      "a wrong X-Admin-Key beside the right bearer",
      { "x-admin-key": "wrong", authorization: `Bearer ${ADMIN}` },
      "401 miroir_invalid_auth",
    ],
  ];
  for (const [what, headers, expected] of rows) {
    test(`${what}: ${expected}`, async () => expect(await verdict({ access, headers })).toBe(expected));
  }

  test("without a configured admin key they are closed, in open mode too, and the message says what to set", async () => {
    for (const masterKey of [MASTER, ""]) {
      for (const headers of [{}, { "x-admin-key": "" }, { authorization: "Bearer " }, { "x-admin-key": "x" }]) {
        const attempt = ask({ access, headers, masterKey, adminKey: "" });
        expect(await failureOf(attempt)).toMatchObject({ status: 401, code: "miroir_invalid_auth" });
        expect((await failureOf(attempt)).message).toContain("admin.api_key");
      }
    }
  });

  test("the admin key opens nothing else", async () => {
    expect(await verdict(bearer(ADMIN))).toBe("403 invalid_api_key");
    expect(await verdict({ headers: { "x-admin-key": ADMIN } })).toBe("401 missing_authorization_header");
  });
});

describe("rule 3: every other path", () => {
  const keysGet: Access = { kind: "action", action: "keys.get" };

  test("the master key may do everything", async () => {
    const authority = await ask(bearer(MASTER));
    expect(authority.kind).toBe("master");
    expect(authority.restrictedToIndexes).toBe(false);
    expect(authority.allowsAction("keys.create") && authority.allowsIndex("anything")).toBe(true);
    expect(await verdict({ ...bearer(MASTER), access: keysGet })).toBe("master");
  });

  test("no header, or another scheme, is a missing header", async () => {
    for (const headers of [{}, { authorization: "Basic x" }, { authorization: `bearer ${MASTER}` }]) {
      expect(await verdict({ headers })).toBe("401 missing_authorization_header");
    }
    expect(await verdict({ headers: { authorization: "Bearer" } })).toBe("403 invalid_api_key");
  });

  test("open mode ignores tokens, but not headers it cannot read, and keeps /keys closed", async () => {
    const masterKey = "";
    expect(await verdict({ masterKey })).toBe("open");
    expect(await verdict({ ...bearer("anything"), masterKey })).toBe("open");
    expect(await verdict({ headers: { authorization: "Basic x" }, masterKey })).toBe(
      "401 missing_authorization_header",
    );
    expect(await verdict({ access: keysGet, masterKey })).toBe("401 missing_master_key");
    expect(await verdict({ ...bearer("x"), access: keysGet, masterKey })).toBe("401 missing_master_key");
  });

  test("an API key is judged by what the node knows of it", async () => {
    expect(await verdict(bearer(KEY))).toBe("api_key");
    expect(await verdict(bearer("c".repeat(64)))).toBe("403 invalid_api_key");
    expect(await verdict({ ...bearer(KEY), access: keysGet })).toBe("403 invalid_api_key");
    expect(await verdict({ ...bearer(KEY), key: { expiresAt: clock.nowMs() } })).toBe("403 invalid_api_key");
    expect(await verdict({ ...bearer(KEY), key: { expiresAt: clock.nowMs() + 1 } })).toBe("api_key");
  });

  test("a key of some indexes says so, and its refusal lists them", async () => {
    const key = { indexes: ["mov*", "books"] };
    const authority = await ask({ ...bearer(KEY), key, indexUid: "movies" });
    expect(authority.restrictedToIndexes).toBe(true);
    expect(["movies", "books", "comics"].map((uid) => authority.allowsIndex(uid))).toEqual([true, true, false]);
    expect((await failureOf(ask({ ...bearer(KEY), key, indexUid: "comics" }))).message).toContain(
      'The API key cannot acces the index `comics`, authorized indexes are ["books", "mov*"].',
    );
  });

  test("a tenant token narrows its key and forces a filter", async () => {
    const rules = { searchRules: { movies: { filter: "user = 1" }, "b*": null } };
    const authority = await ask({ ...bearer(tenant(rules)), key: { indexes: ["movies", "comics"] } });
    expect(authority.kind).toBe("tenant");
    expect(authority.keyUid).toBe(UID);
    expect(["movies", "comics", "books"].map((uid) => authority.allowsIndex(uid))).toEqual([true, false, false]);
    expect(authority.forcedFilter("movies")).toBe("user = 1");
    expect(authority.restrictedToIndexes).toBe(true);
    expect(authority.allowsAction("documents.get")).toBe(false);
  });

  test("a tenant token serves for nothing but searching", async () => {
    for (const action of ["documents.get", "indexes.get", "keys.get", "stats.get"]) {
      const key = { actions: ["*"] };
      expect(await verdict({ ...bearer(tenant()), access: { kind: "action", action }, key })).toBe(
        "403 invalid_api_key",
      );
    }
  });

  test("an expired, forged or orphaned tenant token is refused", async () => {
    const nowSeconds = clock.nowMs() / 1000;
    expect(await verdict(bearer(tenant({ exp: nowSeconds })))).toBe("tenant");
    expect((await failureOf(ask(bearer(tenant({ exp: nowSeconds - 1 }))))).message).toContain("Tenant token expired.");
    expect(await verdict(bearer(token({ apiKeyUid: UID, searchRules: ["*"] }, "guess")))).toBe("403 invalid_api_key");
    const stranger = "00000000-0000-4000-8000-000000000000";
    const orphan = token({ apiKeyUid: stranger, searchRules: ["*"] }, "b".repeat(64));
    expect(await verdict(bearer(orphan))).toBe("403 invalid_api_key");
  });

  test("a forged token is refused without asking a node", async () => {
    asked = 0;
    await verdict(bearer(token({ apiKeyUid: UID, searchRules: ["*"] }, "guess")));
    await verdict(bearer("!!!.e30.abc"));
    expect(asked).toBe(0);
  });

  test("a token signed with the master key is no tenant token", async () => {
    expect(await verdict(bearer(token({ apiKeyUid: UID, searchRules: ["*"] }, MASTER)))).toBe("403 invalid_api_key");
  });
});
