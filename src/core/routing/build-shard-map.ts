/**
 * Rendezvous placement: inside each replica group, the owners of a shard are the RF nodes with the highest score, ties
 * by node id ascending. Groups never see each other's nodes, so every group is complete on its own. A group with fewer
 * nodes than the replication factor has as many owners as it has nodes.
 */
import { assert } from "../assert.ts";
import { isOwning } from "../topology/node-state.ts";
import type { NodeId, Topology, TopologyNode } from "../topology/topology.ts";
import { createScore } from "./score.ts";
import type { ShardMap } from "./shard-map.ts";
import { SHARDS_MAX } from "./shard-of.ts";

export function buildShardMap(topology: Topology, shards: number): ShardMap {
  assert(Number.isInteger(shards) && shards >= 1 && shards <= SHARDS_MAX, `a shard count is 1 to ${SHARDS_MAX}`);
  assert(topology.replicationFactor >= 1, "a shard has at least one owner");
  const shardsOf = new Map<NodeId, number[]>();
  for (const nodeId of topology.nodes.keys()) shardsOf.set(nodeId, []);
  const owners = topology.groups.map((nodes) => placeGroup(nodes, shards, topology.replicationFactor));
  for (const group of owners) {
    for (const [shard, nodeIds] of group.entries()) {
      for (const nodeId of nodeIds) shardsOf.get(nodeId)?.push(shard);
    }
  }
  return { epoch: topology.epoch, shards, owners, shardsOf };
}

function placeGroup(nodes: readonly TopologyNode[], shards: number, factor: number): readonly (readonly NodeId[])[] {
  const scorers = nodes
    .filter((node) => isOwning(node.state))
    .map((node) => ({ id: node.id, score: createScore(node.id) }));
  const placed: (readonly NodeId[])[] = [];
  for (let shard = 0; shard < shards; shard += 1) {
    const scored = scorers.map(({ id, score }) => ({ id, score: score(shard) }));
    scored.sort(bestFirst);
    placed.push(scored.slice(0, factor).map(({ id }) => id));
  }
  return placed;
}

interface Scored {
  readonly id: NodeId;
  readonly score: bigint;
}

function bestFirst(a: Scored, b: Scored): number {
  if (a.score !== b.score) return a.score > b.score ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
