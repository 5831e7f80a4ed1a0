/** Parts of a body as text, for the slow paths: escaped names, messages, the shape checks. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of `start`..`end`; a body whose UTF-8 has not been checked yet may give replacement characters. */
export function jsonText(bytes: Uint8Array, start: number, end: number): string {
  return utf8.decode(bytes.subarray(start, end));
}

/** True if the bytes are UTF-8. Decodes piece by piece, so that no second copy of a large body is held. */
export function isUtf8(bytes: Uint8Array): boolean {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      decoder.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true });
    }
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}

const PIECE_BYTES = 262_144;
