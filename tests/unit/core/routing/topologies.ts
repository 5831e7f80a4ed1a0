/** Topologies for the routing tests, written as lists of node names per group. */
import { buildTopology } from "../../../../src/core/topology/build-topology.ts";
import type { NodeState, Topology } from "../../../../src/core/topology/topology.ts";

export function topologyOf(
  groups: readonly (readonly string[])[],
  replicationFactor = 1,
  states: Readonly<Record<string, NodeState>> = {},
): Topology {
  return buildTopology({
    epoch: 1,
    replicationFactor,
    replicaGroups: groups.length,
    nodes: groups.flatMap((ids, replicaGroup) =>
      ids.map((id) => ({
        id,
        address: `http://${id}.test:7700`,
        replicaGroup,
        state: (Object.hasOwn(states, id) ? states[id] : undefined) ?? "active",
      })),
    ),
  });
}
