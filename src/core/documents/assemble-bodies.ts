/**
 * The request bodies for the nodes: each holds the documents of its shards in the client's order, every byte of them as
 * the client sent it, with the markers appended behind the last field. Nodes that hold the same shards share one body.
 */
import { assert } from "../assert.ts";
import { encodeSequence, encodeShard } from "../markers/codec.ts";
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
  const { bounds, idOf, shardOfId, sequenceOfId, asArray } = options;
  const size = bodySize(options, set);
  const body = new Uint8Array(size);
  if (size === 0) return body;
  let at = 0;
  if (asArray) body[at++] = OPEN_BRACKET;
  for (let document = 0; document < idOf.length; document += 1) {
    const id = idOf[document] as number;
    const shard = shardOfId[id] as number;
    if (set[shard] !== 1) continue;
    const start = bounds[document * 2] as number;
    const end = bounds[document * 2 + 1] as number;
    // Without its closing brace; the marker brings it.
    body.set(bytes.subarray(start, end - 1), at);
    at += end - 1 - start;
    const prefix = markerPrefix(shard);
    body.set(prefix, at);
    at += prefix.length;
    at += encoder.encodeInto(encodeSequence(sequenceOfId[id] as bigint), body.subarray(at)).written;
    body[at++] = QUOTE;
    body[at++] = CLOSE_BRACE;
    body[at++] = asArray ? COMMA : NEWLINE;
  }
  if (asArray) body[at - 1] = CLOSE_BRACKET;
  assert(at === size, "a body is exactly as long as its parts");
  return body;
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
function markerPrefix(shard: number): Uint8Array {
  return (prefixes[shard] ??= encoder.encode(`,"${SHARD_FIELD}":"${encodeShard(shard)}","${SEQUENCE_FIELD}":"`));
}

const encoder = new TextEncoder();
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;
const NEWLINE = 0x0a;

/** Filled on demand; a shard number has 16 bits. */
const prefixes: (Uint8Array | undefined)[] = [];

/** With the two characters that close the document. */
const MARKERS_BYTES = markerPrefix(0).length + encoder.encode(encodeSequence(0n)).length + 2;
