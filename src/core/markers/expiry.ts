/**
 * When a document expires, as a marker: the millisecond since the epoch, written like a sequence, so that it yields no word
 * and compares as the numbers do. A document that never expires carries none, or, where a change of a part of it has to
 * take away an earlier time, the highest value there is.
 */
import { assert } from "../assert.ts";
import { decodeSequence, encodeSequence, shardFilter } from "./codec.ts";
import { EXPIRES_AT_FIELD } from "./fields.ts";

/** What a client has said of one document: a time, or one of the two below. */
export type Expiry = number;

export const NEVER: Expiry = Infinity;
/** Nothing: a document that is replaced never expires, one that is changed in part keeps what it had. */
export const UNSAID: Expiry = -1;
/** Later times are told apart from each other by no client. */
export const EXPIRY_MAX = Number.MAX_SAFE_INTEGER;

/** Of a time or of `NEVER`. */
export function encodeExpiry(expiry: number): string {
  if (expiry === NEVER) return NEVER_TEXT;
  assert(Number.isInteger(expiry) && expiry >= 0 && expiry <= EXPIRY_MAX, "a time of expiry is a whole number of ms");
  return encodeSequence(BigInt(expiry));
}

/** null for anything that `encodeExpiry` does not produce. */
export function decodeExpiry(text: string): number | null {
  if (text === NEVER_TEXT) return NEVER;
  const value = decodeSequence(text);
  return value === null || value > BigInt(EXPIRY_MAX) ? null : Number(value);
}

/** Keeps the documents of these shards that have expired by then. It goes by the engine's tree of values. */
export function expiredFilter(shards: readonly number[], nowMs: number): string {
  return `${shardFilter(shards)} AND ${EXPIRES_AT_FIELD} <= "${encodeExpiry(nowMs)}"`;
}

/** Keeps the documents that expire at exactly these times. */
export function expiryFilter(times: readonly number[]): string {
  return `${EXPIRES_AT_FIELD} IN [${times.map((time) => `"${encodeExpiry(time)}"`).join(", ")}]`;
}

const NEVER_TEXT = encodeSequence((1n << 64n) - 1n);
