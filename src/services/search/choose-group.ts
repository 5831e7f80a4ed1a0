/** Round robin over the replica groups that can answer for every shard, so that reads spread over the copies. */
import type { ShardMap } from "../../core/routing/shard-map.ts";
import type { NodeId } from "../../core/topology/topology.ts";

export interface GroupRotation {
  /** The group for the next read. When no group is whole, the next in turn. */
  next(map: ShardMap, readable: (nodeId: NodeId) => boolean): number;
}

export function createGroupRotation(): GroupRotation {
  let turn = 0;
  return {
    next(map, readable) {
      const groups = map.owners.length;
      if (groups === 1) return 0;
      turn = (turn + 1) % groups;
      for (let i = 0; i < groups; i++) {
        const group = (turn + i) % groups;
        if (isWhole(map, group, readable)) return group;
      }
      return turn;
    },
  };
}

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
