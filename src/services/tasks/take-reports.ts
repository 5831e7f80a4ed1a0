/** Takes in what a node has said of its tasks: every task of ours that it concerns learns it, in the store and here. */
import type { CopiesOfDocuments } from "../../core/tasks/fold-details.ts";
import { foldStatus } from "../../core/tasks/fold-status.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { Clock } from "../../platform/clock.ts";
import type { TaskChange } from "../../store/task-store.ts";
import type { Emit } from "../../telemetry/event.ts";
import { nodeTaskLost, taskStepFailed } from "../../telemetry/events/tasks.ts";
import type { NodeReports } from "./poll-node.ts";
import type { TaskBook } from "./task-book.ts";
import { afterReports, endByNodes, hasEnded, hasOpenNodeTasks } from "./task-changes.ts";

export interface TakeReportsDeps {
  readonly book: TaskBook;
  readonly copies: () => CopiesOfDocuments;
  readonly clock: Pick<Clock, "nowMs">;
  readonly emit: Emit;
  /** No node has anything left to do for the task, but its flow has. */
  readonly settle: (uid: number) => void;
}

/** True when the node had something new to say. */
export async function takeReports(deps: TakeReportsDeps, nodeId: string, reports: NodeReports): Promise<boolean> {
  const outstanding = deps.book.open.outstanding(nodeId);
  const uids = new Set([...reports.keys()].flatMap((nodeUid) => [...(outstanding.get(nodeUid) ?? [])]));
  const news = await Promise.all([...uids].map((uid) => takeReport(deps, uid, nodeId, reports)));
  return news.some(Boolean);
}

async function takeReport(deps: TakeReportsDeps, uid: number, nodeId: string, reports: NodeReports): Promise<boolean> {
  try {
    return await deps.book.hold(uid, async (task, store) => {
      const nodeTasks = afterReports(task, nodeId, reports);
      if (nodeTasks === undefined) return false;
      const next: Task = { ...task, nodeTasks };
      const change = changeOf(next, task, deps.copies(), deps.clock.nowMs());
      if (change === undefined) deps.book.note(next);
      else await store(change);
      emitLost(deps.emit, task, next);
      if (!hasEnded(next) && !hasOpenNodeTasks(next) && next.flow !== null) deps.settle(uid);
      return true;
    });
  } catch (cause) {
    // The store does not take it: nothing has changed here either, and the node is asked again.
    deps.emit(taskStepFailed, { taskUid: uid, what: "store", detail: cause instanceof Error ? cause.message : "" });
    return false;
  }
}

/** Stored when the status changes or the task ends; in between, memory is enough: a restart asks the nodes again. */
function changeOf(next: Task, task: Task, copies: CopiesOfDocuments, nowMs: number): TaskChange | undefined {
  const { nodeTasks } = next;
  if (hasEnded(task)) return hasOpenNodeTasks(next) ? undefined : { nodeTasks };
  if (!hasOpenNodeTasks(next)) {
    const end = next.flow === null ? endByNodes(next, copies, nowMs) : undefined;
    return end ?? { nodeTasks };
  }
  const { status, startedAt } = foldStatus(nodeTasks);
  if (status === task.status) return undefined;
  return { nodeTasks, status, startedAt: Math.max(task.enqueuedAt, startedAt ?? nowMs) };
}

function emitLost(emit: Emit, before: Task, after: Task): void {
  after.nodeTasks.forEach(({ status, nodeId, taskUid }, place) => {
    if (status !== "lost" || before.nodeTasks[place]?.status === "lost") return;
    emit(nodeTaskLost, { taskUid: after.uid, nodeId, nodeTaskUid: taskUid ?? -1 });
  });
}
