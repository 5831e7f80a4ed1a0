/**
 * The shard of a document: which of an index's fixed number of buckets its primary key falls into. A key is hashed as
 * the string the engine stores, so the integer 7 and the string "7" are one document and one shard.
 */
import { hashSlice, hashText, remainder } from "./hash.ts";

/** The most shards an index can have: a shard number is stored in 16 bits. */
export const SHARDS_MAX = 65536;

/** `shards` is the count of the index, 1 to `SHARDS_MAX`. */
export function shardOf(key: string, shards: number): number {
  return remainder(hashText(key), shards);
}

/** The same for the UTF-8 bytes `start` (inclusive) to `end` (exclusive), which are not changed. */
export function shardOfBytes(bytes: Uint8Array, start: number, end: number, shards: number): number {
  return remainder(hashSlice(bytes, start, end), shards);
}
