/**
 * The JSON grammar over bytes, without building anything: every function starts at an offset and returns the offset
 * behind what it has read, or throws a `JsonFault`. It refuses what the engine's parser refuses, at once or only while
 * indexing: unpaired surrogate escapes, numbers no 64-bit float can hold and nesting beyond 127 containers, which would
 * each fail a whole batch of tasks on the node that gets them. UTF-8 is checked elsewhere, for the whole body at once.
 */
import { JsonFault } from "./json-fault.ts";

/** Behind any white space from `at`. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  let i = at;
  // Pretty-printed bodies are mostly spaces, so the common byte is tested alone.
  for (;;) {
    const byte = bytes[i];
    if (byte === 0x20) i += 1;
    else if (byte === 0x0a || byte === 0x0d || byte === 0x09) i += 1;
    else return i;
  }
}

/** Reads one value that starts exactly at `at`; `depth` containers are open around it. */
export function skipValue(bytes: Uint8Array, at: number, depth: number): number {
  const byte = bytes[at];
  if (byte === QUOTE) return skipString(bytes, at + 1);
  if (byte === OPEN_BRACE) return skipObject(bytes, at, depth);
  if (byte === OPEN_BRACKET) return skipArray(bytes, at, depth);
  if (byte === MINUS || isDigit(byte)) return skipNumber(bytes, at);
  if (byte === LOWER_T) return skipWord(bytes, at, TRUE);
  if (byte === LOWER_F) return skipWord(bytes, at, FALSE);
  if (byte === LOWER_N) return skipWord(bytes, at, NULL);
  throw byte === undefined ? eof(bytes, "a value") : blame("expected value", at);
}

/** Reads a string whose opening quote lies before `at`. */
export function skipString(bytes: Uint8Array, at: number): number {
  let i = at;
  for (;;) {
    while (PLAIN[bytes[i] as number] === 1) i += 1;
    const byte = bytes[i];
    if (byte === QUOTE) return i + 1;
    if (byte === BACKSLASH) i = skipEscape(bytes, i + 1);
    else if (byte === undefined) throw eof(bytes, "a string");
    else throw new JsonFault("control character (\\u0000-\\u001F) found while parsing a string", i);
  }
}

/** From the first character of a key up to the first byte of its value. */
export function skipColon(bytes: Uint8Array, at: number): number {
  const i = skipSpace(bytes, at);
  const byte = bytes[i];
  if (byte === COLON) return skipSpace(bytes, i + 1);
  throw byte === undefined ? eof(bytes, "an object") : blame("expected `:`", i);
}

function skipObject(bytes: Uint8Array, at: number, depth: number): number {
  if (depth >= NESTING_MAX) throw blame("recursion limit exceeded", at);
  let i = skipSpace(bytes, at + 1);
  if (bytes[i] === CLOSE_BRACE) return i + 1;
  for (;;) {
    if (bytes[i] !== QUOTE) throw i >= bytes.length ? eof(bytes, "an object") : blame("key must be a string", i);
    i = skipColon(bytes, skipString(bytes, i + 1));
    i = skipSpace(bytes, skipValue(bytes, i, depth + 1));
    const byte = bytes[i];
    if (byte === CLOSE_BRACE) return i + 1;
    if (byte !== COMMA) throw byte === undefined ? eof(bytes, "an object") : blame("expected `,` or `}`", i);
    i = skipSpace(bytes, i + 1);
  }
}

function skipArray(bytes: Uint8Array, at: number, depth: number): number {
  if (depth >= NESTING_MAX) throw blame("recursion limit exceeded", at);
  let i = skipSpace(bytes, at + 1);
  if (bytes[i] === CLOSE_BRACKET) return i + 1;
  if (i >= bytes.length) throw eof(bytes, "a list");
  for (;;) {
    i = skipSpace(bytes, skipValue(bytes, i, depth + 1));
    const byte = bytes[i];
    if (byte === CLOSE_BRACKET) return i + 1;
    if (byte !== COMMA) throw byte === undefined ? eof(bytes, "a list") : blame("expected `,` or `]`", i);
    i = skipSpace(bytes, i + 1);
  }
}

