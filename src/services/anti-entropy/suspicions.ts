/** Copies of single indexes that may differ from the others: noted when it is learned, compared as soon as possible. */
import { divergedNodes } from "../../core/tasks/diverged-nodes.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { Clock } from "../../platform/clock.ts";
import type { RepairStore, Suspect, SuspectReason } from "../../store/repair-store.ts";
import type { Emit } from "../../telemetry/event.ts";
import { copySuspected } from "../../telemetry/events/anti-entropy.ts";

export interface Suspicions {
  /** No node has anything left to do for a task: some may have failed what others carried out. */
  taskSettled(task: Task): void;
  /** The router stopped while it handed a task to the nodes. */
  taskInterrupted(task: Task): void;
  /** Keeps what has come up; throws what the store says, and can then be called again. */
  flush(): Promise<void>;
  /** The longest under suspicion first. */
  list(): Promise<readonly Suspect[]>;
  clear(suspect: Suspect): Promise<void>;
}

export interface SuspicionsDeps {
  readonly store: Pick<RepairStore, "suspects" | "suspect" | "clear">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly emit: Emit;
}

export function createSuspicions({ store, clock, emit }: SuspicionsDeps): Suspicions {
  const unsaved = new Map<string, Suspect>();
  let last = 0;

  const suspect = (nodeId: string, indexUid: string | null, reason: SuspectReason): void => {
    if (indexUid === null) return;
    last = Math.max(last + 1, clock.nowMs());
    unsaved.set(`${indexUid}\n${nodeId}`, { nodeId, indexUid, reason, since: last });
    emit(copySuspected, { nodeId, indexUid, reason });
  };

  return {
    taskSettled(task) {
      for (const nodeId of divergedNodes(task)) suspect(nodeId, task.indexUid, "task_failed");
    },
    taskInterrupted: (task) => suspect("", task.indexUid, "interrupted"),
    async flush() {
      for (const [key, one] of unsaved) {
        await store.suspect(one);
        if (unsaved.get(key) === one) unsaved.delete(key);
      }
    },
    list: async () => (await store.suspects()).filter(({ indexUid }) => indexUid !== ""),
    clear: (one) => store.clear(one),
  };
}
