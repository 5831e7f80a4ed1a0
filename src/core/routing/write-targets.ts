/**
 * Where a write of one shard has to arrive: its owners in every group, group by group, the best score first. Whether
 * they can be reached is not asked here: an owner that misses a write is counted by the quorum and gets it later.
 */
import { assert } from "../assert.ts";
import type { NodeId } from "../topology/topology.ts";
import type { ShardMap } from "./shard-map.ts";

export function writeTargets(map: ShardMap, shard: number): readonly NodeId[] {
  assert(shard >= 0 && shard < map.shards, "a write goes to a shard of its map");
  return map.owners.flatMap((group) => group[shard] ?? []);
}
