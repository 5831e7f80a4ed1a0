/**
 * The request bodies for the nodes: each holds the documents of its shards in the client's order, every byte of them as
 * the client sent it, with the markers appended behind the last field. Nodes that hold the same shards share one body.
 */
import { assert } from "../assert.ts";
import { type BodyStream, CHUNK_BYTES } from "./body-stream.ts";
import { encodeSequence, encodeShard, MARKER_ALPHABET } from "../markers/codec.ts";
import { encodeExpiry, NEVER, UNSAID } from "../markers/expiry.ts";
import { EXPIRES_AT_FIELD, SEQUENCE_FIELD, SHARD_FIELD, UPDATED_AT_FIELD } from "../markers/fields.ts";

export interface AssembleOptions {
  /** Start and end of each document in `bytes`, two numbers each. */
  readonly bounds: Uint32Array;
  /** Per document, its place among the distinct keys. */
  readonly idOf: Uint32Array;
  /** Per distinct key. */
  readonly shardOfId: Uint16Array;
  readonly sequenceOfId: BigUint64Array;
  /** Of the write; null: documents carry none. */
  readonly version: bigint | null;
  /** Per document (`Expiry`); null: documents carry none. */
  readonly expiryOf: Float64Array | null;
  /** One JSON array instead of one document per line. */
  readonly asArray: boolean;
  /** For each body, 1 at every shard it is for. */
  readonly shardSets: readonly Uint8Array[];
}

/** In the order of `shardSets`; a set without any document has an empty body. */
export function assembleBodies(bytes: Uint8Array, options: AssembleOptions): readonly Uint8Array[] {
  return options.shardSets.map((set) => {
    const size = bodySize(options, set);
    if (size === 0) return new Uint8Array(0);
    const [body, ...rest] = bodyChunks(bytes, options, set, size);
    assert(body?.length === size && rest.length === 0, "a body is exactly as long as its parts");
    return body;
  });
}

/** The same bodies, made while they are read: beside `bytes` each holds two chunks. */
export function streamBodies(
  bytes: Uint8Array,
  options: AssembleOptions,
  chunkBytes: number = CHUNK_BYTES,
): readonly BodyStream[] {
  const markersMax = markersBytes(markerTail(options.version)) + EXPIRY_BYTES;
  assert(chunkBytes > markersMax, "a chunk has room for the markers of a document");
  return options.shardSets.map((set) => ({
    byteLength: bodySize(options, set),
    chunks: () => bodyChunks(bytes, options, set, chunkBytes),
  }));
}

function* bodyChunks(
  bytes: Uint8Array,
  options: AssembleOptions,
  set: Uint8Array,
  chunkBytes: number,
): Generator<Uint8Array, void, undefined> {
  const { bounds, idOf, shardOfId, expiryOf, asArray } = options;
  const sequences = sequenceWriter(options.sequenceOfId);
  const tail = markerTail(options.version);
  const tailOf = expiryOf === null ? null : tailWithExpiry(tail, expiryOf);
  const plainBytes = asArray ? markersBytes(tail) : markersBytes(tail) + 1;
  // Copying by `Buffer` makes no view per document; on a large batch those would weigh as much as the batch.
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = twoChunks(chunkBytes);
  let chunk = chunks();
  let at = 0;
  let separator = OPEN_BRACKET;
  for (let document = 0; document < idOf.length; document += 1) {
    const id = idOf[document] as number;
    const shard = shardOfId[id] as number;
    if (set[shard] !== 1) continue;
    if (at === chunkBytes) {
      yield chunk;
      chunk = chunks();
      at = 0;
    }
    if (asArray) chunk[at++] = separator;
    separator = COMMA;
    let start = bounds[document * 2] as number;
    // Without its closing brace; the marker brings it.
    const end = (bounds[document * 2 + 1] as number) - 1;
    const ending = tailOf === null ? tail : tailOf(document);
    const tailBytes = plainBytes + ending.length - tail.length;
    while (at + end - start + tailBytes > chunkBytes) {
      const part = Math.min(chunkBytes - at, end - start);
      at += source.copy(chunk, at, start, start + part);
      start += part;
      yield chunk.subarray(0, at);
      chunk = chunks();
      at = 0;
    }
    at += source.copy(chunk, at, start, end);
    at += markerPrefix(shard).copy(chunk, at);
    at = sequences(id, chunk, at);
    at += ending.copy(chunk, at);
    if (!asArray) chunk[at++] = NEWLINE;
  }
  const closes = asArray && separator === COMMA;
  if (at === chunkBytes && closes) {
    yield chunk;
    chunk = chunks();
    at = 0;
  }
  if (closes) chunk[at++] = CLOSE_BRACKET;
  if (at > 0) yield chunk.subarray(0, at);
}

