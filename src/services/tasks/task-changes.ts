/** How a task changes when something is learned about it: pure steps from a task to the change that is stored. */
import type { ErrorBody } from "../../core/errors/api-error.ts";
import { failedDetails, foldDetails, type CopiesOfDocuments } from "../../core/tasks/fold-details.ts";
import { foldStatus, isOpen, type FoldedStatus } from "../../core/tasks/fold-status.ts";
import { withReport } from "../../core/tasks/parse-node-task.ts";
import type { NodeTask, Task, TaskStatus } from "../../core/tasks/task.ts";
import type { TaskChange } from "../../store/task-store.ts";
import type { NodeReports } from "./poll-node.ts";

export function hasEnded({ status }: Pick<Task, "status">): boolean {
  return status !== "enqueued" && status !== "processing";
}

/** Is anything still to be waited for on a node? */
export function hasOpenNodeTasks(task: Pick<Task, "nodeTasks">): boolean {
  return task.nodeTasks.some(isOpen);
}

/** The node tasks after a node has reported; undefined when nothing is new. */
export function afterReports(task: Task, nodeId: string, reports: NodeReports): readonly NodeTask[] | undefined {
  let isNew = false;
  const nodeTasks = task.nodeTasks.map((nodeTask) => {
    if (nodeTask.nodeId !== nodeId || nodeTask.taskUid === null || !isOpen(nodeTask)) return nodeTask;
    const report = reports.get(nodeTask.taskUid);
    if (report === undefined || report?.status === nodeTask.status) return nodeTask;
    isNew = true;
    return report === null || isAnother(nodeTask, report.enqueuedAt) ? lost(nodeTask) : withReport(nodeTask, report);
  });
  return isNew ? nodeTasks : undefined;
}

/** A node that was set up anew counts its tasks from 0 again: the same number is then another task. */
function isAnother(nodeTask: NodeTask, enqueuedAt: number | undefined): boolean {
  if (nodeTask.enqueuedAt === undefined || enqueuedAt === undefined) return false;
  return Math.abs(enqueuedAt - nodeTask.enqueuedAt) > 1;
}

function lost(nodeTask: NodeTask): NodeTask {
  return { ...nodeTask, status: "lost" };
}

/** The end by what the nodes have said, or undefined while it has not come to that. `counted`: the node tasks that decide. */
export function endByNodes(
  task: Task,
  copies: CopiesOfDocuments,
  nowMs: number,
  counted: readonly NodeTask[] = task.nodeTasks,
): TaskChange | undefined {
  const folded = foldStatus(counted);
  if (!hasEnded(folded)) return undefined;
  const failure = folded.status === "canceled" ? null : (task.error ?? folded.error);
  const status = failure === null ? folded.status : "failed";
  const details =
    status === "canceled" ? failedDetails(task.details) : foldDetails(task.type, task.details, task.nodeTasks, copies);
  return ended(task, status, failure, details, timesOf(task, foldStatus(task.nodeTasks), nowMs));
}

/** The end as the router decides it: refused, nothing to do, or what a flow says. */
export function endByRouter(task: Task, error: ErrorBody | null, details: Task["details"], nowMs: number): TaskChange {
  const times = timesOf(task, foldStatus(task.nodeTasks), nowMs);
  const finishedAt = Math.max(nowMs, times.finishedAt);
  return ended(task, error === null ? "succeeded" : "failed", error, details, { ...times, finishedAt });
}

/** The end of what the router was doing by itself when it was told to stop. */
export function endCanceled(task: Task, nowMs: number): TaskChange {
  const times = timesOf(task, foldStatus(task.nodeTasks), nowMs);
  return ended(task, "canceled", null, failedDetails(task.details), times);
}

function ended(
  task: Task,
  status: TaskStatus,
  error: ErrorBody | null,
  details: Task["details"],
  times: { readonly startedAt: number; readonly finishedAt: number },
): TaskChange {
  return {
    status,
    error,
    details,
    ...times,
    dispatched: true,
    flow: null,
    nodeTasks: task.nodeTasks.map(withoutDetails),
    // Meant to be canceled, but it came too late.
    ...(status === "canceled" ? {} : { canceledBy: null }),
  };
}

/** The clocks of the nodes differ: nothing starts before it was enqueued or ends before it has started. */
function timesOf(
  task: Task,
  folded: Pick<FoldedStatus, "startedAt" | "finishedAt">,
  nowMs: number,
): { readonly startedAt: number; readonly finishedAt: number } {
  const startedAt = Math.max(task.enqueuedAt, folded.startedAt ?? task.startedAt ?? nowMs);
  return { startedAt, finishedAt: Math.max(startedAt, folded.finishedAt ?? nowMs) };
}

/** Folded into the task's own details; keeping those of every node would only fill the store. */
function withoutDetails(nodeTask: NodeTask): NodeTask {
  const { details: _, ...rest } = nodeTask;
  return rest;
}
