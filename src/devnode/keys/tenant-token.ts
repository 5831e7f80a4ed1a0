/** Tenant tokens: JSON Web Tokens signed with an API key's text that narrow a search to some indexes and filters. */
import { createHmac, timingSafeEqual } from "node:crypto";

import { NodeError } from "../node-error.ts";
import type { ApiKey, KeyStore } from "./key-store.ts";

export interface TenantRule {
  readonly filter: unknown;
}

export interface TenantToken {
  readonly key: ApiKey;
  readonly rules: ReadonlyMap<string, TenantRule>;
}

const DIGESTS: Readonly<Record<string, string>> = { HS256: "sha256", HS384: "sha384", HS512: "sha512" };

/** The token, or null when the text is none. A token with a bad signature or past its time is refused. */
export function readTenantToken(text: string, store: KeyStore): TenantToken | null {
  const [header, claims, signature, more] = text.split(".");
  if (header === undefined || claims === undefined || signature === undefined || more !== undefined) return null;
  const head = decoded(header);
  const body = decoded(claims);
  const uid = body?.["apiKeyUid"];
  if (head === null || body === null || typeof uid !== "string") return null;
  const digest = DIGESTS[String(head["alg"])];
  const expected =
    digest === undefined ? null : createHmac(digest, store.textOf(uid)).update(`${header}.${claims}`).digest();
  const given = Buffer.from(signature, "base64url");
  if (expected === null || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    const reason = expected === null ? "InvalidAlgorithm" : "InvalidSignature";
    throw new NodeError("invalid_api_key", `Could not decode tenant token, ${reason}.`);
  }
  const exp = body["exp"];
  const now = Math.floor(Date.now() / 1000);
  if (typeof exp === "number" && exp < now) {
    throw new NodeError(
      "invalid_api_key",
      `Tenant token expired. Was valid up to \`${exp}\` and we're now \`${now}\`.`,
    );
  }
  const key = store.keys.find((known) => known.uid === uid);
  if (key === undefined) throw new NodeError("invalid_api_key", "The provided API key is invalid.");
  return { key, rules: rulesOf(body["searchRules"]) };
}

/** The rule of the name itself, or of the longest beginning that covers it. */
export function ruleFor(token: TenantToken, uid: string): TenantRule | undefined {
  const exact = token.rules.get(uid);
  if (exact !== undefined) return exact;
  const covering = [...token.rules.keys()].filter(
    (pattern) => pattern.endsWith("*") && uid.startsWith(pattern.slice(0, -1)),
  );
  const longest = covering.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : token.rules.get(longest);
}

function rulesOf(rules: unknown): ReadonlyMap<string, TenantRule> {
  if (Array.isArray(rules)) return new Map((rules as string[]).map((pattern) => [pattern, { filter: null }]));
  const entries = Object.entries((rules ?? {}) as Record<string, { filter?: unknown } | null>);
  return new Map(entries.map(([pattern, rule]) => [pattern, { filter: rule?.filter ?? null }]));
}

function decoded(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
