/** Who owns what, for one topology and one shard count. Built once per (epoch, shard count) and then only read. */
import type { NodeId } from "../topology/topology.ts";

export interface ShardMap {
  readonly epoch: number;
  readonly shards: number;
  /** `owners[group][shard]`: the RF owners, best rendezvous score first. */
  readonly owners: readonly (readonly (readonly NodeId[])[])[];
  /** The shards a node holds, ascending. A node of the topology that owns nothing has an empty list. */
  readonly shardsOf: ReadonlyMap<NodeId, readonly number[]>;
}

/** One node's part of a covering set: it answers for exactly these shards (ascending). */
export interface CoverPart {
  readonly nodeId: NodeId;
  readonly shards: readonly number[];
  /** True when these are all the shards the node holds, so that no shard filter is needed. */
  readonly complete: boolean;
}

export interface CoveringSet {
  readonly group: number;
  readonly parts: readonly CoverPart[];
  /** Shards that no permitted node of the group can answer for, ascending. */
  readonly uncovered: readonly number[];
}
