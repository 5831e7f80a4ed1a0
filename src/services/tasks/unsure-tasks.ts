/**
 * Tasks that the store could not note, or says so: a store that reports a failure may have kept them all the same. Whoever
 * sent them was told of the failure, so they are taken out again as soon as the store works; until then they count as open
 * for whatever must not come before or behind them. After a crash the store says which it has kept.
 */
import { apiError } from "../../core/errors/api-error.ts";
import type { NewTask } from "../../store/task-store.ts";
import { isOthers, type LateEnds } from "./late-ends.ts";

export interface UnsureTasks {
  /** Throws 503 while too many are unsure: more would only be kept in memory. */
  admit(): void;
  /** `forget` takes it out of the store; it is run again later if it fails. */
  takeOut(task: NewTask, forget: () => Promise<void>): Promise<void>;
  all(): readonly NewTask[];
}

export function createUnsureTasks(late: Pick<LateEnds, "now">): UnsureTasks {
  const unsure = new Map<string, NewTask>();
  return {
    admit() {
      if (unsure.size < UNSURE_MAX) return;
      throw apiError("miroir_store_unavailable", "The store does not say which of the last tasks it has kept.");
    },
    async takeOut(task, forget) {
      unsure.set(task.miroirId, task);
      const takeOut = async (): Promise<void> => {
        try {
          await forget();
        } catch (error) {
          if (isOthers(error)) unsure.delete(task.miroirId);
          throw error;
        }
        unsure.delete(task.miroirId);
      };
      await late.now(task.miroirId, NO_UID, takeOut).catch(() => undefined);
    },
    all: () => [...unsure.values()],
  };
}

/** Of a task that nobody has a number of. */
const NO_UID = -1;
const UNSURE_MAX = 1_000;
