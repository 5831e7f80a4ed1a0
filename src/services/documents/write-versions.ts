/**
 * The version of every write and the memory of every deletion: what tells later which of two replicas is right. A
 * version is given in the instant in which a write enters the lanes, so that versions ascend in the order in which the
 * replicas get the writes.
 */
import type { SequenceClock } from "../../core/markers/sequence-clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import type { Tombstone, TombstoneStore } from "../../store/tombstone-store.ts";

export interface Deletion {
  /** When the index was created. */
  readonly born: number;
  readonly kind: Tombstone["kind"];
  readonly payload: string;
}

export interface WriteVersions {
  /** null: writes carry no version and deletions are not remembered. */
  next(): bigint | null;
  /** Versions that are given out from now on are higher. */
  witness(seen: bigint): void;
  /**
   * At the start, and when another router may have written: what is written from now on is newer than every deletion,
   * also where this machine's time is behind that of the former run.
   */
  catchUp(): Promise<void>;
  /**
   * Remembers a deletion before any node is told of it. Its version is that of this moment: should the router die before
   * the deletion is confirmed, nobody has been promised that it deletes what was written since.
   */
  remember(deletion: Deletion): Promise<RememberedDeletion>;
}

export interface RememberedDeletion {
  /** Has to be durable before the client is told. `version`: the one with which it entered the lanes. */
  confirm(version: bigint | null, taskUid: number): Promise<void>;
  /** No node has taken it. */
  forget(): Promise<void>;
}

export interface WriteVersionsDeps {
  readonly versionClock: SequenceClock;
  readonly tombstones: Pick<TombstoneStore, "put" | "remove" | "newestVersion">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly random: Pick<Random, "uuidV7">;
}

export function createWriteVersions({ versionClock, tombstones, clock, random }: WriteVersionsDeps): WriteVersions {
  const next = (): bigint => versionClock.next(clock.nowMs());
  return {
    next,
    witness: (seen) => versionClock.witness(seen),
    async catchUp() {
      const newest = await tombstones.newestVersion();
      if (newest !== null) versionClock.witness(newest);
    },
    async remember(deletion) {
      const early: Tombstone = {
        ...deletion,
        id: random.uuidV7(),
        version: next(),
        taskUid: null,
        createdAt: clock.nowMs(),
      };
      await tombstones.put(early);
      return {
        confirm: (version, taskUid) => tombstones.put({ ...early, version: version ?? early.version, taskUid }),
        forget: () => tombstones.remove(early.id),
      };
    },
  };
}

/** For a router that does not compare replicas. */
export const noVersions: WriteVersions = {
  next: () => null,
  witness: () => {},
  catchUp: async () => {},
  remember: async () => ({ confirm: async () => {}, forget: async () => {} }),
};
