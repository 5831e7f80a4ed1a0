/**
 * A task that was noted but not handed out when the router stopped. What the nodes have of it is attached and followed
 * to its end; it succeeds only if that is all of it. A task that no node has was not carried out, and says so.
 */
import { errorBody } from "../../core/errors/api-error.ts";
import { isCarriedOut } from "../../core/tasks/carried-out.ts";
import { failedDetails, type CopiesOfDocuments } from "../../core/tasks/fold-details.ts";
import type { NodeTask, Task } from "../../core/tasks/task.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import type { Emit } from "../../telemetry/event.ts";
import { taskInterrupted, taskRecovered } from "../../telemetry/events/tasks.ts";
import { findNodeTasks } from "./find-node-tasks.ts";
import { endByRouter } from "./task-changes.ts";
import type { TaskBook } from "./task-book.ts";
import type { TaskFlow } from "./task-registry.ts";

export interface RecoverDeps {
  readonly book: TaskBook;
  readonly flows: ReadonlyMap<string, TaskFlow>;
  readonly fleet: { nodeIds(): readonly string[]; client(nodeId: string): NodeClient };
  readonly copies: () => CopiesOfDocuments;
  readonly nowMs: () => number;
  /** Perhaps not every node has it that should. */
  readonly interrupted: (task: Task) => void;
  readonly emit: Emit;
}

/** False when a node could not be asked and `mayWait` allows to ask it again later. */
export async function recoverTask(
  deps: RecoverDeps,
  uid: number,
  mayWait: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const task = await deps.book.get(uid);
  if (task === undefined || task.dispatched) return true;
  if (task.flow !== null && deps.flows.get(task.flow.kind)?.resumable === true) {
    await deps.book.change(uid, () => ({ dispatched: true }));
    return true;
  }
  const nodeIds = deps.fleet.nodeIds();
  const answers = await Promise.all(nodeIds.map((nodeId) => findNodeTasks(deps.fleet.client(nodeId), task, signal)));
  const unasked = nodeIds.filter((_, position) => answers[position] === undefined);
  if (unasked.length > 0 && mayWait) return false;
  const found = answers.flatMap((answer) => answer ?? []);
  if (found.length === 0) await giveUp(deps, task, unasked);
  else await attach(deps, task, found);
  return true;
}

async function attach(deps: RecoverDeps, task: Task, found: readonly NodeTask[]): Promise<void> {
  const complete = isCarriedOut(task, found, deps.copies());
  const error = complete
    ? null
    : errorBody(
        "miroir_task_interrupted",
        "The router stopped while it handed this task to the nodes, and only some of them have it. Send the request again.",
      );
  if (!complete) deps.interrupted(task);
  deps.emit(taskRecovered, { taskUid: task.uid, nodeTasks: found.length, complete });
  await deps.book.change(task.uid, () => ({ nodeTasks: found, dispatched: true, error }));
}

async function giveUp(deps: RecoverDeps, task: Task, unasked: readonly string[]): Promise<void> {
  const doubt = unasked.length === 0 ? "" : ` (${unasked.join(", ")} could not be asked)`;
  const error = errorBody(
    "miroir_task_interrupted",
    `The router stopped before it handed this task to the nodes; no node has it${doubt}, so it was not carried out. Send the request again.`,
  );
  // Also when no node has it: what was on its way may still arrive.
  deps.interrupted(task);
  deps.emit(taskInterrupted, { taskUid: task.uid, unasked });
  if (task.flow !== null) await deps.flows.get(task.flow.kind)?.abandoned?.(task);
  await deps.book.change(task.uid, (now) => endByRouter(now, error, failedDetails(now.details), deps.nowMs()));
}
