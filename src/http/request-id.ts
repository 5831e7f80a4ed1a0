/** The id under which one request is found in the logs of everybody who took part in it. */
import type { Random } from "../platform/random.ts";

/** The client's own id when it is short and printable, so that it can be trusted in a log line and a header; else a new one. */
export function requestId(given: string | null, random: Random): string {
  return given !== null && sane(given) ? given : random.uuidV7();
}

function sane(id: string): boolean {
  if (id.length === 0 || id.length > ID_LENGTH_MAX) return false;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || code === DOUBLE_QUOTE || code === BACKSLASH) return false;
  }
  return true;
}

const ID_LENGTH_MAX = 128;
const DOUBLE_QUOTE = 0x22;
const BACKSLASH = 0x5c;
