/**
 * Many node tasks, one status. Every owner counts, also those outside the quorum: a task has not ended while one of
 * them is busy. A node that is away and has a hint does not hold the task up; it gets the write later.
 */
import { errorBody, type ErrorBody } from "../errors/api-error.ts";
import type { NodeTask, TaskStatus } from "./task.ts";

export interface FoldedStatus {
  readonly status: TaskStatus;
  /** Set when `status` is `failed`. */
  readonly error: ErrorBody | null;
  /** The earliest start and the latest end on the nodes; null while there is none. */
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

export function foldStatus(nodeTasks: readonly NodeTask[]): FoldedStatus {
  const startedAt = earliest(nodeTasks.map((one) => one.startedAt));
  if (nodeTasks.some(isOpen)) {
    return { status: nodeTasks.some(hasStarted) ? "processing" : "enqueued", error: null, startedAt, finishedAt: null };
  }
  if (nodeTasks.length > 0 && nodeTasks.every(({ status }) => status === "hinted")) {
    return { status: "enqueued", error: null, startedAt: null, finishedAt: null };
  }
  const finishedAt = latest(nodeTasks.map((one) => one.finishedAt));
  const failed = nodeTasks.filter(hasFailed);
  if (failed.length > 0) return { status: "failed", error: joinedError(failed), startedAt, finishedAt };
  return { ...withoutFailures(nodeTasks), startedAt, finishedAt };
}

/** Still to be waited for. */
export function isOpen({ status }: NodeTask): boolean {
  return status === "enqueued" || status === "processing";
}

/** Failed in a way that counts: not with an error that was expected and is as good as success. */
export function hasFailed({ status, error, tolerated }: NodeTask): boolean {
  if (status === "lost") return true;
  return status === "failed" && !(tolerated?.includes(error?.code ?? "") ?? false);
}

function withoutFailures(nodeTasks: readonly NodeTask[]): Pick<FoldedStatus, "status" | "error"> {
  const canceled = nodeTasks.filter(({ status }) => status === "canceled");
  if (canceled.length === 0) return { status: "succeeded", error: null };
  const carriedOut = nodeTasks.filter(({ status, role }) => role === "main" && status === "succeeded");
  if (carriedOut.length === 0) return { status: "canceled", error: null };
  return {
    status: "failed",
    error: errorBody(
      "miroir_task_partly_canceled",
      `The task was canceled on ${nodeList(canceled)} after ${nodeList(carriedOut)} had carried it out. Send the request again, or undo it, so that all nodes agree.`,
    ),
  };
}

/** What the nodes agree on is said once, in the node's own words; what they do not, with the nodes that say it. */
function joinedError(failed: readonly NodeTask[]): ErrorBody {
  const byMessage = new Map<string, NodeTask[]>();
  for (const one of failed) {
    const { message } = errorOf(one);
    byMessage.set(message, [...(byMessage.get(message) ?? []), one]);
  }
  const first = errorOf(failed[0] as NodeTask);
  if (byMessage.size === 1) return first;
  const parts = [...byMessage].map(([message, nodes]) => `${message} (${nodeList(nodes)})`);
  return { ...first, message: parts.join(" ") };
}

/** Why a node has not done its part. */
export function errorOf(nodeTask: NodeTask): ErrorBody {
  if (nodeTask.status === "lost") {
    return errorBody(
      "miroir_node_task_lost",
      `The node ${nodeTask.nodeId} no longer knows its task ${nodeTask.taskUid}, so whether it was carried out there is unknown. Send the request again.`,
    );
  }
  return nodeTask.error ?? errorBody("internal", `The task failed on the node ${nodeTask.nodeId} without saying why.`);
}

function nodeList(nodeTasks: readonly NodeTask[]): string {
  return [...new Set(nodeTasks.map(({ nodeId }) => nodeId))].join(", ");
}

function hasStarted({ status }: NodeTask): boolean {
  return status !== "enqueued" && status !== "hinted";
}

function earliest(times: readonly (number | undefined)[]): number | null {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? null : Math.min(...known);
}

function latest(times: readonly (number | undefined)[]): number | null {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}