/** `at` is the offset behind the backslash. */
function skipEscape(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw eof(bytes, "a string");
  if (byte !== LOWER_U) {
    if (SIMPLE_ESCAPES.includes(byte)) return at + 1;
    throw blame("invalid escape", at);
  }
  const unit = hexUnit(bytes, at + 1);
  const end = at + 5;
  if (unit < 0xd800 || unit > 0xdfff) return end;
  if (unit >= 0xdc00) throw new JsonFault("lone leading surrogate in hex escape", end);
  if (end >= bytes.length) throw eof(bytes, "a string");
  if (bytes[end] !== BACKSLASH) throw blame("unexpected end of hex escape", end);
  if (bytes[end + 1] !== LOWER_U) throw blame("unexpected end of hex escape", end + 1);
  const second = hexUnit(bytes, end + 2);
  if (second >= 0xdc00 && second <= 0xdfff) return end + 6;
  throw new JsonFault("lone leading surrogate in hex escape", end + 6);
}

function hexUnit(bytes: Uint8Array, at: number): number {
  if (at + 4 > bytes.length) throw eof(bytes, "a string");
  let unit = 0;
  for (let i = at; i < at + 4; i += 1) {
    const digit = HEX[bytes[i] as number] as number;
    if (digit === 255) throw new JsonFault("invalid escape", at + 4);
    unit = unit * 16 + digit;
  }
  return unit;
}

function skipNumber(bytes: Uint8Array, at: number): number {
  let i = at;
  if (bytes[i] === MINUS) i += 1;
  if (!isDigit(bytes[i])) throw blame("invalid number", i);
  if (bytes[i] === ZERO) {
    i += 1;
    if (isDigit(bytes[i])) throw blame("invalid number", i);
  } else while (isDigit(bytes[i])) i += 1;
  const integerEnd = i;
  if (bytes[i] === DOT) {
    i += 1;
    if (!isDigit(bytes[i])) throw blame("invalid number", i);
    while (isDigit(bytes[i])) i += 1;
  }
  let hasExponent = false;
  if (bytes[i] === LOWER_E || bytes[i] === UPPER_E) {
    hasExponent = true;
    i += 1;
    if (bytes[i] === PLUS || bytes[i] === MINUS) i += 1;
    if (!isDigit(bytes[i])) throw blame("invalid number", i);
    while (isDigit(bytes[i])) i += 1;
  }
  if ((hasExponent || integerEnd - at > SURELY_FINITE_DIGITS) && !isFinite(ascii(bytes, at, i))) {
    throw new JsonFault("number out of range", i);
  }
  return i;
}

function isFinite(text: string): boolean {
  return Number.isFinite(Number(text));
}

/** Text of bytes that are known to be ASCII. */
export function ascii(bytes: Uint8Array, start: number, end: number): string {
  return latin1.decode(bytes.subarray(start, end));
}

function skipWord(bytes: Uint8Array, at: number, word: readonly number[]): number {
  for (let i = 1; i < word.length; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) throw eof(bytes, "a value");
    if (byte !== word[i]) throw blame("expected ident", at + i);
  }
  return at + word.length;
}

/** The text ended in the middle of `what`. */
export function eof(bytes: Uint8Array, what: string): JsonFault {
  return new JsonFault(`EOF while parsing ${what}`, bytes.length);
}

/** The byte at `at` is to blame; the engine's parser counts it as read. */
export function blame(reason: string, at: number): JsonFault {
  return new JsonFault(reason, at + 1);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= 0x39;
}

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const COLON = 0x3a;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const UPPER_E = 0x45;
const LOWER_E = 0x65;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;
const LOWER_U = 0x75;

/** The engine parses each field of a document with a limit of 128, of which it uses 127. */
const NESTING_MAX = 127;
/** 308 digits are always below the largest float. */
const SURELY_FINITE_DIGITS = 308;

const codes = (text: string): readonly number[] => Array.from(text, (char) => char.charCodeAt(0));
const TRUE = codes("true");
const FALSE = codes("false");
const NULL = codes("null");
const SIMPLE_ESCAPES = codes('"\\/bfnrt');

/** 1 for every byte that a string may contain as it stands; the end of the text is none. */
const PLAIN = new Uint8Array(256).fill(1, 0x20);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

const HEX = new Uint8Array(256).fill(255);
for (const [i, code] of codes("0123456789abcdef").entries()) HEX[code] = i;
for (const [i, code] of codes("ABCDEF").entries()) HEX[code] = i + 10;

const latin1 = new TextDecoder("latin1");
