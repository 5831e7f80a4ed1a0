/** Makes JSON web tokens for tests, good ones and forged ones. */
import { createHmac } from "node:crypto";

export interface TokenParts {
  readonly claims: unknown;
  readonly secret: string;
  readonly algorithm?: string;
  readonly header?: unknown;
}

export function signToken({ claims, secret, algorithm = "HS256", header }: TokenParts): string {
  const head = encode(header ?? { alg: algorithm, typ: "JWT" });
  const body = encode(claims);
  const digest = algorithm.startsWith("HS") ? `sha${algorithm.slice(2)}` : "sha256";
  const signature = createHmac(digest, secret).update(`${head}.${body}`).digest("base64url");
  return `${head}.${body}.${signature}`;
}

function encode(part: unknown): string {
  return Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");
}
