/**
 * XXH64 with seed 0 over bytes followed by one 0xFF byte: the project's first implementation hashed strings this way,
 * and every document already stored was placed by it. Changing anything here moves every document.
 * Callers get the remainder from two 32-bit halves, so no BigInt arithmetic is done per document.
 */

/** Hash of the UTF-8 form of `text`; a lone surrogate counts as U+FFFD, as it does when stored. */
export function hashText(text: string): bigint {
  // One UTF-16 unit becomes at most three bytes.
  const room = text.length * 3 + 1;
  const buffer = room <= SCRATCH_BYTES_MAX ? scratch : new Uint8Array(room);
  const { written } = encoder.encodeInto(text, buffer);
  return hashTerminated(buffer, written);
}

/** The same hash for a key that already lies somewhere as UTF-8, such as in a request body. */
export function hashSlice(bytes: Uint8Array, start: number, end: number): bigint {
  const length = end - start;
  const buffer = length < SCRATCH_BYTES_MAX ? scratch : new Uint8Array(length + 1);
  // A loop beats subarray + set for the short keys that are usual.
  for (let i = 0; i < length; i += 1) buffer[i] = bytes[start + i]!;
  return hashTerminated(buffer, length);
}

/** `hash mod divisor` in plain numbers; exact for every divisor up to 2^26. */
export function remainder(hash: bigint, divisor: number): number {
  wide[0] = hash;
  const low = halves[LOW]!;
  const high = halves[HIGH]!;
  return ((high % divisor) * (4294967296 % divisor) + (low % divisor)) % divisor;
}

/** Writes the terminator behind the first `length` bytes and hashes both; `buffer` must have room for it. */
export function hashTerminated(buffer: Uint8Array, length: number): bigint {
  buffer[length] = 0xff;
  return Bun.hash.xxHash64(buffer.subarray(0, length + 1));
}

/** Longer than any valid document id (511 bytes); longer input is hashed from a buffer of its own. */
const SCRATCH_BYTES_MAX = 2048;

const encoder = new TextEncoder();
const scratch = new Uint8Array(SCRATCH_BYTES_MAX);
const wide = new BigUint64Array(1);
const halves = new Uint32Array(wide.buffer);

/** Which half comes first in memory depends on the machine. */
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;
