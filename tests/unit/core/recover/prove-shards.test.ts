/** The shard count that documents prove: found for every count, never guessed. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { proveShards } from "../../../../src/core/recover/prove-shards.ts";
import { shardOf } from "../../../../src/core/routing/shard-of.ts";

const samplesOf = (keys: readonly string[], shards: number) =>
  keys.map((key) => ({ key, shard: shardOf(key, shards) }));

test("a hundred documents prove any count", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4096 }), fc.integer({ min: 0, max: 1e9 }), (shards, seed) => {
      const keys = Array.from({ length: 100 }, (_, n) => `${seed}-${n}`);
      const proof = proveShards(samplesOf(keys, shards));
      if (shards === 1) expect(["proven", "ambiguous"]).toContain(proof.kind);
      else expect(proof).toEqual({ kind: "proven", shards, documents: 100 });
    }),
    { numRuns: 30 },
  );
});

test("one document leaves many counts open, the right one among them; none proves nothing", () => {
  const proof = proveShards(samplesOf(["only"], 64));
  expect(proof.kind).toBe("ambiguous");
  if (proof.kind === "ambiguous") expect(proof.fitting).toContain(64);
  expect(proveShards([])).toEqual({ kind: "empty" });
});

test("documents of two counts, and shards that a key never has, fit no count", () => {
  const keys = Array.from({ length: 50 }, (_, n) => `key-${n}`);
  const mixed = [...samplesOf(keys, 64), ...samplesOf(keys, 128)];
  expect(proveShards(mixed)).toEqual({ kind: "contradictory", documents: 100 });
});
