/** When a document expires, as a client has written it: whole milliseconds since the epoch, or null for never. */
import { EXPIRY_MAX, NEVER, UNSAID, type Expiry } from "../markers/expiry.ts";
import { jsonText } from "./json-text.ts";
import type { DocumentSpan } from "./scan-document.ts";

/** null: what it says is no time. */
export function expiryIn(bytes: Uint8Array, { expiryStart, expiryEnd }: DocumentSpan): Expiry | null {
  if (expiryStart < 0) return UNSAID;
  const text = jsonText(bytes, expiryStart, expiryEnd);
  if (text === "null") return NEVER;
  // What comes from CSV as a number may have a point.
  if (!/^[0-9]{1,16}(?:\.0+)?$/.test(text)) return null;
  const time = Number(text);
  return time <= EXPIRY_MAX ? time : null;
}
