/** A task as clients see it: the engine's shape and order of keys, with nothing of how many nodes carry it out. */
import { hasFailed } from "./fold-status.ts";
import type { NodeTask, Task } from "./task.ts";
import { iso8601Duration, rfc3339 } from "./time-text.ts";

/** `integer` as the engine and every official SDK have it, or the `mtask-…` name for clients of the seed project. */
export type TaskIdFormat = "integer" | "mtask";

export type JsonObject = Readonly<Record<string, unknown>>;

/** `canceledBy` is the canceling task; it is needed only where ids are names. */
export function taskView(task: Task, idFormat: TaskIdFormat, canceledBy?: Task): JsonObject {
  const details = detailsView(task);
  return {
    uid: publicId(task, idFormat),
    batchUid: hasBatch(task) ? task.uid : null,
    indexUid: task.indexUid,
    status: task.status,
    type: task.type,
    canceledBy: canceledByView(task, idFormat, canceledBy),
    ...(details === null ? {} : { details }),
    error: isOver(task) ? task.error : null,
    ...timesView(task),
    ...(task.customMetadata === null ? {} : { customMetadata: task.customMetadata }),
  };
}

/** What a write is answered with. The engine says `enqueued` here whatever became of the task meanwhile. */
export function summarizedTask(task: Task, idFormat: TaskIdFormat): JsonObject {
  return {
    taskUid: publicId(task, idFormat),
    indexUid: task.indexUid,
    status: "enqueued",
    type: task.type,
    enqueuedAt: rfc3339(task.enqueuedAt),
    ...(task.customMetadata === null ? {} : { customMetadata: task.customMetadata }),
  };
}

export function publicId(task: Task, idFormat: TaskIdFormat): number | string {
  return idFormat === "mtask" ? task.miroirId : task.uid;
}

/** One batch per task, with the same uid. As in the engine there is none before work on it has begun. */
export function hasBatch(task: Task): boolean {
  return task.status !== "enqueued";
}

/** The engine's details, in its order; and the nodes that have something else to say than the rest. */
export function detailsView(task: Task): JsonObject | null {
  const nodes = dissentingNodes(task);
  if (task.details === null && nodes.length === 0) return null;
  const details = task.details ?? {};
  const known = DETAIL_ORDER.filter((name) => Object.hasOwn(details, name));
  const others = Object.keys(details).filter((name) => !DETAIL_ORDER_SET.has(name));
  return {
    ...Object.fromEntries([...known, ...others].map((name) => [name, details[name]])),
    ...(nodes.length === 0 ? {} : { nodes }),
  };
}

function isOver({ status }: Task): boolean {
  return status !== "enqueued" && status !== "processing";
}

function timesView(task: Task): JsonObject {
  const { startedAt, finishedAt } = task;
  return {
    duration: startedAt === null || finishedAt === null ? null : iso8601Duration(finishedAt - startedAt),
    enqueuedAt: rfc3339(task.enqueuedAt),
    startedAt: startedAt === null ? null : rfc3339(startedAt),
    finishedAt: finishedAt === null ? null : rfc3339(finishedAt),
  };
}

function canceledByView(task: Task, idFormat: TaskIdFormat, canceledBy: Task | undefined): number | string | null {
  if (task.status !== "canceled" || task.canceledBy === null) return null;
  return idFormat === "mtask" && canceledBy !== undefined ? canceledBy.miroirId : task.canceledBy;
}

/**
 * Nodes that failed or still have to get the write (`hinted`), with their own task and error. Nothing when all nodes
 * failed alike: that is what one node would have answered, and `error` says it.
 */
function dissentingNodes(task: Task): readonly JsonObject[] {
  const failed = task.nodeTasks.filter(hasFailed);
  const hinted = task.nodeTasks.filter(({ status }) => status === "hinted");
  const unanimous =
    failed.every(({ role, error }) => role === "main" && error?.message === failed[0]?.error?.message) &&
    failed.length === task.nodeTasks.filter(({ role }) => role === "main").length;
  return [...(unanimous ? [] : failed), ...hinted].map(nodeView);
}

function nodeView(nodeTask: NodeTask): JsonObject {
  return {
    nodeId: nodeTask.nodeId,
    taskUid: nodeTask.taskUid,
    status: nodeTask.status,
    ...(nodeTask.error === undefined ? {} : { error: nodeTask.error }),
  };
}

/** The order in which the engine prints details; settings, which stand between, keep the client's order at the end. */
const DETAIL_ORDER = [
  "receivedDocuments",
  "indexedDocuments",
  "editedDocuments",
  "primaryKey",
  "providedIds",
  "deletedDocuments",
  "matchedTasks",
  "canceledTasks",
  "deletedTasks",
  "originalFilter",
  "dumpUid",
  "context",
  "function",
  "swaps",
  "url",
  "apiKey",
  "payloadSize",
  "indexes",
  "oldIndexUid",
  "newIndexUid",
];
const DETAIL_ORDER_SET: ReadonlySet<string> = new Set(DETAIL_ORDER);
