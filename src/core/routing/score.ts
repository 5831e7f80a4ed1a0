/**
 * Rendezvous score of a node for a shard: XXH64 over the shard number (32 bits, little endian), the node id and the
 * terminator of `hash.ts`. The nodes of a group with the highest scores own the shard, so a node that comes or goes
 * moves only what it gains or loses itself.
 */
import { hashTerminated } from "./hash.ts";
import type { NodeId } from "../topology/topology.ts";

/** One function per node, so that its id is encoded once for all shards. */
export function createScore(nodeId: NodeId): (shard: number) => bigint {
  const id = encoder.encode(nodeId);
  const buffer = new Uint8Array(SHARD_BYTES + id.length + 1);
  buffer.set(id, SHARD_BYTES);
  const view = new DataView(buffer.buffer);
  return (shard) => {
    view.setUint32(0, shard, true);
    return hashTerminated(buffer);
  };
}

const SHARD_BYTES = 4;
const encoder = new TextEncoder();
