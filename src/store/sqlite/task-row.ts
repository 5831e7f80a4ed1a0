/** One row of the table `tasks`, and the way between it and a `Task`. */
import type { ErrorBody } from "../../core/errors/api-error.ts";
import type { NodeTask, Task, TaskFlowState, TaskStatus, TaskType } from "../../core/tasks/task.ts";
import type { TaskChange } from "../task-store.ts";

export interface TaskRow {
  readonly uid: number;
  readonly miroir_id: string;
  readonly type: string;
  readonly index_uid: string | null;
  readonly status: string;
  readonly node_tasks: string;
  readonly details: string | null;
  readonly error: string | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly canceled_by: number | null;
  readonly custom_metadata: string | null;
  readonly flow: string | null;
  readonly dispatched: number;
}

export function toTask(row: TaskRow): Task {
  return {
    uid: row.uid,
    miroirId: row.miroir_id,
    type: row.type as TaskType,
    indexUid: row.index_uid,
    status: row.status as TaskStatus,
    nodeTasks: JSON.parse(row.node_tasks) as NodeTask[],
    details: parsed(row.details) as Record<string, unknown> | null,
    error: parsed(row.error) as ErrorBody | null,
    canceledBy: row.canceled_by,
    customMetadata: row.custom_metadata,
    flow: parsed(row.flow) as TaskFlowState | null,
    dispatched: row.dispatched === 1,
    enqueuedAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}

export type ColumnValue = string | number | null;

/** The columns that a change touches, with their new values. */
export function changedColumns(change: TaskChange): readonly (readonly [string, ColumnValue])[] {
  const columns: [string, ColumnValue][] = [];
  if (change.status !== undefined) columns.push(["status", change.status]);
  if (change.indexUid !== undefined) columns.push(["index_uid", change.indexUid]);
  if (change.nodeTasks !== undefined) columns.push(["node_tasks", JSON.stringify(change.nodeTasks)]);
  if (change.details !== undefined) columns.push(["details", jsonOrNull(change.details)]);
  if (change.error !== undefined) columns.push(["error", jsonOrNull(change.error)]);
  if (change.canceledBy !== undefined) columns.push(["canceled_by", change.canceledBy]);
  if (change.flow !== undefined) columns.push(["flow", jsonOrNull(change.flow)]);
  if (change.dispatched !== undefined) columns.push(["dispatched", change.dispatched ? 1 : 0]);
  if (change.startedAt !== undefined) columns.push(["started_at", change.startedAt]);
  if (change.finishedAt !== undefined) columns.push(["finished_at", change.finishedAt]);
  return columns;
}

export function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

function parsed(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