/** Two pieces of memory in turn: whoever reads may still hold one while the other is filled. */
function twoChunks(chunkBytes: number): () => Uint8Array {
  let filling: Uint8Array | undefined;
  let held: Uint8Array | undefined;
  return () => {
    [filling, held] = [held ?? new Uint8Array(chunkBytes), filling];
    return filling;
  };
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
  const { bounds, idOf, shardOfId, expiryOf, asArray } = options;
  const tailBytes = markersBytes(markerTail(options.version)) + 1;
  let size = 0;
  for (let document = 0; document < idOf.length; document += 1) {
    if (set[shardOfId[idOf[document] as number] as number] !== 1) continue;
    size += (bounds[document * 2 + 1] as number) - (bounds[document * 2] as number) - 1 + tailBytes;
    if (expiryOf !== null && expiryOf[document] !== UNSAID) size += EXPIRY_BYTES;
  }
  // The bracket that opens an array has no separator of its own; the closing one takes the place of the last.
  return size > 0 && asArray ? size + 1 : size;
}

/** A document with a key has at least one field, so the comma always has something before it. */
function markerPrefix(shard: number): Buffer {
  return (prefixes[shard] ??= Buffer.from(`,"${SHARD_FIELD}":"${encodeShard(shard)}","${SEQUENCE_FIELD}":"`));
}

/** What follows the sequence, up to the brace that closes the document. */
function markerTail(version: bigint | null): Buffer {
  return Buffer.from(version === null ? '"}' : `","${UPDATED_AT_FIELD}":"${encodeSequence(version)}"}`);
}

/** The same with the time at which a document expires, where that is said. Neighbours mostly expire together. */
function tailWithExpiry(tail: Buffer, expiryOf: Float64Array): (document: number) => Buffer {
  const opened = tail.toString().slice(0, -1);
  let known: number = UNSAID;
  let made = tail;
  return (document) => {
    const expiry = expiryOf[document] as number;
    if (expiry === UNSAID) return tail;
    if (expiry !== known) {
      known = expiry;
      made = Buffer.from(`${opened}${expiryMember(expiry)}}`);
    }
    return made;
  };
}

/** What the client has written under the name itself stands before it, and of a repeated name the engine takes the last. */
function expiryMember(expiry: number): string {
  return `,"${EXPIRES_AT_FIELD}":"${encodeExpiry(expiry)}"`;
}

/** All markers of a document with the characters that close it. */
function markersBytes(tail: Buffer): number {
  return markerPrefix(0).length + SEQUENCE_BYTES + tail.length;
}

/** The sixteen digits of a sequence, three bytes each. */
const DIGITS = new TextEncoder().encode(MARKER_ALPHABET);
/** Which half of a 64-bit number comes first in memory depends on the machine. */
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const NEWLINE = 0x0a;

/** Filled on demand; a shard number has 16 bits. */
const prefixes: (Buffer | undefined)[] = [];

const SEQUENCE_BYTES = Buffer.byteLength(encodeSequence(0n));
const EXPIRY_BYTES = Buffer.byteLength(expiryMember(NEVER));
