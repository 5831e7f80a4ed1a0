/**
 * Ends that the store did not take. Whoever wanted a task to end has been told of the failure, but the task must not
 * stay open for that: what was meant for it is tried again until the store works.
 */
import { ApiError } from "../../core/errors/api-error.ts";
import type { Emit } from "../../telemetry/event.ts";
import { taskStepFailed } from "../../telemetry/events/tasks.ts";

export interface LateEnds {
  /** Runs `end`; if it fails it is run again later, unless something else has been meant for `name` by then. */
  now<T>(name: string, taskUid: number, end: () => Promise<T>): Promise<T>;
  /** One attempt at everything that is still to be done. */
  retry(): Promise<void>;
  /** True while there is something to be done. */
  waiting(): boolean;
}

export function createLateEnds(emit: Emit): LateEnds {
  /** No more than there are open tasks, whose number the registry limits. */
  const late = new Map<string, { readonly taskUid: number; readonly end: () => Promise<unknown> }>();

  return {
    async now(name, taskUid, end) {
      late.delete(name);
      try {
        return await end();
      } catch (error) {
        if (!isOthers(error)) late.set(name, { taskUid, end });
        throw error;
      }
    },
    async retry() {
      for (const [name, one] of late) {
        try {
          await one.end();
          if (late.get(name) === one) late.delete(name);
        } catch (error) {
          if (isOthers(error)) {
            if (late.get(name) === one) late.delete(name);
            continue;
          }
          const detail = error instanceof Error ? error.message : String(error);
          emit(taskStepFailed, { taskUid: one.taskUid, what: "end", detail });
          // What the store does not take now it will not take for the others either.
          return;
        }
      }
    },
    waiting: () => late.size > 0,
  };
}

/** Another router follows the task by now, and sees to its end. */
export function isOthers(error: unknown): boolean {
  return error instanceof ApiError && error.code === "miroir_taken_over";
}
