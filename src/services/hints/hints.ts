/** Writes that nodes have missed, as the rest of the program sees them; kept and brought by `create-hints.ts`. */
import type { RequestBody } from "../../core/documents/body-stream.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import type { LaneSendOptions } from "../../scatter/lane-send.ts";
import type { LaneEntry } from "../../scatter/lane.ts";
import type { HintSpool } from "../../store/hint-spool.ts";
import type { HintStore, NewHint } from "../../store/hint-store.ts";
import type { Emit } from "../../telemetry/event.ts";
import type { SuspectReason } from "../../store/repair-store.ts";
import type { TaskRegistry } from "../tasks/task-registry.ts";
import type { RepairState, RepairStates } from "./repair-states.ts";
import type { NodeTaskTaken } from "./replay-hints.ts";

export interface HintsDeps {
  readonly hints: HintStore;
  readonly spool: HintSpool;
  readonly tasks: Pick<TaskRegistry, "replayed">;
  /** The task whose id is in the `customMetadata` of a write; undefined: there is no record of it any more. */
  taskNamed(miroirId: string): Promise<Task | undefined>;
  readonly repairs: RepairStates;
  /** As the lanes tell it, so that a node which has lost its disk is known by the first write that it takes. */
  taken?(task: NodeTaskTaken): void;
  /** Told of a node that was being brought something, and may not have read it yet. */
  readonly strayed?: (nodeId: string) => void;
  client(nodeId: string): NodeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  /** Resolves when every other router knows which nodes have missed something. Default: there are none. */
  readonly spread?: () => Promise<void>;
  /** Throws while the store is not what it was: nothing that it says then is believed. Default: it always is. */
  readonly check?: () => Promise<void>;
}

export interface HintsOptions {
  /** False: nothing is kept, so a node that misses a write needs a repair at once. */
  readonly enabled: boolean;
  /** Bodies kept for all nodes together. */
  readonly bytesMax: number;
  /** The oldest write that is still worth keeping. */
  readonly ageMaxMs: number;
  readonly send: LaneSendOptions;
}

/** What a write needs to become a hint; the rest of the row is filled in here. */
export type MissedWrite = Omit<NewHint, "id" | "nodeId" | "spoolRef" | "bytes" | "createdAt"> & {
  readonly body: RequestBody | null;
};

/**
 * The place of one write among the writes to one node. Taken before the write is sent, so that the order of places is
 * the order of acceptance; must be given back by `release` in every case.
 */
export interface HintPlace {
  /** The write is missed: from this instant the node gets no other write. */
  hold(): void;
  /** Keeps the write durably, behind those that were accepted before it. False: past the limits, not kept. */
  record(write: MissedWrite): Promise<boolean>;
  release(): void;
}

export interface HintState {
  readonly count: number;
  readonly bytes: number;
  readonly repair: RepairState;
}

export interface Hints {
  /** Reads what a former run has left, or what other routers have changed. Nothing else may be called before the first. */
  load(): Promise<void>;
  /** Counts again what is kept, if the store has failed at a change. Until then such nodes are `pending`. */
  settleDoubts(): Promise<void>;
  place(nodeId: string): HintPlace;
  /** Keeps a write that was never sent, behind everything accepted before it. */
  recordMissed(entry: LaneEntry, taskUid: number | null): Promise<void>;
  /** True while the node has not got every write: no other writes to it before those. */
  pending(nodeId: string): boolean;
  /** True while the node has not carried out every write that it got late: no reads from it. */
  behind(nodeId: string): boolean;
  /** The node has lost what it had: writes alone cannot make it whole, so it stays out of reads until it was repaired. */
  requireRepair(nodeId: string, why: string, reason?: SuspectReason): Promise<void>;
  /**
   * Whoever is about to repair the node as a whole brings everything: what is still kept for it is older than that, and
   * must not come after it. Rejects when the store does not let go of it; the repair has to wait then.
   */
  forgetKept(nodeId: string): Promise<void>;
  /** Nodes with something to say. */
  states(): ReadonlyMap<string, HintState>;
  /**
   * Brings some hints to a node, of several routers only by the one that has the node's lease (`mayGoOn`, asked before
   * each). `more`: call again; `blocked`: call again later; `idle`: it has them all.
   */
  replayStep(nodeId: string, mayGoOn?: () => boolean): Promise<"idle" | "more" | "blocked">;
}
