/** Round robin over the replica groups that can answer for every shard, so that reads spread over the copies. */
import type { ShardMap } from "../../core/routing/shard-map.ts";
import type { NodeId } from "../../core/topology/topology.ts";

export interface GroupRotation {
  /**
   * The group for the next read. When no group is whole, the next in turn. `share` says which part of the reads a node is
   * to be given, 0 to 1; a group that needs nodes with less gets that part of its turns, if another can take the rest.
   */
  next(map: ShardMap, readable: (nodeId: NodeId) => boolean, share?: (nodeId: NodeId) => number): number;
}

export function createGroupRotation(): GroupRotation {
  let turn = 0;
  let reads = 0;
  return {
    next(map, readable, share) {
      const groups = map.owners.length;
      if (groups === 1) return 0;
      turn = (turn + 1) % groups;
      reads = (reads + 1) % READS_MAX;
      const whole = (permitted: (nodeId: NodeId) => boolean): number | undefined => {
        for (let i = 0; i < groups; i++) if (isWhole(map, (turn + i) % groups, permitted)) return (turn + i) % groups;
        return undefined;
      };
      // Any run of reads is spread evenly over 0 to 1 by the golden ratio, however the turns fall.
      const point = (reads * GOLDEN) % 1;
      const gentle = share && whole((nodeId) => readable(nodeId) && point < share(nodeId));
      return gentle ?? whole(readable) ?? turn;
    },
  };
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** Beyond it the product would lose its fraction. */
const READS_MAX = 1_000_000;

/** Every shard has an owner in this group that may be asked. */
export function isWhole(map: ShardMap, group: number, readable: (nodeId: NodeId) => boolean): boolean {
  const verdicts = new Map<NodeId, boolean>();
  return map.owners[group]!.every((owners) =>
    owners.some((nodeId) => {
      const known = verdicts.get(nodeId);
      if (known !== undefined) return known;
      const verdict = readable(nodeId);
      verdicts.set(nodeId, verdict);
      return verdict;
    }),
  );
}
