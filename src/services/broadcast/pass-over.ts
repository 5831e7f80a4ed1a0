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
  /** Milliseconds since the epoch of its last answer; null: none yet. */
  readonly lastSeenMs: (nodeId: string) => number | null;
  readonly clock: Pick<Clock, "nowMs">;
  readonly emit: Emit;
  /** Flows whose tasks every node takes and that can be decided without one of them. */
  readonly flowKinds: ReadonlySet<string>;
  readonly patienceMs: number;
}

export async function passOverSilentNodes(deps: PassOverDeps): Promise<void> {
  for (const { uid, flow, nodeTasks, enqueuedAt } of deps.tasks.openTasks()) {
    if (flow === null || !deps.flowKinds.has(flow.kind)) continue;
    const waitedFor = new Set(nodeTasks.filter(isOpen).map(({ nodeId }) => nodeId));
    for (const nodeId of waitedFor) {
      const silentSinceMs = Math.max(deps.lastSeenMs(nodeId) ?? 0, enqueuedAt);
      if (deps.healthy(nodeId) || deps.clock.nowMs() - silentSinceMs < deps.patienceMs) continue;
      const others = nodeTasks.filter((one) => one.nodeId !== nodeId && one.role === "main" && one.status !== "hinted");
      if (!others.some(hasSucceeded)) continue;
      deps.emit(nodePassedOver, { nodeId, taskUid: uid });
      await deps.tasks.passOver(uid, nodeId);
    }
  }
}
