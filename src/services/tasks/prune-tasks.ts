/** Removes tasks that ended long ago, a bounded number at a time, so that no other write waits long. */
import type { Clock } from "../../platform/clock.ts";
import type { Fence } from "../../store/lease-store.ts";
import type { TaskStore } from "../../store/task-store.ts";
import type { Emit } from "../../telemetry/event.ts";
import { tasksPruned } from "../../telemetry/events/tasks.ts";

export interface PruneDeps {
  readonly store: Pick<TaskStore, "prune" | "count">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly emit: Emit;
}

export interface PruneLimits {
  /** `task_registry.ttl_seconds`. */
  readonly ttlMs: number;
  /** `task_registry.prune_batch_size`. */
  readonly batchSize: number;
}

/** True when there may be more to remove. Rejects with `miroir_taken_over` once the lease of the fence is lost. */
export async function pruneTasks(
  deps: PruneDeps,
  { ttlMs, batchSize }: PruneLimits,
  fence: Fence | undefined,
): Promise<boolean> {
  const removed = await deps.store.prune(deps.clock.nowMs() - ttlMs, batchSize, fence);
  deps.emit(tasksPruned, { removed, kept: await deps.store.count() });
  return removed >= batchSize;
}
