/** Keys, what each may do, and tenants' tokens: one node and Miroir, situation by situation. */
import { createHmac } from "node:crypto";
import { signToken } from "../http/tokens.ts";
import { describeScenes, type Gives, type Request, type Situation } from "../support/clients-situations.ts";

/** The master key of the nodes and routers that tests start; a key's text follows from it and the key's uid. */
const MASTER = "test-master-key-0123456789";

const bearer = (text: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${text}` });
const uidOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const textOf = (uid: string): string => createHmac("sha256", MASTER).update(uid).digest("hex");

const FULL = { actions: ["search"], indexes: ["*"], expiresAt: null };
const create = (says: string, gives: Gives, body: unknown): Situation => [says, gives, "POST", "/keys", body];
const without = (name: keyof typeof FULL): unknown =>
  Object.fromEntries(Object.entries(FULL).filter(([key]) => key !== name));
const UID = uidOf(99);

const keys: readonly Situation[] = [
  create("a key with everything", "ok", { ...FULL, uid: UID, name: "n", description: "d", expiresAt: "2099-05-05" }),
  create("the same uid again", "api_key_already_exists", { ...FULL, uid: UID }),
  create("patterns of indexes", "ok", { ...FULL, indexes: ["a-*", "b"] }),
  create("a date with a time", "ok", { ...FULL, expiresAt: "2099-05-05 10:11:12" }),
  create("no actions", "missing_api_key_actions", without("actions")),
  create("no indexes", "missing_api_key_indexes", without("indexes")),
  create("no end", "missing_api_key_expires_at", without("expiresAt")),
  create("an action that is none", "invalid_api_key_actions", { ...FULL, actions: ["doc.add"] }),
  create("actions that are no list", "invalid_api_key_actions", { ...FULL, actions: "search" }),
  create("indexes that are no list", "invalid_api_key_indexes", { ...FULL, indexes: "a" }),
  create("an index that is none", "invalid_api_key_indexes", { ...FULL, indexes: ["a b"] }),
  create("a name that is none", "invalid_api_key_name", { ...FULL, name: 3 }),
  create("a description that is none", "invalid_api_key_description", { ...FULL, description: [] }),
  create("a uid that is none", "invalid_api_key_uid", { ...FULL, uid: "short" }),
  create("an end that is none", "invalid_api_key_expires_at", { ...FULL, expiresAt: "tomorrow" }),
  create("an end in the past", "invalid_api_key_expires_at", { ...FULL, expiresAt: "1999-01-01" }),
  create("something unknown", "bad_request", { ...FULL, colour: "red" }),
  create("a global action on one index", "index_scoped_api_key_with_global_action", {
    ...FULL,
    actions: ["keys.get"],
    indexes: ["a"],
  }),
  create("nothing", "missing_payload", ""),
  create("broken JSON", "malformed_payload", "{"),
  ["by uid", "ok", "GET", `/keys/${UID}`],
  ["by its text", "ok", "GET", `/keys/${textOf(UID)}`],
  ["by another uid", "api_key_not_found", "GET", `/keys/${uidOf(98)}`],
  ["by a word", "api_key_not_found", "GET", "/keys/word"],
  ["the newest", "some", "GET", "/keys?limit=1"],
  ["the third", "some", "GET", "/keys?offset=2&limit=1"],
  ["a limit that is none", "invalid_api_key_limit", "GET", "/keys?limit=x"],
  ["an offset that is none", "invalid_api_key_offset", "GET", "/keys?offset=x"],
  ["an unknown parameter", "bad_request", "GET", "/keys?page=1"],
  ["another name", "ok", "PATCH", `/keys/${UID}`, { name: "m" }],
  ["no description any more", "ok", "PATCH", `/keys/${textOf(UID)}`, { description: null }],
  ["other actions", "immutable_api_key_actions", "PATCH", `/keys/${UID}`, { actions: ["*"] }],
  ["other indexes", "immutable_api_key_indexes", "PATCH", `/keys/${UID}`, { indexes: ["*"] }],
  ["another end", "immutable_api_key_expires_at", "PATCH", `/keys/${UID}`, { expiresAt: null }],
  ["another uid", "immutable_api_key_uid", "PATCH", `/keys/${UID}`, { uid: uidOf(97) }],
  ["another birth", "immutable_api_key_created_at", "PATCH", `/keys/${UID}`, { createdAt: "x" }],
  ["change nobody", "api_key_not_found", "PATCH", `/keys/${uidOf(98)}`, { name: "x" }],
  ["a wrong name", "invalid_api_key_name", "PATCH", `/keys/${UID}`, { name: [] }],
  ["away", "ok", "DELETE", `/keys/${UID}`],
  ["away twice", "api_key_not_found", "DELETE", `/keys/${UID}`],
];

interface Holder {
  readonly uid: string;
  readonly actions: readonly string[];
  readonly indexes: readonly string[];
  /** Of the doors below those that open. */
  readonly opens: readonly string[];
}

const HOLDERS: Readonly<Record<string, Holder>> = {
  all: {
    uid: uidOf(1),
    actions: ["*"],
    indexes: ["*"],
    opens: [
      "search red",
      "search blue",
      "search both",
      "read red",
      "write red",
      "settings red",
      "indexes",
      "stats red",
      "tasks",
      "keys",
      "version",
      "features",
    ],
  },
  "all of red": {
    uid: uidOf(2),
    actions: ["*"],
    indexes: ["red"],
    opens: ["search red", "read red", "write red", "settings red", "indexes", "stats red", "tasks"],
  },
  "search red by pattern": { uid: uidOf(3), actions: ["search"], indexes: ["re*"], opens: ["search red"] },
  "search all": {
    uid: uidOf(4),
    actions: ["search"],
    indexes: ["*"],
    opens: ["search red", "search blue", "search both"],
  },
  "read all": {
    uid: uidOf(5),
    actions: ["*.get"],
    indexes: ["*"],
    opens: [
      "search red",
      "search blue",
      "search both",
      "version",
      "read red",
      "settings red",
      "indexes",
      "stats red",
      "tasks",
      "features",
    ],
  },
  "documents of blue": { uid: uidOf(6), actions: ["documents.*"], indexes: ["blue"], opens: [] },
  "tasks and statistics of red": {
    uid: uidOf(7),
    actions: ["tasks.get", "stats.get"],
    indexes: ["red"],
    opens: ["stats red", "tasks"],
  },
};

const DOORS: Readonly<Record<string, readonly [gives: Gives, ...request: Request]>> = {
  "search red": ["some", "POST", "/indexes/red/search", {}],
  "search blue": ["some", "GET", "/indexes/blue/search?q=blue"],
  "search both": ["ok", "POST", "/multi-search", { queries: [{ indexUid: "red" }, { indexUid: "blue" }] }],
  "read red": ["some", "GET", "/indexes/red/documents"],
  "write red": ["succeeded", "POST", "/indexes/red/documents", [{ id: 1, tint: "red", rank: 1 }]],
  "settings red": ["ok", "GET", "/indexes/red/settings"],
  indexes: ["some", "GET", "/indexes"],
  "stats red": ["ok", "GET", "/indexes/red/stats"],
  tasks: ["some", "GET", "/tasks?limit=3&types=documentAdditionOrUpdate"],
  keys: ["invalid_api_key_limit", "GET", "/keys?limit=x"],
  version: ["ok", "GET", "/version"],
  features: ["ok", "GET", "/experimental-features"],
};

const load: readonly Request[] = ["red", "blue"].flatMap((tint): readonly Request[] => [
  ["PATCH", `/indexes/${tint}/settings`, { filterableAttributes: ["rank"], sortableAttributes: ["rank"] }],
  [
    "POST",
    `/indexes/${tint}/documents?primaryKey=id`,
    Array.from({ length: 12 }, (_unused, id) => ({ id, tint, rank: id % 4 })),
  ],
]);

const matrix: readonly Situation[] = [
  ...Object.entries(HOLDERS).map(([name, { uid, actions, indexes }]): Situation => {
    return create(`a key for ${name}`, "ok", { uid, name, actions, indexes, expiresAt: null });
  }),
  ...Object.entries(HOLDERS).flatMap(([name, { uid, opens }]) =>
    Object.entries(DOORS).map(([door, [gives, method, path, body]]): Situation => {
      const outcome = opens.includes(door) ? gives : "invalid_api_key";
      return [`${name}: ${door}`, outcome, method, path, body, bearer(textOf(uid))];
    }),
  ),
  ["no key at all", "missing_authorization_header", "GET", "/indexes", undefined, { authorization: "" }],
  ["another scheme", "missing_authorization_header", "GET", "/indexes", undefined, { authorization: "Basic eDp5" }],
  ["a key nobody has", "invalid_api_key", "GET", "/indexes", undefined, bearer("nobody")],
  ["health needs none", "ok", "GET", "/health", undefined, bearer("nobody")],
];

const SEARCHER = uidOf(4);
const soon = Math.floor(Date.UTC(2099, 1, 1) / 1000);

/** A tenant asks; `claims` are added to those of a good token. */
function tenant(says: string, gives: Gives, request: Request, claims: object, secret = textOf(SEARCHER)): Situation {
  const token = signToken({ claims: { apiKeyUid: SEARCHER, exp: soon, searchRules: ["*"], ...claims }, secret });
  const [method, path, body] = request;
  return [says, gives, method, path, body, bearer(token)];
}

const RED: Request = ["POST", "/indexes/red/search", { filter: "rank < 3", limit: 20 }];
const BLUE: Request = ["POST", "/indexes/blue/search", {}];
const BOTH: Request = [
  "POST",
  "/multi-search",
  {
    queries: [
      { indexUid: "red", q: "red" },
      { indexUid: "blue", filter: ["rank = 1"] },
    ],
  },
];
const filtered = (filter: unknown): object => ({ searchRules: { "*": { filter } } });

const tenants: readonly Situation[] = [
  tenant("every index", "some", RED, {}),
  tenant("every index, as an object", "some", RED, { searchRules: { "*": {} } }),
  tenant("one index", "some", RED, { searchRules: ["red"] }),
  tenant("one index by pattern", "some", RED, { searchRules: { "r*": null } }),
  tenant("another index", "invalid_api_key", BLUE, { searchRules: ["red"] }),
  tenant("no index", "invalid_api_key", RED, { searchRules: [] }),
  tenant("some documents", "some", RED, filtered("rank = 2")),
  tenant("some documents, by lists", "some", RED, filtered([["rank = 2", "rank = 3"]])),
  tenant("no documents", "none", RED, filtered("rank = 3")),
  tenant("the nearest rule counts", "some", RED, {
    searchRules: { "*": { filter: "rank = 9" }, red: { filter: "rank = 1" } },
  }),
  tenant("a rule that is no filter", "invalid_search_filter", RED, filtered("rank =")),
  tenant("several indexes", "ok", BOTH, filtered("rank > 0")),
  tenant("several indexes, one of them not", "invalid_api_key", BOTH, { searchRules: ["red"] }),
  tenant("by GET", "some", ["GET", "/indexes/red/search?filter=rank%20%3C%202"], filtered("rank = 1")),
  tenant("more than searching", "invalid_api_key", ["GET", "/indexes/red/documents"], {}),
  tenant("writing", "invalid_api_key", ["POST", "/indexes/red/documents", [{ id: 1 }]], {}),
  tenant("a token that has ended", "invalid_api_key", RED, { exp: 1_000_000 }),
  tenant("a token without an end", "some", RED, { exp: null }),
  tenant("a token of another secret", "invalid_api_key", RED, {}, textOf(uidOf(5))),
  tenant("a token of no key", "invalid_api_key", RED, { apiKeyUid: uidOf(98) }),
  tenant("a token of a key that may not search", "invalid_api_key", RED, { apiKeyUid: uidOf(7) }, textOf(uidOf(7))),
  tenant("a token of a narrower key", "some", RED, { apiKeyUid: uidOf(3) }, textOf(uidOf(3))),
  tenant("a token of a narrower key, beyond it", "invalid_api_key", BLUE, { apiKeyUid: uidOf(3) }, textOf(uidOf(3))),
];

describeScenes("authorization", {
  keys: { situations: keys },
  "what a key opens": { load, situations: matrix },
  "tenants' tokens": { situations: tenants },
});
