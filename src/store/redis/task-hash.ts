/** One task as the fields of a hash, and the way back. What is null is no field; everything in Redis is text. */
import type { ErrorBody } from "../../core/errors/api-error.ts";
import type { NodeTask, Task, TaskFlowState, TaskStatus, TaskType } from "../../core/tasks/task.ts";
import type { NewTask, TaskChange } from "../task-store.ts";

type Fields = Readonly<Record<string, string>>;

/** Field, value, field, value, and the fields to remove. */
export interface HashChange {
  readonly set: readonly string[];
  readonly remove: readonly string[];
}

export function hashOf(task: NewTask): readonly string[] {
  const { set } = hashChange(task);
  return [...set, "miroir_id", task.miroirId, "type", task.type, "created_at", String(task.enqueuedAt)].concat(
    task.customMetadata === null ? [] : ["custom_metadata", task.customMetadata],
  );
}

export function hashChange(change: TaskChange): HashChange {
  const set: string[] = [];
  const remove: string[] = [];
  const put = (name: string, value: string | number | null | undefined): void => {
    if (value === null) remove.push(name);
    else if (value !== undefined) set.push(name, String(value));
  };
  put("status", change.status);
  put("index_uid", change.indexUid);
  put("node_tasks", json(change.nodeTasks));
  put("details", json(change.details));
  put("error", json(change.error));
  put("canceled_by", change.canceledBy);
  put("flow", json(change.flow));
  if (change.dispatched !== undefined) put("dispatched", change.dispatched ? 1 : 0);
  put("started_at", change.startedAt);
  put("finished_at", change.finishedAt);
  return { set, remove };
}

/** `answer` is that of HGETALL: field, value, field, value. undefined when there is no such task. */
export function toTask(uid: number, answer: unknown, nodeTasks: unknown): Task | undefined {
  const fields = fieldsOf(answer);
  if (fields["miroir_id"] === undefined) return undefined;
  return {
    uid,
    miroirId: fields["miroir_id"],
    type: fields["type"] as TaskType,
    indexUid: fields["index_uid"] ?? null,
    status: fields["status"] as TaskStatus,
    nodeTasks: typeof nodeTasks === "string" ? (JSON.parse(nodeTasks) as NodeTask[]) : [],
    details: parsed(fields["details"]) as Record<string, unknown> | null,
    error: parsed(fields["error"]) as ErrorBody | null,
    canceledBy: number(fields["canceled_by"]),
    customMetadata: fields["custom_metadata"] ?? null,
    flow: parsed(fields["flow"]) as TaskFlowState | null,
    dispatched: fields["dispatched"] === "1",
    enqueuedAt: Number(fields["created_at"]),
    startedAt: number(fields["started_at"]),
    finishedAt: number(fields["finished_at"]),
  };
}

/** The server's list of fields and values as a record. */
export function fieldsOf(answer: unknown): Fields {
  if (!Array.isArray(answer)) return (answer ?? {}) as Fields;
  const fields: Record<string, string> = {};
  for (let place = 0; place + 1 < answer.length; place += 2)
    fields[answer[place] as string] = answer[place + 1] as string;
  return fields;
}

function json(value: unknown): string | null | undefined {
  return value === undefined || value === null ? value : JSON.stringify(value);
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? null : JSON.parse(text);
}

function number(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}
