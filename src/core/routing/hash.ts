/**
 * XXH64 with seed 0 over bytes followed by one 0xFF byte: the project's first implementation hashed strings this way,
 * and every document already stored was placed by it. Changing anything here moves every document.
 * Callers get the remainder from two 32-bit halves, so no BigInt arithmetic is done per document.
 */

/** Hash of the UTF-8 form of `text`; a lone surrogate counts as U+FFFD, as it does when stored. */
export function hashText(text: string): bigint {
  // One UTF-16 unit becomes at most three bytes.
  const room = text.length * 3 + 1;
  if (room > SCRATCH_BYTES_MAX) return hashLong(encoder.encode(text));
  return hashScratch(writeShortAscii(text) ? text.length : encoder.encodeInto(text, scratch).written);
}

/** Most keys are short and ASCII; a loop writes them in half the time of a call into the runtime. */
function writeShortAscii(text: string): boolean {
  const length = text.length;
  if (length > SHORT_TEXT_MAX) return false;
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return false;
    scratch[i] = unit;
  }
  return true;
}

/** The same hash for a key that already lies somewhere as UTF-8, such as in a request body. */
export function hashSlice(bytes: Uint8Array, start: number, end: number): bigint {
  const length = end - start;
  if (length >= SCRATCH_BYTES_MAX) return hashLong(bytes.subarray(start, end));
  // A loop beats subarray and set for keys as short as they usually are.
  for (let i = 0; i < length; i += 1) scratch[i] = bytes[start + i]!;
  return hashScratch(length);
}

/** `hash mod divisor` in plain numbers; exact for every divisor up to 2^26. */
export function remainder(hash: bigint, divisor: number): number {
  wide[0] = hash;
  const low = halves[LOW]!;
  const high = halves[HIGH]!;
  return ((high % divisor) * (4294967296 % divisor) + (low % divisor)) % divisor;
}

/** `buffer` has one byte of room behind its content; that byte is overwritten. */
export function hashTerminated(buffer: Uint8Array): bigint {
  buffer[buffer.length - 1] = TERMINATOR;
  return Bun.hash.xxHash64(buffer);
}

/** The first `length` bytes of the scratch buffer. */
function hashScratch(length: number): bigint {
  scratch[length] = TERMINATOR;
  return Bun.hash.xxHash64(views[length] ?? scratch.subarray(0, length + 1));
}

function hashLong(bytes: Uint8Array): bigint {
  const buffer = new Uint8Array(bytes.length + 1);
  buffer.set(bytes);
  return hashTerminated(buffer);
}

const TERMINATOR = 0xff;

/** Longer than any valid document id (511 bytes); longer input is hashed from a buffer of its own. */
const SCRATCH_BYTES_MAX = 2048;

/** UTF-16 units. */
const SHORT_TEXT_MAX = 48;

const encoder = new TextEncoder();
const scratch = new Uint8Array(SCRATCH_BYTES_MAX);
/** `views[n]` shows n bytes and the terminator; making a view for every key costs more than hashing it. */
const views = Array.from({ length: 128 }, (_, length) => scratch.subarray(0, length + 1));
const wide = new BigUint64Array(1);
const halves = new Uint32Array(wide.buffer);

/** Which half comes first in memory depends on the machine. */
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;
