/** Removes old tasks every `task_registry.prune_interval_s`, batch after batch with a breath between them. */
import { pruneTasks, type PruneDeps, type PruneLimits } from "../services/tasks/prune-tasks.ts";
import type { Coordinator } from "./coordinator.ts";

export function taskPrune(deps: PruneDeps, limits: PruneLimits & { readonly intervalMs: number }): Coordinator {
  return {
    name: "task-prune",
    lease: "task-prune",
    intervalMs: limits.intervalMs,
    tick: async (_, fence) => ((await pruneTasks(deps, limits, fence)) ? BREATH_MS : undefined),
    // The first batch comes soon after the start, so that the number of tasks is known.
    onStart: (hurry) => hurry(FIRST_MS),
  };
}

const BREATH_MS = 200;
const FIRST_MS = 1_000;
