/** The sequences of stored documents out of a node's answer to a fetch, without turning big integer keys into floats. */
import { decodeSequence } from "../markers/codec.ts";
import { SEQUENCE_FIELD } from "../markers/fields.ts";
import { documentKey } from "./document-key.ts";
import { COMMA, OPEN_BRACE, OPEN_BRACKET, skipSpace } from "./json-grammar.ts";
import { JsonFault } from "./json-fault.ts";
import { jsonText } from "./json-text.ts";
import { members } from "./members.ts";
import { nestedKey } from "./nested-key.ts";
import { newDocumentSpan, scanDocument, watchedNames } from "./scan-document.ts";

/** By key; documents without a readable sequence are absent. null if the text is not such an answer. */
export function storedSequences(text: string, primaryKey: string): ReadonlyMap<string, bigint> | null {
  const bytes = new TextEncoder().encode(text);
  const found = new Map<string, bigint>();
  try {
    for (const member of members(bytes, skipSpace(bytes, 0))) {
      if (member.name === "results") collect(bytes, member.valueStart, primaryKey, found);
    }
  } catch (error) {
    if (error instanceof JsonFault) return null;
    throw error;
  }
  return found;
}

function collect(bytes: Uint8Array, at: number, primaryKey: string, found: Map<string, bigint>): void {
  if (bytes[at] !== OPEN_BRACKET) return;
  const key = watchedNames(primaryKey, []);
  const sequence = watchedNames(SEQUENCE_FIELD, []);
  const span = newDocumentSpan();
  for (let i = skipSpace(bytes, at + 1); bytes[i] === OPEN_BRACE;) {
    const start = i;
    const end = scanDocument(bytes, start, sequence, span);
    const value = span.keyStart < 0 ? null : decodeSequence(jsonText(bytes, span.keyStart + 1, span.keyEnd - 1));
    scanDocument(bytes, start, key, span);
    const id = idOf(bytes, start, primaryKey, span.keyStart, span.keyEnd);
    if (value !== null && id !== null) found.set(id, value);
    i = skipSpace(bytes, end);
    if (bytes[i] === COMMA) i = skipSpace(bytes, i + 1);
  }
}

function idOf(bytes: Uint8Array, start: number, primaryKey: string, keyStart: number, keyEnd: number): string | null {
  if (!primaryKey.includes(".")) return keyStart < 0 ? null : documentKey(bytes, keyStart, keyEnd);
  const nested = nestedKey(bytes, start, primaryKey, false);
  return nested.kind === "found" ? documentKey(bytes, nested.start, nested.end) : null;
}
