/** The topology as changed at run time. The configuration file seeds it; the epoch rises at every change. */
import type { NodeState } from "../core/topology/topology.ts";

export interface StoredNode {
  readonly id: string;
  readonly address: string;
  readonly replicaGroup: number;
  readonly state: NodeState;
}

export interface StoredTopology {
  readonly epoch: number;
  readonly replicationFactor: number;
  readonly replicaGroups: number;
  readonly nodes: readonly StoredNode[];
}

export interface TopologyStore {
  load(): Promise<StoredTopology | undefined>;
  /** Compare-and-set: false when the stored epoch is not `expectedEpoch` (0 when there is none yet). */
  save(next: StoredTopology, expectedEpoch: number): Promise<boolean>;
  /**
   * From here on this router works under that epoch: once the stored one differs, tasks are no longer inserted, with
   * `miroir_topology_changed`. Every write to the nodes begins with such an insertion.
   */
  follow(epoch: number): void;
}
