/**
 * The fleet as data: one immutable snapshot per epoch. Every plan is made from exactly one snapshot; a change makes
 * a new one with a higher epoch.
 */
export type NodeId = string;

/** See `spec/routing.md`, node states; the transitions are in `node-state.ts`. */
export type NodeState = "joining" | "active" | "draining" | "failed" | "degraded" | "removed";

export interface TopologyNode {
  readonly id: NodeId;
  /** Base URL without a trailing slash. */
  readonly address: string;
  readonly replicaGroup: number;
  readonly state: NodeState;
}

export interface Topology {
  /** Rises by one at every change; a plan carries the epoch it was made from. */
  readonly epoch: number;
  readonly replicationFactor: number;
  /** `groups[g]` are the nodes of replica group `g`, sorted by id; no group ever sees another's nodes. */
  readonly groups: readonly (readonly TopologyNode[])[];
  readonly nodes: ReadonlyMap<NodeId, TopologyNode>;
}
