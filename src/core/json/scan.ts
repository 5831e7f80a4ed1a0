/**
 * Finds where JSON values begin and end inside a text, without building them. What is found is passed on as slices,
 * so numbers, key order and duplicate keys stay as the node wrote them. Brackets, quotes, colons and commas are
 * checked on the way; `MALFORMED` says that the text is not what it claims to be.
 */
export const MALFORMED = -1;

/** `at` is the opening quote; the result is the index of the closing one. */
export function endOfString(text: string, at: number): number {
  // Most strings are keys and short values: a plain loop beats a call until they get longer.
  const near = at + SHORT_STRING_UNITS;
  for (let i = at + 1; i < near; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) return i;
    if (unit === BACKSLASH) i++;
    // NaN: the text ended.
    else if (!(unit >= SPACE)) return MALFORMED;
  }
  return endOfLongString(text, at);
}

function endOfLongString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let escapes = quote;
    while (text.charCodeAt(escapes - 1) === BACKSLASH) escapes--;
    if ((quote - escapes) % 2 === 0) return quote;
  }
  return MALFORMED;
}

/** Index of the first unit at or after `at` that is not white space. */
export function skipSpace(text: string, at: number): number {
  let i = at;
  for (;;) {
    const unit = text.charCodeAt(i);
    if (unit !== SPACE && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return i;
    i++;
  }
}

/** `at` is the first unit of a value; the result is the index behind its last. */
export function endOfValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) {
    const end = endOfString(text, at);
    return end === MALFORMED ? MALFORMED : end + 1;
  }
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfContainer(text, at);
  return endOfScalar(text, at, first);
}

/** Containers inside are kept on a stack of bits, so depth costs no recursion. */
function endOfContainer(text: string, at: number): number {
  const open: number[] = [];
  let i = at;
  for (;;) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) {
      i = endOfString(text, i);
      if (i === MALFORMED) return MALFORMED;
    } else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) {
      // Closing units follow their opening ones at a distance of two.
      open.push(unit + 2);
      if (open.length > DEPTH_MAX) return MALFORMED;
    } else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) {
      if (open.pop() !== unit) return MALFORMED;
      if (open.length === 0) return i + 1;
    } else if (!(unit >= 0)) return MALFORMED;
    i++;
  }
}

function endOfScalar(text: string, at: number, first: number): number {
  const digit = first === MINUS || (first >= 0x30 && first <= 0x39);
  if (!digit && first !== LOWER_T && first !== LOWER_F && first !== LOWER_N) return MALFORMED;
  let i = at + 1;
  for (;;) {
    const unit = text.charCodeAt(i);
    if (unit === COMMA || unit === CLOSE_BRACE || unit === CLOSE_BRACKET || !(unit > SPACE)) break;
    i++;
  }
  if (digit) return i;
  const word = text.slice(at, i);
  return word === "true" || word === "false" || word === "null" ? i : MALFORMED;
}

/**
 * Reads the members of the object that begins at `at`. Four numbers per member are appended to `bounds`: opening
 * and closing quote of the key, first unit of the value, unit behind it. The result is the index behind the object.
 */
export function readObject(text: string, at: number, bounds: number[]): number {
  if (text.charCodeAt(at) !== OPEN_BRACE) return MALFORMED;
  let i = skipSpace(text, at + 1);
  if (text.charCodeAt(i) === CLOSE_BRACE) return i + 1;
  for (;;) {
    if (text.charCodeAt(i) !== QUOTE) return MALFORMED;
    const keyEnd = endOfString(text, i);
    if (keyEnd === MALFORMED) return MALFORMED;
    let value = keyEnd + 1;
    if (text.charCodeAt(value) !== COLON) value = skipSpace(text, value);
    if (text.charCodeAt(value) !== COLON) return MALFORMED;
    value = skipSpace(text, value + 1);
    const end = endOfValue(text, value);
    if (end === MALFORMED) return MALFORMED;
    bounds.push(i, keyEnd, value, end);
    i = skipSpace(text, end);
    const unit = text.charCodeAt(i);
    if (unit === CLOSE_BRACE) return i + 1;
    if (unit !== COMMA) return MALFORMED;
    i = skipSpace(text, i + 1);
  }
}

/** Two numbers per element are appended to `bounds`: first unit and the one behind. Otherwise as `readObject`. */
export function readArray(text: string, at: number, bounds: number[]): number {
  if (text.charCodeAt(at) !== OPEN_BRACKET) return MALFORMED;
  let i = skipSpace(text, at + 1);
  if (text.charCodeAt(i) === CLOSE_BRACKET) return i + 1;
  for (;;) {
    const end = endOfValue(text, i);
    if (end === MALFORMED) return MALFORMED;
    bounds.push(i, end);
    i = skipSpace(text, end);
    const unit = text.charCodeAt(i);
    if (unit === CLOSE_BRACKET) return i + 1;
    if (unit !== COMMA) return MALFORMED;
    i = skipSpace(text, i + 1);
  }
}

/** The key between two quotes, with its escapes undone; undefined when an escape is not one of JSON's. */
export function decodeKey(text: string, openQuote: number, closeQuote: number): string | undefined {
  const raw = text.slice(openQuote + 1, closeQuote);
  return raw.includes("\\") ? decodeString(text.slice(openQuote, closeQuote + 1)) : raw;
}

function decodeString(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}

/** Longer strings are searched with `indexOf`. */
const SHORT_STRING_UNITS = 24;
/** The engine's own parser stops at 128. */
const DEPTH_MAX = 512;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACKET = 0x5d;
const SPACE = 0x20;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;
const CLOSE_BRACE = 0x7d;
