/** Documents stay where the first implementation put them. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { SHARDS_MAX, shardOf, shardOfBytes } from "../../../../src/core/routing/shard-of.ts";

const fixtures: readonly (readonly [key: string, shards: number, shard: number])[] = [
  ["order:xyz", 64, 10],
  ["alpha", 128, 104],
  ["beta", 128, 91],
  ["test", 16, 10],
  ["user:12345", 64, 15],
  ["product:abc", 64, 24],
  ["order:99999", 64, 4],
  ["hello", 32, 6],
  ["order:xyz", 16, 10],
  ["order:xyz", 32, 10],
  ["order:xyz", 128, 10],
  ["order:xyz", 1024, 138],
  ["alpha", 64, 40],
  ["alpha", 512, 488],
  ["beta", 64, 27],
  ["beta", 512, 219],
];

describe("the shard of a key", () => {
  test.each(fixtures)("%s of %d shards is %d", (key, shards, shard) => {
    expect(shardOf(key, shards)).toBe(shard);
    const bytes = new TextEncoder().encode(`"${key}"`);
    expect(shardOfBytes(bytes, 1, bytes.length - 1, shards)).toBe(shard);
  });

  test("is always one of the index's shards", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: SHARDS_MAX }), (key, shards) => {
        const shard = shardOf(key, shards);
        expect(shard).toBeWithin(0, shards);
        expect(Number.isInteger(shard)).toBe(true);
      }),
    );
  });

  test("spreads ten thousand keys over 64 shards without an empty or a crowded one", () => {
    const counts = Array.from({ length: 64 }, () => 0);
    for (let i = 0; i < 10_000; i += 1) counts[shardOf(`key-${i}`, 64)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(110);
    expect(Math.max(...counts)).toBeLessThan(205);
  });
});
