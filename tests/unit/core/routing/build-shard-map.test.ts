/** Placement: the counts of the first implementation, and little moves when nodes come and go. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import xxhash from "xxhash-wasm";
import { buildShardMap } from "../../../../src/core/routing/build-shard-map.ts";
import { createScore } from "../../../../src/core/routing/score.ts";
import type { ShardMap } from "../../../../src/core/routing/shard-map.ts";
import { topologyOf } from "./topologies.ts";

const reference64 = await xxhash();

/** Each (shard, owner) pair as one text. */
function edges(map: ShardMap): Set<string> {
  return new Set(map.owners.flat().flatMap((owners, shard) => owners.map((id) => `${shard} ${id}`)));
}

function counts(map: ShardMap, ids: readonly string[]): number[] {
  return ids.map((id) => map.shardsOf.get(id)?.length ?? -1);
}

const nodeNames = fc.uniqueArray(fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 20 }), {
  minLength: 1,
  maxLength: 9,
});
const shardCounts = fc.integer({ min: 1, max: 200 });
const factors = fc.integer({ min: 1, max: 4 });

describe("rendezvous placement", () => {
  test.each([
    [
      ["node1", "node2", "node3"],
      [27, 22, 15],
    ],
    [
      ["node-0", "node-1", "node-2"],
      [22, 22, 20],
    ],
    [
      ["meili-0", "meili-1", "meili-2"],
      [25, 22, 17],
    ],
  ])("64 shards over %p are placed %p", (ids, expected) => {
    expect(counts(buildShardMap(topologyOf([ids]), 64), ids)).toEqual(expected);
  });

  test("scores as the xxhash-wasm package does over shard, node id and terminator", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(65535), (id, shard) => {
        const bytes = Uint8Array.of(shard & 255, shard >> 8, 0, 0, ...new TextEncoder().encode(id), 0xff);
        expect(createScore(id)(shard)).toBe(reference64.h64Raw(bytes, 0n));
      }),
    );
  });

  test("orders owners by score, the best first, as a direct computation does", () => {
    fc.assert(
      fc.property(nodeNames, shardCounts, factors, (ids, shards, factor) => {
        const map = buildShardMap(topologyOf([ids], factor), shards);
        const scorers = new Map(ids.map((id) => [id, createScore(id)]));
        for (const [shard, owners] of map.owners[0]!.entries()) {
          const scores = owners.map((id) => scorers.get(id)!(shard));
          const others = ids.filter((id) => !owners.includes(id)).map((id) => scorers.get(id)!(shard));
          expect(owners).toHaveLength(Math.min(factor, ids.length));
          for (let i = 1; i < scores.length; i += 1) expect(scores[i - 1]! > scores[i]!).toBe(true);
          for (const score of others) expect(score < scores.at(-1)!).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("is the same however the nodes are listed", () => {
    fc.assert(
      fc.property(nodeNames, shardCounts, factors, (ids, shards, factor) => {
        const there = buildShardMap(topologyOf([ids], factor), shards);
        const back = buildShardMap(topologyOf([ids.toReversed()], factor), shards);
        expect(back.owners).toEqual(there.owners);
      }),
      { numRuns: 50 },
    );
  });

  test("lists for each node exactly the shards it owns, ascending", () => {
    fc.assert(
      fc.property(nodeNames, shardCounts, factors, (ids, shards, factor) => {
        const map = buildShardMap(topologyOf([ids], factor), shards);
        const listed = [...map.shardsOf].flatMap(([id, held]) => held.map((shard) => `${shard} ${id}`));
        expect(new Set(listed)).toEqual(edges(map));
        for (const held of map.shardsOf.values()) expect(held).toEqual(held.toSorted((a, b) => a - b));
      }),
      { numRuns: 50 },
    );
  });

  test("a node that comes or goes changes only its own edges and the places it frees", () => {
    fc.assert(
      fc.property(nodeNames, shardCounts, factors, (ids, shards, factor) => {
        fc.pre(ids.length > 1);
        const [leaving, ...staying] = ids;
        const before = buildShardMap(topologyOf([ids], factor), shards);
        const after = buildShardMap(topologyOf([staying], factor), shards);
        for (const [shard, owners] of before.owners[0]!.entries()) {
          const remaining = owners.filter((id) => id !== leaving);
          expect(after.owners[0]![shard]!.slice(0, remaining.length)).toEqual(remaining);
          expect(after.owners[0]![shard]!.length - remaining.length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("a fourth node takes at most half of the edges' quarter twice over, as promised", () => {
    for (const ids of [
      ["node1", "node2", "node3", "node4"],
      ["node-0", "node-1", "node-2", "node-3"],
      ["meili-0", "meili-1", "meili-2", "meili-3"],
    ]) {
      for (const factor of [1, 2]) {
        const before = edges(buildShardMap(topologyOf([ids.slice(0, 3)], factor), 64));
        const after = edges(buildShardMap(topologyOf([ids], factor), 64));
        const moved = [...after].filter((edge) => !before.has(edge));
        expect(moved.length).toBeLessThanOrEqual(2 * 0.25 * after.size);
        expect(moved.every((edge) => edge.endsWith(ids[3]!))).toBe(true);
      }
    }
  });

  test("64 shards on three nodes stay within 15 and 27 for the usual families of names", () => {
    for (const ids of [
      ["node1", "node2", "node3"],
      ["node-0", "node-1", "node-2"],
      ["meili-0", "meili-1", "meili-2"],
    ]) {
      for (const count of counts(buildShardMap(topologyOf([ids]), 64), ids)) expect(count).toBeWithin(15, 28);
    }
  });

  test("groups are placed independently of each other", () => {
    const both = buildShardMap(
      topologyOf(
        [
          ["a", "b", "c"],
          ["x", "y"],
        ],
        2,
      ),
      64,
    );
    expect(both.owners[0]).toEqual(buildShardMap(topologyOf([["a", "b", "c"]], 2), 64).owners[0]);
    expect(both.owners[1]).toEqual(buildShardMap(topologyOf([["x", "y"]], 2), 64).owners[0]);
  });
});

describe("who takes part", () => {
  test("a node that is down or leaving goes on owning, so nothing moves because of it", () => {
    const well = buildShardMap(topologyOf([["a", "b", "c"]], 2), 64);
    for (const state of ["failed", "degraded", "draining"] as const) {
      expect(buildShardMap(topologyOf([["a", "b", "c"]], 2, { b: state }), 64).owners).toEqual(well.owners);
    }
  });

  test("a node that is joining or removed owns nothing, but is listed", () => {
    const without = buildShardMap(topologyOf([["a", "c"]], 2), 64);
    for (const state of ["joining", "removed"] as const) {
      const map = buildShardMap(topologyOf([["a", "b", "c"]], 2, { b: state }), 64);
      expect(map.owners).toEqual(without.owners);
      expect(map.shardsOf.get("b")).toEqual([]);
    }
  });

  test("a group without a node that may own leaves every shard without an owner", () => {
    const map = buildShardMap(topologyOf([["a"], ["b"]], 1, { b: "joining" }), 4);
    expect(map.owners[1]).toEqual([[], [], [], []]);
  });
});
