/**
 * The answer to a request that made a task: the engine's summary, and the task's `mtask-…` name in a header. Where ids
 * are names (`task_registry.id_format: mtask`), `withTaskNames` puts the name in the place of the number.
 */
import type { Task } from "../core/tasks/task.ts";
import { summarizedTask } from "../core/tasks/task-view.ts";
import { json } from "./respond.ts";
import type { Reply, Route } from "./route.ts";

export const TASK_HEADER = "X-Miroir-Task";

/** The engine answers 202, except to the cancelation and deletion of tasks (200). */
export function summarizedReply(task: Task, status = 202): Reply {
  return json(status, summarizedTask(task, "integer"), { [TASK_HEADER]: task.miroirId });
}

/** For every route of the program at once, so that no handler has to know the format. */
export function withTaskNames(route: Route): Route {
  return { ...route, handler: async (context) => named(await route.handler(context)) };
}

function named(reply: Reply): Reply {
  const name = reply.headers?.[TASK_HEADER];
  if (name === undefined || typeof reply.body !== "string") return reply;
  return { ...reply, body: reply.body.replace(/^\{"taskUid":\d+/, () => `{"taskUid":${JSON.stringify(name)}`) };
}
