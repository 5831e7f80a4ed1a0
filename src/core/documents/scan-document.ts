/**
 * The members of one document at full speed: the grammar of all of it, and the places of the few fields the router has
 * to know. Names are compared as bytes; only a name with an escape in it is decoded.
 */
import {
  BACKSLASH,
  blame,
  CLOSE_BRACE,
  COMMA,
  eof,
  QUOTE,
  skipColon,
  skipSpace,
  skipString,
  skipValue,
} from "./json-grammar.ts";
import { jsonText } from "./json-text.ts";

/** Filled anew for every document; offsets are -1 for what the document does not have. Of a repeated name the last counts. */
export interface DocumentSpan {
  keyStart: number;
  keyEnd: number;
  keyRepeats: boolean;
  geoStart: number;
  geoEnd: number;
  vectorsStart: number;
  vectorsEnd: number;
  /** Which reserved field it carries, or -1. */
  reserved: number;
  expiryStart: number;
  expiryEnd: number;
}

export interface WatchedNames {
  readonly key: Uint8Array | null;
  readonly reserved: readonly Uint8Array[];
  /** The field that says when the document expires; null: none does. */
  readonly expiry: Uint8Array | null;
}

/** A dotted key is not watched for: it is looked up afterwards. */
export function watchedNames(
  primaryKey: string | null,
  reservedFields: readonly string[],
  expiryField: string | null = null,
): WatchedNames {
  const key = primaryKey === null || primaryKey.includes(".") ? null : encoder.encode(primaryKey);
  const expiry = expiryField === null ? null : encoder.encode(expiryField);
  return { key, reserved: reservedFields.map((name) => encoder.encode(name)), expiry };
}

export function newDocumentSpan(): DocumentSpan {
  return {
    keyStart: -1,
    keyEnd: -1,
    keyRepeats: false,
    geoStart: -1,
    geoEnd: -1,
    vectorsStart: -1,
    vectorsEnd: -1,
    reserved: -1,
    expiryStart: -1,
    expiryEnd: -1,
  };
}

/** Reads the object that opens at `at`, fills `span` and returns the offset behind its closing brace. */
export function scanDocument(bytes: Uint8Array, at: number, watched: WatchedNames, span: DocumentSpan): number {
  clear(span);
  let i = skipSpace(bytes, at + 1);
  if (bytes[i] === CLOSE_BRACE) return i + 1;
  for (;;) {
    if (bytes[i] !== QUOTE) throw i >= bytes.length ? eof(bytes, "an object") : blame("key must be a string", i);
    const nameStart = i + 1;
    const nameEnd = skipString(bytes, nameStart);
    const valueStart = skipColon(bytes, nameEnd);
    const valueEnd = skipValue(bytes, valueStart, 0);
    note(bytes, nameStart, nameEnd - 1, valueStart, valueEnd, watched, span);
    i = skipSpace(bytes, valueEnd);
    const byte = bytes[i];
    if (byte === CLOSE_BRACE) return i + 1;
    if (byte !== COMMA) throw byte === undefined ? eof(bytes, "an object") : blame("expected `,` or `}`", i);
    i = skipSpace(bytes, i + 1);
  }
}

/** One member whose raw name is `nameStart`..`nameEnd`. */
function note(
  bytes: Uint8Array,
  nameStart: number,
  nameEnd: number,
  valueStart: number,
  valueEnd: number,
  watched: WatchedNames,
  span: DocumentSpan,
): void {
  let source = bytes;
  let start = nameStart;
  let end = nameEnd;
  if (hasBackslash(bytes, nameStart, nameEnd)) {
    source = encoder.encode(JSON.parse(jsonText(bytes, nameStart - 1, nameEnd + 1)) as string);
    start = 0;
    end = source.length;
  }
  if (watched.key !== null && equals(source, start, end, watched.key)) {
    span.keyRepeats = span.keyStart >= 0;
    span.keyStart = valueStart;
    span.keyEnd = valueEnd;
  }
  if (watched.expiry !== null && equals(source, start, end, watched.expiry)) {
    span.expiryStart = valueStart;
    span.expiryEnd = valueEnd;
  }
  if (source[start] !== UNDERSCORE) return;
  if (equals(source, start, end, GEO)) {
    span.geoStart = valueStart;
    span.geoEnd = valueEnd;
  } else if (equals(source, start, end, VECTORS)) {
    span.vectorsStart = valueStart;
    span.vectorsEnd = valueEnd;
  } else if (span.reserved < 0) {
    span.reserved = watched.reserved.findIndex((name) => equals(source, start, end, name));
  }
}

function hasBackslash(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) if (bytes[i] === BACKSLASH) return true;
  return false;
}

function equals(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i += 1) if (bytes[start + i] !== name[i]) return false;
  return true;
}

function clear(span: DocumentSpan): void {
  span.keyStart = -1;
  span.keyEnd = -1;
  span.keyRepeats = false;
  span.geoStart = -1;
  span.geoEnd = -1;
  span.vectorsStart = -1;
  span.vectorsEnd = -1;
  span.reserved = -1;
  span.expiryStart = -1;
  span.expiryEnd = -1;
}

const encoder = new TextEncoder();
const GEO = encoder.encode("_geo");
const VECTORS = encoder.encode("_vectors");
const UNDERSCORE = 0x5f;
