/**
 * From the nodes as they are kept to the snapshot that plans are made from: grouped, sorted by id, and checked once, so
 * that nothing below has to ask whether an id is known twice or a group exists.
 */
import { apiError } from "../errors/api-error.ts";
import type { NodeId, Topology, TopologyNode } from "./topology.ts";

/** What is kept of a topology; the store's record has this shape. */
export interface TopologyRecord {
  readonly epoch: number;
  readonly replicationFactor: number;
  readonly replicaGroups: number;
  readonly nodes: readonly TopologyNode[];
}

export function buildTopology(record: TopologyRecord): Topology {
  requirePositive("replication factor", record.replicationFactor);
  requirePositive("number of replica groups", record.replicaGroups);
  const groups: TopologyNode[][] = Array.from({ length: record.replicaGroups }, () => []);
  const nodes = new Map<NodeId, TopologyNode>();
  const sorted = [...record.nodes].sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const stored of sorted) {
    const node = { ...stored, address: stored.address.replace(/\/+$/, "") };
    const group = groups[node.replicaGroup];
    if (node.id === "") throw apiError("bad_request", "A node has an empty id. Give every node a name of its own.");
    if (nodes.has(node.id)) throw apiError("bad_request", `Two nodes have the id \`${node.id}\`. Ids must differ.`);
    if (group === undefined) {
      throw apiError(
        "bad_request",
        `Node \`${node.id}\` is in replica group ${node.replicaGroup}, but the groups are 0 to ${groups.length - 1}.`,
      );
    }
    nodes.set(node.id, node);
    group.push(node);
  }
  return { epoch: record.epoch, replicationFactor: record.replicationFactor, groups, nodes };
}

function requirePositive(what: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw apiError("bad_request", `The ${what} is ${value}; it must be a whole number of at least 1.`);
}
