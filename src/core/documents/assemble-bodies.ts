/**
 * The request bodies for the nodes: each holds the documents of its shards in the client's order, every byte of them as
 * the client sent it, with the markers appended behind the last field. Nodes that hold the same shards share one body.
 */
import { assert } from "../assert.ts";
import { encodeSequence, encodeShard, MARKER_ALPHABET } from "../markers/codec.ts";
import { SEQUENCE_FIELD, SHARD_FIELD } from "../markers/fields.ts";

export interface AssembleOptions {
  /** Start and end of each document in `bytes`, two numbers each. */
  readonly bounds: Uint32Array;
  /** Per document, its place among the distinct keys. */
  readonly idOf: Uint32Array;
  /** Per distinct key. */
  readonly shardOfId: Uint16Array;
  readonly sequenceOfId: BigUint64Array;
  /** One JSON array instead of one document per line. */
  readonly asArray: boolean;
  /** For each body, 1 at every shard it is for. */
  readonly shardSets: readonly Uint8Array[];
}

/** In the order of `shardSets`; a set without any document has an empty body. */
export function assembleBodies(bytes: Uint8Array, options: AssembleOptions): readonly Uint8Array[] {
  return options.shardSets.map((set) => assembleBody(bytes, options, set));
}

function assembleBody(bytes: Uint8Array, options: AssembleOptions, set: Uint8Array): Uint8Array {
  const { bounds, idOf, shardOfId, asArray } = options;
  const sequences = sequenceWriter(options.sequenceOfId);
  const size = bodySize(options, set);
  const body = new Uint8Array(size);
  if (size === 0) return body;
  // Copying by `Buffer` makes no view per document; on a large batch those would weigh as much as the batch.
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  if (asArray) body[at++] = OPEN_BRACKET;
  for (let document = 0; document < idOf.length; document += 1) {
    const id = idOf[document] as number;
    const shard = shardOfId[id] as number;
    if (set[shard] !== 1) continue;
    // Without its closing brace; the marker brings it.
    at += source.copy(body, at, bounds[document * 2], (bounds[document * 2 + 1] as number) - 1);
    at += markerPrefix(shard).copy(body, at);
    at = sequences(id, body, at);
    body[at++] = QUOTE;
    body[at++] = CLOSE_BRACE;
    body[at++] = asArray ? COMMA : NEWLINE;
  }
  if (asArray) body[at - 1] = CLOSE_BRACKET;
  assert(at === size, "a body is exactly as long as its parts");
  return body;
}

/** Writes what `encodeSequence` says of the sequence of one id, straight into the body, and returns the offset behind it. */
function sequenceWriter(sequenceOfId: BigUint64Array): (id: number, body: Uint8Array, at: number) => number {
  const halves = new Uint32Array(sequenceOfId.buffer, sequenceOfId.byteOffset, sequenceOfId.length * 2);
  return (id, body, at) => writeHalf(halves[id * 2 + LOW] ?? 0, body, writeHalf(halves[id * 2 + HIGH] ?? 0, body, at));
}

function writeHalf(half: number, body: Uint8Array, at: number): number {
  let end = at;
  for (let shift = 28; shift >= 0; shift -= 4) {
    const digit = ((half >>> shift) & 15) * 3;
    body[end++] = DIGITS[digit] as number;
    body[end++] = DIGITS[digit + 1] as number;
    body[end++] = DIGITS[digit + 2] as number;
  }
  return end;
}

/** Every marker has the same length, so the size is known before anything is copied. */
function bodySize(options: AssembleOptions, set: Uint8Array): number {
  const { bounds, idOf, shardOfId, asArray } = options;
  let size = 0;
  for (let document = 0; document < idOf.length; document += 1) {
    if (set[shardOfId[idOf[document] as number] as number] !== 1) continue;
    size += (bounds[document * 2 + 1] as number) - (bounds[document * 2] as number) - 1 + MARKERS_BYTES + 1;
  }
  // The bracket that opens an array has no separator of its own; the closing one takes the place of the last.
  return size > 0 && asArray ? size + 1 : size;
}

/** A document with a key has at least one field, so the comma always has something before it. */
function markerPrefix(shard: number): Buffer {
  return (prefixes[shard] ??= Buffer.from(`,"${SHARD_FIELD}":"${encodeShard(shard)}","${SEQUENCE_FIELD}":"`));
}

/** The sixteen digits of a sequence, three bytes each. */
const DIGITS = new TextEncoder().encode(MARKER_ALPHABET);
/** Which half of a 64-bit number comes first in memory depends on the machine. */
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;
const NEWLINE = 0x0a;

/** Filled on demand; a shard number has 16 bits. */
const prefixes: (Buffer | undefined)[] = [];

/** With the two characters that close the document. */
const MARKERS_BYTES = markerPrefix(0).length + Buffer.byteLength(encodeSequence(0n)) + 2;
