/**
 * A request body that is made while it is sent, so that it need never be held whole. It can be made any number of times,
 * each time the same, since a write whose fate is unknown is sent again or kept for later.
 */
export interface BodyStream {
  /** Of the whole body. */
  readonly byteLength: number;
  /** A chunk is valid until the next but one is taken: its memory is used again. */
  chunks(): Iterable<Uint8Array>;
}

export type RequestBody = string | Uint8Array | BodyStream;

export function bodyBytes(body: RequestBody | null | undefined): number {
  if (body === null || body === undefined) return 0;
  return typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
}

/** For whoever cannot take it in parts. */
export function wholeBody(body: RequestBody): string | Uint8Array {
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  const whole = new Uint8Array(body.byteLength);
  let at = 0;
  for (const chunk of body.chunks()) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

/** A body that lies in memory already, in parts that are cheap to pass on: nothing is copied. */
export function streamOf(bytes: Uint8Array): BodyStream {
  return {
    byteLength: bytes.byteLength,
    *chunks() {
      for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
    },
  };
}

/** Small enough to be made between two other requests, large enough that their number does not matter. */
export const CHUNK_BYTES = 262_144;
