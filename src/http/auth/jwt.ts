/**
 * The shape of a JSON web token and its signature, nothing of its meaning. Failures are values that carry the words
 * in which the engine reports them.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { parseJson } from "../decode/json-body.ts";

export type JwtAlgorithm = "HS256" | "HS384" | "HS512";

export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Length of the claims as JSON text, for error messages. */
  readonly claimsLength: number;
  readonly signedPart: string;
  readonly signature: string;
}

export type JwtParse =
  | { readonly kind: "jwt"; readonly jwt: Jwt }
  /** Not three parts: it was never meant to be a token. */
  | { readonly kind: "not_a_jwt" }
  | { readonly kind: "broken"; readonly why: string };

export function parseJwt(token: string): JwtParse {
  const last = token.lastIndexOf(".");
  const first = last <= 0 ? -1 : token.lastIndexOf(".", last - 1);
  if (first === -1) return NOT_A_JWT;
  const header = decodePart(token.slice(0, first));
  if (typeof header === "string") return { kind: "broken", why: header };
  const claims = decodePart(token.slice(first + 1, last));
  if (typeof claims === "string") return { kind: "broken", why: claims };
  return {
    kind: "jwt",
    jwt: {
      header: header.value,
      claims: claims.value,
      claimsLength: claims.length,
      signedPart: token.slice(0, last),
      signature: token.slice(last + 1),
    },
  };
}

export function algorithmOf(jwt: Jwt): JwtAlgorithm | null {
  const algorithm = jwt.header["alg"];
  return algorithm === "HS256" || algorithm === "HS384" || algorithm === "HS512" ? algorithm : null;
}

export function signatureMatches(jwt: Jwt, algorithm: JwtAlgorithm, secret: string): boolean {
  const expected = createHmac(`sha${algorithm.slice(2)}`, secret)
    .update(jwt.signedPart)
    .digest();
  if (invalidBase64(jwt.signature) !== null) return false;
  const given = Buffer.from(jwt.signature, "base64url");
  return given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
}

/** What is wrong with a text as unpadded base64url, in the engine's words, or null. */
export function invalidBase64(text: string): string | null {
  for (let i = 0; i < text.length; i++) {
    if (!BASE64URL.includes(text.charAt(i))) return `Base64 error: Invalid symbol ${text.charCodeAt(i)}, offset ${i}.`;
  }
  return text.length % 4 === 1 ? `Base64 error: Invalid input length: ${text.length}` : null;
}

function decodePart(part: string): { value: Readonly<Record<string, unknown>>; length: number } | string {
  const wrong = invalidBase64(part);
  if (wrong !== null) return wrong;
  const bytes = Buffer.from(part, "base64url");
  try {
    const { value } = parseJson(bytes);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { value: value as Record<string, unknown>, length: bytes.byteLength };
    }
  } catch {
    // Told apart below only by the message.
  }
  return "JSON error: expected value at line 1 column 1";
}

const NOT_A_JWT: JwtParse = { kind: "not_a_jwt" };
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
