/**
 * A change that every node takes waits for a node that died after it had taken its part, but not for ever: once others
 * have carried it out and the node has been silent for long enough, it is decided without it. The node is compared with
 * the catalog before it serves again.
 */
import { isOpen } from "../../core/tasks/fold-status.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Emit } from "../../telemetry/event.ts";
import { nodePassedOver } from "../../telemetry/events/admission.ts";
import type { RunningTaskRegistry } from "../tasks/create-task-registry.ts";
import { hasSucceeded } from "./advance-broadcast.ts";

export interface PassOverDeps {
  readonly tasks: Pick<RunningTaskRegistry, "openTasks" | "passOver">;
  readonly healthy: (nodeId: string) => boolean;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly emit: Emit;
  /** Flows whose tasks every node takes and that can be decided without one of them. */
  readonly flowKinds: ReadonlySet<string>;
  readonly patienceMs: number;
}

/** One look at all that is open. What is waited for, and since when, is remembered from look to look. */
export function createPassOver(deps: PassOverDeps): () => Promise<void> {
  /** Since when a silent node has been waited for, by task and node, on a clock that does not jump. */
  let silentSinceMs = new Map<string, number>();

  const isPatient = (wait: string, still: Map<string, number>): boolean => {
    const nowMs = deps.clock.monotonicMs();
    const sinceMs = silentSinceMs.get(wait) ?? nowMs;
    still.set(wait, sinceMs);
    return nowMs - sinceMs < deps.patienceMs;
  };

  return async () => {
    const still = new Map<string, number>();
    for (const { uid, flow, nodeTasks } of deps.tasks.openTasks()) {
      if (flow === null || !deps.flowKinds.has(flow.kind)) continue;
      const waitedFor = new Set(nodeTasks.filter(isOpen).map(({ nodeId }) => nodeId));
      for (const nodeId of waitedFor) {
        if (deps.healthy(nodeId) || isPatient(`${uid} ${nodeId}`, still)) continue;
        const others = nodeTasks.filter(
          (one) => one.nodeId !== nodeId && one.role === "main" && one.status !== "hinted",
        );
        if (!others.some(hasSucceeded)) continue;
        deps.emit(nodePassedOver, { nodeId, taskUid: uid });
        await deps.tasks.passOver(uid, nodeId);
      }
    }
    silentSinceMs = still;
  };
}
