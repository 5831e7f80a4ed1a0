/**
 * The value of a primary key as the string that identifies the document: what the engine accepts, and nothing else.
 * The integer 7 and the string "7" are the same key; 7.0, 7e0 and -0 are none.
 */
import { ascii, MINUS, QUOTE } from "./json-grammar.ts";
import { jsonText } from "./json-text.ts";

/** The key that stands as a JSON value at `start`..`end`, or null if it is not a valid one. */
export function documentKey(bytes: Uint8Array, start: number, end: number): string | null {
  const first = bytes[start];
  if (first === QUOTE) return stringKey(bytes, start + 1, end - 1);
  if (first === MINUS || (first !== undefined && first >= 0x30 && first <= 0x39)) return integerKey(bytes, start, end);
  return null;
}

/** For keys that come as text: path parameters, lists of ids. */
export function isDocumentKey(text: string): boolean {
  return text.length <= KEY_BYTES_MAX && KEY.test(text);
}

function stringKey(bytes: Uint8Array, start: number, end: number): string | null {
  for (let i = start; i < end; i += 1) {
    if (KEY_BYTE[bytes[i] as number] === 1) continue;
    // An escape may stand for an ordinary character; everything else is refused.
    const text = JSON.parse(jsonText(bytes, start - 1, end + 1)) as string;
    return isDocumentKey(text) ? text : null;
  }
  return start < end && end - start <= KEY_BYTES_MAX ? ascii(bytes, start, end) : null;
}

function integerKey(bytes: Uint8Array, start: number, end: number): string | null {
  const negative = bytes[start] === MINUS;
  for (let i = negative ? start + 1 : start; i < end; i += 1) {
    const byte = bytes[i] as number;
    if (byte < 0x30 || byte > 0x39) return null;
  }
  const text = ascii(bytes, start, end);
  if (text === "-0") return null;
  if (text.length <= SURELY_64_BIT_LENGTH) return text;
  const value = BigInt(text);
  return value >= I64_MIN && value <= U64_MAX ? text : null;
}

export const KEY_BYTES_MAX = 511;
const KEY = /^[A-Za-z0-9_-]+$/;
const SURELY_64_BIT_LENGTH = 18;
const I64_MIN = -(2n ** 63n);
const U64_MAX = 2n ** 64n - 1n;

const KEY_BYTE = new Uint8Array(256);
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") KEY_BYTE[char.charCodeAt(0)] = 1;
