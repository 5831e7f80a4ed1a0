/** The fleet as the use cases see it: one snapshot of the topology, who is well, and a client for each node. */
import type { ShardMap } from "../../core/routing/shard-map.ts";
import type { Topology } from "../../core/topology/topology.ts";
import type { NodeClient } from "../../nodes/node-client.ts";

export interface Fleet {
  /** The current snapshot; read it once per request and keep it. */
  topology(): Topology;
  /** The placement of `topology()` for an index with this many shards; cached. */
  shardMap(shards: number): ShardMap;
  client(nodeId: string): NodeClient;
  /** True while the node passes its probes and real traffic to it does not fail. */
  healthy(nodeId: string): boolean;
  /** Healthy, in a readable state, not catching up on missed writes, and its disk is not in doubt. */
  readable(nodeId: string): boolean;
  /** Which part of the reads it is to be given, 0 to 1, where others can take the rest: a node that is back starts gently. */
  share(nodeId: string): number;
  /**
   * May the node be asked for what nobody else can answer? Also one that counts as unwell, if it still holds everything:
   * the last copy is never given up. Costs a question to such a node.
   */
  worthTrying(nodeId: string): Promise<boolean>;
  /** In a writable state; says nothing about health. */
  writable(nodeId: string): boolean;
  /**
   * All nodes that are part of the fleet (not `removed`), healthy or not, in a stable order. Broadcasts go to these.
   */
  nodeIds(): readonly string[];
  /** One node to ask something that all know: healthy ones first, in rotation. Throws `miroir_node_unavailable`. */
  anyNode(): NodeClient;
}
