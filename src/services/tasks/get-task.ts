/** One task or one batch, by number or by name. What a credential may not see is not there. */
import { apiError } from "../../core/errors/api-error.ts";
import { batchView } from "../../core/tasks/batch-view.ts";
import type { Task } from "../../core/tasks/task.ts";
import { hasBatch, type JsonObject } from "../../core/tasks/task-view.ts";
import { viewOf, type ListTasksDeps } from "./list-tasks.ts";
import { isVisible, resolveRef, type TaskRef, type Visibility } from "./task-query.ts";
import type { TaskRegistry } from "./task-registry.ts";

export interface GetTaskDeps extends ListTasksDeps {
  readonly registry: Pick<TaskRegistry, "get">;
}

export async function getTask(deps: GetTaskDeps, ref: TaskRef, visibility: Visibility): Promise<JsonObject> {
  const task = await findTask(deps, ref, visibility);
  if (task === undefined) throw apiError("task_not_found", `Task \`${ref}\` not found.`);
  return viewOf(deps, task);
}

export async function getBatch(deps: GetTaskDeps, ref: TaskRef, visibility: Visibility): Promise<JsonObject> {
  const task = await findTask(deps, ref, visibility);
  if (task === undefined || !hasBatch(task)) throw apiError("batch_not_found", `Batch \`${ref}\` not found.`);
  return batchView(task);
}

/** The newest state, of an open task from the registry. */
export async function findTask(deps: GetTaskDeps, ref: TaskRef, visibility: Visibility): Promise<Task | undefined> {
  deps.nudge();
  const uid = await resolveRef(deps.store, ref);
  const task = uid === undefined ? undefined : await deps.registry.get(uid);
  return task !== undefined && isVisible(task, {}, visibility) ? task : undefined;
}
