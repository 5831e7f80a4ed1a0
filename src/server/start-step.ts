/**
 * The steps of the start that need the store and the turn on indexes. What passes (the store is away for a moment, another
 * router writes, this one was cut off while it was busy starting) is waited for: a start that fails leaves its clients
 * with one router less. All steps of one start share one patience, so that a supervisor hears of a start that does not
 * come about.
 */
import { ApiError } from "../core/errors/api-error.ts";
import { ARRIVES_WITHIN_MS } from "../nodes/arrives-within.ts";
import type { Clock } from "../platform/clock.ts";
import type { TaskStore } from "../store/task-store.ts";

/**
 * Takes one step. Rejects with what the step rejects with, at once when it is no 503, else when a minute of waiting is used
 * up. A step may be begun several times.
 */
export type StartStep = <T>(step: () => Promise<T>) => Promise<T>;

export function createStartSteps(clock: Pick<Clock, "monotonicMs" | "sleep">): StartStep {
  let untilMs: number | null = null;
  return async (step) => {
    untilMs ??= clock.monotonicMs() + PATIENCE_MS;
    for (;;) {
      try {
        return await step();
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 503 || clock.monotonicMs() >= untilMs) throw error;
        await clock.sleep(PAUSE_MS);
      }
    }
  };
}

/**
 * What an earlier run had sent when it was cut off may still come to its nodes: nothing that it has left is taken up, and no
 * client is served, before that. Behind a deletion, a late write would make the index anew on its node.
 */
export async function letArrive(tasks: Pick<TaskStore, "list">, clock: Pick<Clock, "sleep">): Promise<void> {
  const { total } = await tasks.list({ statuses: ["enqueued", "processing"] }, { limit: 1 });
  if (total > 0) await clock.sleep(ARRIVES_WITHIN_MS);
}

const PATIENCE_MS = 60_000;
const PAUSE_MS = 250;
