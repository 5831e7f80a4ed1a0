/** A write reaches every owner of its shard in every group. */
import { expect, test } from "bun:test";
import { buildShardMap } from "../../../../src/core/routing/build-shard-map.ts";
import { writeTargets } from "../../../../src/core/routing/write-targets.ts";
import { topologyOf } from "./topologies.ts";

test("a write goes to RF nodes of each group, RG times RF in all, also to those that are down", () => {
  const map = buildShardMap(
    topologyOf(
      [
        ["a", "b", "c"],
        ["x", "y", "z"],
      ],
      2,
      { a: "failed", z: "draining" },
    ),
    64,
  );
  for (let shard = 0; shard < 64; shard += 1) {
    const targets = writeTargets(map, shard);
    expect(new Set(targets).size).toBe(4);
    expect(targets.slice(0, 2)).toEqual([...map.owners[0]![shard]!]);
    expect(targets.slice(2)).toEqual([...map.owners[1]![shard]!]);
  }
});

test("a shard that the map does not have is a mistake of ours", () => {
  const map = buildShardMap(topologyOf([["a"]]), 4);
  expect(() => writeTargets(map, 4)).toThrow("a write goes to a shard of its map");
});
