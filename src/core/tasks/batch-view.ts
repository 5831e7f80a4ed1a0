/** The batch of a task. The router does not batch, its nodes do, each for itself: so every task is a batch of its own. */
import { isOpen } from "./fold-status.ts";
import type { Task } from "./task.ts";
import { detailsView, type JsonObject } from "./task-view.ts";
import { iso8601Duration, rfc3339 } from "./time-text.ts";

export function batchView(task: Task): JsonObject {
  const startedAt = task.startedAt ?? task.finishedAt ?? task.enqueuedAt;
  const { finishedAt } = task;
  return {
    uid: task.uid,
    progress: task.status === "processing" ? progressView(task) : null,
    details: batchDetails(task),
    stats: {
      totalNbTasks: 1,
      status: { [task.status]: 1 },
      types: { [task.type]: 1 },
      indexUids: task.indexUid === null ? {} : { [task.indexUid]: 1 },
    },
    duration: finishedAt === null ? null : iso8601Duration(finishedAt - startedAt),
    startedAt: rfc3339(startedAt),
    finishedAt: finishedAt === null ? null : rfc3339(finishedAt),
    batchStrategy: `created batch containing only task with id ${task.uid} of type \`${task.type}\` that cannot be batched with any other task.`,
  };
}

/** A batch leaves out what its task says is not there; settings are shown as they are, also those that are reset. */
function batchDetails(task: Task): JsonObject {
  const details = detailsView(task) ?? {};
  return Object.fromEntries(Object.entries(details).filter(([name, value]) => value !== null || !LEFT_OUT.has(name)));
}

const LEFT_OUT = new Set(["primaryKey", "originalFilter", "context", "dumpUid"]);

/** How many of the node tasks have ended. */
function progressView(task: Task): JsonObject {
  const total = task.nodeTasks.length;
  const finished = task.nodeTasks.filter((one) => !isOpen(one)).length;
  return {
    steps: [{ currentStep: "processing tasks", finished, total }],
    percentage: total === 0 ? 0 : (100 * finished) / total,
  };
}
