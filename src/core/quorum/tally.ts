/**
 * The two rules that decide whether a write holds. A group succeeds for a shard when a majority of the shard's owners
 * in it acknowledged the enqueue; the write succeeds when every shard of the batch has a group that succeeded.
 */
import { assert } from "../assert.ts";
import type { ShardMap } from "../routing/shard-map.ts";
import type { NodeId } from "../topology/topology.ts";

/** `acknowledged`: the node answered that the write is enqueued. Everything else, whatever the reason, is `missed`. */
export type WriteOutcome = "acknowledged" | "missed";

export interface Tally {
  readonly met: boolean;
  /** Shards of the batch for which no group succeeded, ascending. */
  readonly lostShards: readonly number[];
  /** Groups that did not succeed for some shard of the batch, ascending. */
  readonly degradedGroups: readonly number[];
  /** Shards of the batch for which some group did not succeed, ascending; includes the lost ones. */
  readonly degradedShards: readonly number[];
}

/** A node without an outcome counts as `missed`. A group in which a shard has no owner at all takes no part for it. */
export function tally(
  map: ShardMap,
  shardsOfBatch: Iterable<number>,
  outcomes: ReadonlyMap<NodeId, WriteOutcome>,
): Tally {
  const lost = new Set<number>();
  const groups = new Set<number>();
  const shards = new Set<number>();
  for (const shard of shardsOfBatch) {
    assert(shard >= 0 && shard < map.shards, "a batch has shards of its map");
    let succeeded = false;
    for (const [group, placed] of map.owners.entries()) {
      const owners = placed[shard]!;
      if (owners.length === 0) continue;
      if (groupSucceeds(owners, outcomes)) {
        succeeded = true;
      } else {
        groups.add(group);
        shards.add(shard);
      }
    }
    if (!succeeded) {
      lost.add(shard);
      shards.add(shard);
    }
  }
  return {
    met: lost.size === 0,
    lostShards: ascending(lost),
    degradedGroups: ascending(groups),
    degradedShards: ascending(shards),
  };
}

/** How many of `owners` owners have to acknowledge. */
export function acknowledgementsNeeded(owners: number): number {
  const needed = thresholds[owners];
  assert(needed !== undefined, `a shard has 1 to ${thresholds.length - 1} owners in a group`);
  return needed;
}

/** By number of owners, 0 to the largest replication factor: written out, so that it can be checked by eye. */
const thresholds: readonly (number | undefined)[] = [
  undefined, // a shard without owners needs nothing and is never asked
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  5,
  6,
  6,
  7,
  7,
  8,
  8,
  9,
];

function groupSucceeds(owners: readonly NodeId[], outcomes: ReadonlyMap<NodeId, WriteOutcome>): boolean {
  const acknowledged = owners.filter((nodeId) => outcomes.get(nodeId) === "acknowledged").length;
  return acknowledged >= acknowledgementsNeeded(owners.length);
}

function ascending(numbers: ReadonlySet<number>): readonly number[] {
  return [...numbers].sort((a, b) => a - b);
}
