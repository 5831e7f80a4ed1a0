/**
 * Tenant tokens: what one claims, and whether it is genuine. Signed with the text of an API key, they can do less than
 * that key and never more; only for searching and chatting.
 */
import { algorithmOf, invalidBase64, signatureMatches, type Jwt } from "./jwt.ts";
import { mostSpecific } from "./index-pattern.ts";

export interface TenantClaims {
  /** Hyphenated, lower case. */
  readonly apiKeyUid: string;
  readonly rules: SearchRules;
  /** Seconds since the epoch, or null for no end. */
  readonly expiresAt: number | null;
}

export interface SearchRules {
  readonly patterns: readonly string[];
  /** The forced filter of a pattern; a pattern without one is absent. */
  readonly filters: ReadonlyMap<string, unknown>;
}

/** The claims, or what is wrong with them in the engine's words. */
export function tenantClaims(jwt: Jwt): TenantClaims | string {
  const { claims } = jwt;
  const at = ` at line 1 column ${jwt.claimsLength}`;
  if (claims["searchRules"] === undefined) return `JSON error: missing field \`searchRules\`${at}`;
  const rules = searchRules(claims["searchRules"]);
  if (rules === null) return `JSON error: data did not match any variant of untagged enum SearchRules${at}`;
  const exp = claims["exp"] ?? null;
  if (exp !== null && !Number.isSafeInteger(exp)) return `JSON error: invalid type: expected i64${at}`;
  if (claims["apiKeyUid"] === undefined) return `JSON error: missing field \`apiKeyUid\`${at}`;
  const apiKeyUid = uuid(claims["apiKeyUid"]);
  if (apiKeyUid === null) return `JSON error: UUID parsing failed${at}`;
  return { apiKeyUid, rules, expiresAt: exp as number | null };
}

/** null when the token is genuine; else why not, in the engine's words. `keyText` is the text of the API key. */
export function forged(jwt: Jwt, keyText: string): string | null {
  const algorithm = algorithmOf(jwt);
  if (algorithm === null) return "InvalidAlgorithm";
  const broken = invalidBase64(jwt.signature);
  if (broken !== null) return broken;
  if (!signatureMatches(jwt, algorithm, keyText)) return "InvalidSignature";
  return jwt.claims["aud"] === undefined || jwt.claims["aud"] === null ? null : "InvalidAudience";
}

/** The forced filter for an index, or undefined. The most specific rule decides, also when it has no filter. */
export function ruleFilter(rules: SearchRules, indexUid: string): unknown {
  const pattern = mostSpecific(rules.patterns, indexUid);
  return pattern === undefined ? undefined : rules.filters.get(pattern);
}

function searchRules(value: unknown): SearchRules | null {
  if (Array.isArray(value)) {
    return value.every((one) => typeof one === "string")
      ? { patterns: [...new Set<string>(value)], filters: NO_FILTERS }
      : null;
  }
  if (typeof value !== "object" || value === null) return null;
  const filters = new Map<string, unknown>();
  for (const [pattern, rule] of Object.entries(value)) {
    if (rule === null) continue;
    if (typeof rule !== "object" || Array.isArray(rule)) return null;
    const filter = (rule as Record<string, unknown>)["filter"];
    if (filter !== undefined && filter !== null) filters.set(pattern, filter);
  }
  return { patterns: Object.keys(value), filters };
}

/** Every form the engine takes for a UUID becomes the hyphenated one. */
function uuid(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const found = UUID.exec(value);
  if (found === null) return null;
  const hex = (found[1] ?? "").replaceAll("-", "").toLowerCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const UUID = /^(?:urn:uuid:|\{(?=.*\}$))?([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i;
const NO_FILTERS: ReadonlyMap<string, unknown> = new Map();
