/** The two-rule quorum, row by row of its table, and the rule that more acknowledgements never make it worse. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { acknowledgementsNeeded, tally, type WriteOutcome } from "../../../../src/core/quorum/tally.ts";
import { buildShardMap } from "../../../../src/core/routing/build-shard-map.ts";
import { topologyOf } from "../routing/topologies.ts";

/** Groups of exactly RF nodes, so that every node owns every shard and outcomes can be given per group. */
function fleet(groups: number, factor: number) {
  const names = Array.from({ length: groups }, (_, g) => Array.from({ length: factor }, (_, n) => `g${g}n${n}`));
  return { names, map: buildShardMap(topologyOf(names, factor), 4) };
}

/** `acks[g]` nodes of group `g` acknowledge. */
function decide(groups: number, factor: number, acks: readonly number[]) {
  const { names, map } = fleet(groups, factor);
  const outcomes = new Map<string, WriteOutcome>(
    names.flatMap((ids, g) => ids.map((id, n) => [id, n < acks[g]! ? "acknowledged" : "missed"] as const)),
  );
  return tally(map, [0, 1, 2, 3], outcomes);
}

test.each([
  { owners: 1, needed: 1 },
  { owners: 2, needed: 2 },
  { owners: 3, needed: 2 },
  { owners: 4, needed: 3 },
  { owners: 5, needed: 3 },
])("of $owners owners $needed have to acknowledge", ({ owners, needed }) => {
  expect(acknowledgementsNeeded(owners)).toBe(needed);
});

test("the table of thresholds is a strict majority for every replication factor, and ends at the largest", () => {
  for (let owners = 1; owners <= 16; owners += 1) {
    expect(acknowledgementsNeeded(owners)).toBe(Math.floor(owners / 2) + 1);
  }
  for (const owners of [0, 17]) expect(() => acknowledgementsNeeded(owners)).toThrow("1 to 16 owners");
});

describe("a write succeeds", () => {
  test.each([
    { groups: 1, factor: 1, acks: [1], met: true, missed: [] },
    { groups: 1, factor: 1, acks: [0], met: false, missed: [0] },
    { groups: 1, factor: 2, acks: [2], met: true, missed: [] },
    { groups: 1, factor: 2, acks: [1], met: false, missed: [0] },
    { groups: 1, factor: 3, acks: [3], met: true, missed: [] },
    { groups: 1, factor: 3, acks: [2], met: true, missed: [] },
    { groups: 1, factor: 3, acks: [1], met: false, missed: [0] },
    { groups: 2, factor: 1, acks: [1, 1], met: true, missed: [] },
    { groups: 2, factor: 1, acks: [1, 0], met: true, missed: [1] },
    { groups: 2, factor: 1, acks: [0, 1], met: true, missed: [0] },
    { groups: 2, factor: 1, acks: [0, 0], met: false, missed: [0, 1] },
    { groups: 2, factor: 3, acks: [2, 0], met: true, missed: [1] },
    { groups: 2, factor: 3, acks: [1, 2], met: true, missed: [0] },
    { groups: 2, factor: 3, acks: [1, 1], met: false, missed: [0, 1] },
    { groups: 2, factor: 3, acks: [2, 3], met: true, missed: [] },
  ])("$groups groups, RF $factor, acknowledged $acks: $met, groups $missed missed", (row) => {
    const result = decide(row.groups, row.factor, row.acks);
    expect(result.met).toBe(row.met);
    expect(result.lostShards).toEqual(row.met ? [] : [0, 1, 2, 3]);
    expect(result.degradedGroups).toEqual(row.missed);
    expect(result.degradedShards).toEqual(row.missed.length === 0 ? [] : [0, 1, 2, 3]);
  });
});

test("only the shards of the batch count, and each is named once", () => {
  const map = buildShardMap(topologyOf([["node1", "node2", "node3"]]), 64);
  const outcomes = new Map<string, WriteOutcome>([
    ["node1", "acknowledged"],
    ["node2", "missed"],
  ]);
  const [one, two, three] = ["node1", "node2", "node3"].map((id) => map.shardsOf.get(id)!);
  expect(tally(map, one!, outcomes)).toEqual({ met: true, lostShards: [], degradedGroups: [], degradedShards: [] });
  const mixed = tally(map, [three![0]!, two![1]!, two![0]!, one![0]!, two![0]!], outcomes);
  const lost = [two![0]!, two![1]!, three![0]!].sort((a, b) => a - b);
  expect(mixed).toEqual({ met: false, lostShards: lost, degradedGroups: [0], degradedShards: lost });
});

test("a batch without documents is met", () => {
  expect(tally(fleet(1, 1).map, [], new Map()).met).toBe(true);
});

test("a group that owns nothing yet neither saves nor degrades a write", () => {
  const map = buildShardMap(topologyOf([["a"], ["b"]], 1, { b: "joining" }), 2);
  const acknowledged = new Map<string, WriteOutcome>([["a", "acknowledged"]]);
  expect(tally(map, [0, 1], acknowledged)).toEqual({
    met: true,
    lostShards: [],
    degradedGroups: [],
    degradedShards: [],
  });
  expect(tally(map, [0], new Map([["b", "acknowledged"]])).lostShards).toEqual([0]);
});

test("one acknowledgement more never makes any part of the verdict worse", () => {
  const scenes = fc.record({
    groups: fc.integer({ min: 1, max: 3 }),
    nodes: fc.integer({ min: 1, max: 5 }),
    factor: fc.integer({ min: 1, max: 5 }),
    acknowledged: fc.array(fc.boolean(), { minLength: 15, maxLength: 15 }),
    more: fc.nat(14),
    shards: fc.array(fc.nat(15)),
  });
  fc.assert(
    fc.property(scenes, ({ groups, nodes, factor, acknowledged, more, shards }) => {
      const names = Array.from({ length: groups }, (_, g) => Array.from({ length: nodes }, (_, n) => `g${g}n${n}`));
      const map = buildShardMap(topologyOf(names, factor), 16);
      const all = names.flat();
      const outcomesOf = (bits: readonly boolean[]) =>
        new Map<string, WriteOutcome>(all.map((id, i) => [id, bits[i] === true ? "acknowledged" : "missed"]));
      const less = tally(map, shards, outcomesOf(acknowledged));
      const better = tally(map, shards, outcomesOf(acknowledged.with(more, true)));
      expect(less.met && !better.met).toBe(false);
      for (const part of ["lostShards", "degradedGroups", "degradedShards"] as const) {
        expect(new Set(better[part]).isSubsetOf(new Set(less[part]))).toBe(true);
      }
    }),
  );
});
