/** A single document is read by the engine in another way than a list of them, which counts and names some faults differently. */
import { JsonFault } from "./json-fault.ts";
import { CLOSE_BRACE, CLOSE_BRACKET, COMMA, eof, OPEN_BRACKET, skipSpace } from "./json-grammar.ts";

/** The fault as it is said of this body, which may be a list all the same: then it stands as it is. */
export function asInOneDocument(fault: JsonFault, bytes: Uint8Array): JsonFault {
  if (bytes[skipSpace(bytes, 0)] === OPEN_BRACKET) return fault;
  if (fault.message.startsWith("control character")) return new JsonFault(fault.message, fault.offset + 1);
  if (fault.message === "invalid number" && fault.offset > bytes.length) return eof(bytes, "a value");
  if (fault.message === "EOF while parsing an object" && lastByte(bytes, bytes.length) === COMMA)
    return eof(bytes, "a value");
  const byte = bytes[fault.offset - 1];
  const closes =
    (fault.message === "expected value" && byte === CLOSE_BRACKET) ||
    (fault.message === "key must be a string" && byte === CLOSE_BRACE);
  if (!closes) return fault;
  return lastByte(bytes, fault.offset - 1) === COMMA ? new JsonFault("trailing comma", fault.offset) : fault;
}

/** The last one before `end` that is not white space. */
function lastByte(bytes: Uint8Array, end: number): number | undefined {
  let at = end - 1;
  while (at > 0 && skipSpace(bytes, at) > at) at -= 1;
  return bytes[at];
}
