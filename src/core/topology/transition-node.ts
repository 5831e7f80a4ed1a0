/** A change of the fleet makes a new snapshot with the next epoch; the old one stays valid for the plans made from it. */
import { apiError } from "../errors/api-error.ts";
import { assertTransition } from "./node-state.ts";
import type { NodeId, NodeState, Topology, TopologyNode } from "./topology.ts";

/** Moves a node to another state. Refuses an unknown node and a step that its state does not allow. */
export function transitionNode(topology: Topology, nodeId: NodeId, to: NodeState): Topology {
  const node = topology.nodes.get(nodeId);
  if (node === undefined) {
    const known = [...topology.nodes.keys()].map((id) => `\`${id}\``).join(", ");
    throw apiError("bad_request", `There is no node \`${nodeId}\`. The nodes are: ${known}.`);
  }
  assertTransition(nodeId, node.state, to);
  return withNode(topology, { ...node, state: to });
}

function withNode(topology: Topology, changed: TopologyNode): Topology {
  const replace = (node: TopologyNode): TopologyNode => (node.id === changed.id ? changed : node);
  return {
    epoch: topology.epoch + 1,
    replicationFactor: topology.replicationFactor,
    groups: topology.groups.map((nodes) => nodes.map(replace)),
    nodes: new Map([...topology.nodes].map(([id, node]) => [id, replace(node)])),
  };
}
