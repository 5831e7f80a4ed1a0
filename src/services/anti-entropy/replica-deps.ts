/** What comparing and repairing replicas needs. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import type { Lanes } from "../../scatter/lane.ts";
import type { TombstoneStore } from "../../store/tombstone-store.ts";
import type { Emit } from "../../telemetry/event.ts";
import type { WriteHolds } from "../documents/write-holds.ts";
import type { WriteWatch } from "../documents/write-watch.ts";
import type { CheckDisk } from "../fleet/disk-doubts.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Turns } from "../routers/turns.ts";
import type { OfSameIndex } from "./same-index.ts";

export interface ReplicaDeps {
  readonly fleet: Pick<Fleet, "client" | "readable" | "healthy" | "shardMap" | "nodeIds">;
  readonly lanes: Pick<Lanes, "submit" | "passed">;
  readonly watch: Pick<WriteWatch, "watch">;
  readonly holds: Pick<WriteHolds, "hold">;
  /** Of several routers one writes to an index at a time. */
  readonly turns: Pick<Turns, "run">;
  readonly tombstones: Pick<TombstoneStore, "ofIndex">;
  /** Our task of that number, to know whether a deletion was carried out. */
  readonly taskOf: (uid: number) => Promise<Task | undefined>;
  /** True while an index is being made, removed, renamed or swapped: what is read may belong to another. */
  readonly indexesChange: (entry: IndexEntry) => boolean;
  /** What is read of all replicas is of one index. */
  readonly ofSameIndex: OfSameIndex;
  /** The node takes part although it is not read: it is being repaired, and has nothing to catch up on. */
  readonly underRepair: (nodeId: string) => boolean;
  /** It is under repair, or was a moment ago, because it has lost its disk. */
  readonly hasLostDisk: (nodeId: string) => boolean;
  /** A node that serves says that it lacks the index, or the markers by which shards are told apart. */
  readonly lacksIndex: (nodeId: string, indexUid: string) => void;
  /** Whether the node still has its disk. */
  readonly checkDisk: CheckDisk;
  /** Documents may have expired: then they are deleted everywhere. */
  readonly expiry: boolean;
  readonly clock: Clock;
  readonly random: Pick<Random, "uuidV7">;
  readonly emit: Emit;
  readonly limits: ReplicaLimits;
}

export interface ReplicaLimits {
  /** Documents read in one request. */
  readonly batchSize: number;
  /** Nodes read from at once. */
  readonly readsMax: number;
  readonly readTimeoutMs: number;
  /** How long a node may take to carry out what it was given before its replica is left for later. */
  readonly carryOutMaxMs: number;
}

export interface Replicas {
  readonly entry: IndexEntry;
  readonly primaryKey: string;
  readonly shard: number;
  readonly nodeIds: readonly string[];
  /** Nodes of these that may be wrong, besides those that are being repaired. */
  readonly suspected: ReadonlySet<string>;
}

/** What such a node holds says something: it has everything that was promised, or is being given it. */
export function takesPart(deps: Pick<ReplicaDeps, "fleet" | "underRepair">, nodeId: string): boolean {
  return deps.fleet.readable(nodeId) || (deps.fleet.healthy(nodeId) && deps.underRepair(nodeId));
}

/** Called after every read with the time that the node took; waits as long as the node is to be left alone. */
export type Pace = (spentMs: number, signal: AbortSignal) => Promise<void>;
