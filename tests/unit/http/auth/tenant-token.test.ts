import { describe, expect, test } from "bun:test";
import { matchesIndex, mostSpecific, printPatterns } from "../../../../src/http/auth/index-pattern.ts";
import { parseJwt, type Jwt } from "../../../../src/http/auth/jwt.ts";
import { forged, ruleFilter, tenantClaims, type TenantClaims } from "../../../../src/http/auth/tenant-token.ts";
import { signToken } from "../../../http/tokens.ts";

const UID = "0b7c1d1e-5f0a-4c3e-9d55-aa0f9c1b2d3e";
const SECRET = "the-text-of-the-key";

function jwt(claims: unknown, options: { algorithm?: string; header?: unknown; secret?: string } = {}): Jwt {
  const parsed = parseJwt(signToken({ claims, secret: SECRET, ...options }));
  if (parsed.kind !== "jwt") throw new TypeError(`no token: ${parsed.kind}`);
  return parsed.jwt;
}

function claimsOf(searchRules: unknown): TenantClaims {
  const claims = tenantClaims(jwt({ searchRules, apiKeyUid: UID }));
  if (typeof claims === "string") throw new TypeError(claims);
  return claims;
}

describe("the claims of a tenant token", () => {
  test("search rules are a list or a map, with or without filters", () => {
    expect(claimsOf(["a", "b*", "a"]).rules.patterns).toEqual(["a", "b*"]);
    const map = claimsOf({ a: null, "b*": {}, c: { filter: null }, d: { filter: ["x = 1"], more: 1 } }).rules;
    expect(map.patterns).toEqual(["a", "b*", "c", "d"]);
    expect([...map.filters]).toEqual([["d", ["x = 1"]]]);
  });

  test("the most specific rule decides, also when it has no filter", () => {
    const { rules } = claimsOf({
      "*": { filter: "everyone" },
      "mov*": { filter: "mov" },
      "movies*": { filter: "movies" },
      movies: null,
    });
    expect(ruleFilter(rules, "movies")).toBeUndefined();
    expect(ruleFilter(rules, "movies_fr")).toBe("movies");
    expect(ruleFilter(rules, "movement")).toBe("mov");
    expect(ruleFilter(rules, "books")).toBe("everyone");
  });

  test("a name that belongs to objects is a pattern like any other", () => {
    const { rules } = claimsOf(JSON.parse('{"__proto__":{"filter":"x"},"constructor":{"filter":"y"}}'));
    expect(ruleFilter(rules, "__proto__")).toBe("x");
    expect(ruleFilter(rules, "constructor")).toBe("y");
    expect(ruleFilter(rules, "toString")).toBeUndefined();
  });

  test("the uid is taken in every form of a UUID", () => {
    for (const apiKeyUid of [UID, UID.toUpperCase(), UID.replaceAll("-", ""), `urn:uuid:${UID}`, `{${UID}}`]) {
      expect(tenantClaims(jwt({ searchRules: [], apiKeyUid }))).toMatchObject({ apiKeyUid: UID });
    }
  });

  test("anything else is refused", () => {
    const wrong = [
      {},
      { searchRules: ["*"] },
      { apiKeyUid: UID },
      { searchRules: "*", apiKeyUid: UID },
      { searchRules: [1], apiKeyUid: UID },
      { searchRules: { a: "x" }, apiKeyUid: UID },
      { searchRules: ["*"], apiKeyUid: "x" },
      { searchRules: ["*"], apiKeyUid: `{${UID}` },
      { searchRules: ["*"], apiKeyUid: UID, exp: "soon" },
      { searchRules: ["*"], apiKeyUid: UID, exp: 1.5 },
    ];
    for (const claims of wrong) expect(tenantClaims(jwt(claims))).toBeString();
  });
});

describe("the signature of a tenant token", () => {
  const claims = { searchRules: ["*"], apiKeyUid: UID };

  for (const algorithm of ["HS256", "HS384", "HS512"]) {
    test(`${algorithm} with the text of the key is genuine`, () => {
      expect(forged(jwt(claims, { algorithm }), SECRET)).toBeNull();
      expect(forged(jwt(claims, { algorithm }), `${SECRET}x`)).toBe("InvalidSignature");
    });
  }

  test("no other algorithm is taken, and none is no algorithm", () => {
    for (const alg of ["none", "RS256", "hs256", undefined]) {
      expect(forged(jwt(claims, { header: { alg } }), SECRET)).toBe("InvalidAlgorithm");
    }
  });

  test("a signature of another algorithm does not serve", () => {
    const token = jwt(claims, { algorithm: "HS256", header: { alg: "HS512" } });
    expect(forged(token, SECRET)).toBe("InvalidSignature");
  });

  test("an empty or cut signature does not serve", () => {
    const token = jwt(claims);
    for (const signature of ["", token.signature.slice(0, 8), `${token.signature}AAAA`]) {
      expect(forged({ ...token, signature }, SECRET)).not.toBeNull();
    }
  });

  test("changed claims break it", () => {
    const token = signToken({ claims, secret: SECRET });
    const [head, , signature] = token.split(".");
    const wider = Buffer.from(JSON.stringify({ ...claims, exp: 9e9 })).toString("base64url");
    const parsed = parseJwt(`${head}.${wider}.${signature}`);
    expect(parsed.kind === "jwt" && forged(parsed.jwt, SECRET)).toBe("InvalidSignature");
  });
});

test("index patterns end with a star or name one index", () => {
  expect(matchesIndex("*", "x") && matchesIndex("mov*", "movies") && matchesIndex("a", "a")).toBe(true);
  expect(matchesIndex("mov", "movies") || matchesIndex("movies*", "mov") || matchesIndex("m*s", "movies")).toBe(false);
  expect(mostSpecific(["m*", "movies*", "*"], "movies")).toBe("movies*");
  expect(mostSpecific(["x"], "movies")).toBeUndefined();
  expect(printPatterns(["b", "a*", "B"])).toBe('["B", "a*", "b"]');
});
