/** Keeps tasks in step with the nodes. How often is the registry's own business; this only gives it a timer. */
import type { RunningTaskRegistry } from "../services/tasks/create-task-registry.ts";
import type { Coordinator } from "./coordinator.ts";

export function taskSync(registry: Pick<RunningTaskRegistry, "tick" | "onHurry">): Coordinator {
  return {
    name: "task-sync",
    intervalMs: 1_000,
    tick: (signal) => registry.tick(signal),
    onStart: (hurry) => registry.onHurry(hurry),
  };
}
