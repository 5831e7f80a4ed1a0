/** What is worth knowing about tasks. Names and times, never what a task carries. */
import { defineEvent } from "../event.ts";

export const taskEnded = defineEvent<{ taskUid: number; type: string; status: string; code: string | null }>({
  name: "task.ended",
  level: "debug",
  message: "A task has ended.",
  measure: (metrics, { status }) => metrics.count("tasks_total", { status }),
});

export const tasksResumed = defineEvent<{ unfinished: number; undispatched: number }>({
  name: "task.resumed",
  level: "info",
  message: "Tasks that had not ended when the router stopped are followed again.",
});

export const taskRecovered = defineEvent<{ taskUid: number; nodeTasks: number; complete: boolean }>({
  name: "task.recovered",
  level: "warn",
  message: "A task that the router was handing out when it stopped was found again on the nodes.",
});

export const taskInterrupted = defineEvent<{ taskUid: number; unasked: readonly string[] }>({
  name: "task.interrupted",
  level: "warn",
  message: "A task that the router had noted when it stopped was found on no node; it ends as failed.",
});

export const nodeTaskLost = defineEvent<{ taskUid: number; nodeId: string; nodeTaskUid: number }>({
  name: "task.node_task_lost",
  level: "warn",
  message: "A node no longer knows a task that it had accepted.",
});

export const taskStepFailed = defineEvent<{ taskUid: number; what: string; detail: string }>({
  name: "task.step_failed",
  level: "warn",
  message: "What follows on the nodes' work for a task failed; it is tried again.",
});

export const openTasksMeasured = defineEvent<{ oldestAgeSeconds: number }>({
  name: "task.open_measured",
  level: null,
  message: "How long the oldest task has been open.",
  measure: (metrics, { oldestAgeSeconds }) => metrics.set("task_processing_age_seconds", oldestAgeSeconds),
});

export const registrySizeMeasured = defineEvent<{ tasks: number }>({
  name: "task.registry_measured",
  level: null,
  message: "How many tasks are kept.",
  measure: (metrics, { tasks }) => metrics.set("task_registry_size", tasks),
});

export const tasksPruned = defineEvent<{ removed: number; kept: number }>({
  name: "task.pruned",
  level: "debug",
  message: "Old tasks were removed.",
  measure: (metrics, { kept }) => metrics.set("task_registry_size", kept),
});
