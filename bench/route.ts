/** What routing costs: placing 64 shards on 3 nodes and finding the owners of 10,000 keys, on a warm machine. */
import { buildShardMap } from "../src/core/routing/build-shard-map.ts";
import { shardOf } from "../src/core/routing/shard-of.ts";
import { writeTargets } from "../src/core/routing/write-targets.ts";
import { buildTopology } from "../src/core/topology/build-topology.ts";

const SHARDS = 64;
const KEYS = 10_000;
const ROUNDS = 400;

/** The fastest tenth of the rounds: what is slower shows what else the machine did. */
export function benchRoute(): Promise<Record<string, number>> {
  const topology = buildTopology({
    epoch: 1,
    replicationFactor: 1,
    replicaGroups: 1,
    nodes: ["node1", "node2", "node3"].map((id) => ({
      id,
      address: `http://${id}.invalid`,
      replicaGroup: 0,
      state: "active",
    })),
  });
  const keys = Array.from({ length: KEYS }, (_, i) => `product:${i}-${(i * 7919) % 100_003}`);
  const timesMs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    const map = buildShardMap(topology, SHARDS);
    const targets = Array.from({ length: SHARDS }, (_, shard) => writeTargets(map, shard));
    let routed = 0;
    for (const key of keys) routed += targets[shardOf(key, SHARDS)]!.length;
    timesMs.push(performance.now() - start);
    if (routed !== KEYS) throw new TypeError("every key has exactly one owner at RF 1");
  }
  const ascending = timesMs.sort((a, b) => a - b);
  return Promise.resolve({ route_64x3_10k_ms: ascending[Math.floor(ROUNDS / 10)]! });
}
