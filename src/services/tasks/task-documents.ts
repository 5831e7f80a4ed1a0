/**
 * The documents of a task that is still to be carried out, put together from what the nodes have of them: each shard
 * once, without the hidden fields, in the order of insertion. As on a node there are none once work on it is over.
 */
import { apiError, nodeError } from "../../core/errors/api-error.ts";
import { decodeKey, MALFORMED, readObject, skipSpace } from "../../core/json/scan.ts";
import { SEQUENCE_FIELD, SHARD_FIELD } from "../../core/markers/fields.ts";
import type { Hit } from "../../core/merge/hit-cursor.ts";
import { memberText } from "../../core/merge/hit-cursor.ts";
import { renderDocument } from "../../core/merge/merge-documents.ts";
import type { Task } from "../../core/tasks/task.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { findTask, type GetTaskDeps } from "./get-task.ts";
import type { TaskRef, Visibility } from "./task-query.ts";

export interface TaskDocumentsDeps extends GetTaskDeps {
  readonly fleet: Pick<Fleet, "client">;
  readonly timeoutMs: number;
}

/** NDJSON. */
export async function taskDocuments(
  deps: TaskDocumentsDeps,
  ref: TaskRef,
  visibility: Visibility,
  signal: AbortSignal,
): Promise<string> {
  const task = await findTask(deps, ref, visibility);
  if (task === undefined) throw apiError("task_not_found", `Task \`${ref}\` not found.`);
  if (task.type !== "documentAdditionOrUpdate" || task.finishedAt !== null) throw noDocuments(ref);
  const texts = await readFromNodes(deps, task, ref, signal);
  const found: { readonly place: string; readonly line: string }[] = [];
  const answeredBy = new Map<string, number>();
  texts.forEach((text, answer) => {
    for (const line of text.split("\n")) {
      const hit = documentOf(line);
      if (hit === null) continue;
      const shard = textOf(hit, SHARD_FIELD);
      if ((answeredBy.get(shard) ?? answer) !== answer) continue;
      answeredBy.set(shard, answer);
      found.push({ place: textOf(hit, SEQUENCE_FIELD), line: `${renderDocument(hit, AS_STORED)}\n` });
    }
  });
  // Equal places keep their order: two versions of one document stay as they were sent.
  return found
    .toSorted((a, b) => (a.place < b.place ? -1 : Number(a.place > b.place)))
    .map(({ line }) => line)
    .join("");
}

async function readFromNodes(
  deps: TaskDocumentsDeps,
  task: Task,
  ref: TaskRef,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const carried = task.nodeTasks.filter(({ role, taskUid }) => role === "main" && taskUid !== null);
  const outcomes = await scatter(
    carried.map(({ nodeId, taskUid }) => ({
      client: deps.fleet.client(nodeId),
      request: {
        method: "GET" as const,
        path: `/tasks/${taskUid}/documents`,
        operation: "tasks.documents",
        timeoutMs: deps.timeoutMs,
        repeat: "safe" as const,
        expects: "text" as const,
      },
    })),
    signal,
  );
  const texts: string[] = [];
  for (const outcome of outcomes) {
    if (outcome.kind === "answered") texts.push(outcome.text);
    else if (outcome.kind === "unavailable") {
      throw apiError(
        "miroir_node_unavailable",
        `Node \`${outcome.nodeId}\` has documents of the task and does not answer.`,
      );
    } else if (outcome.error.code === "task_file_not_found" || outcome.error.code === "task_not_found") {
      // It has carried out its part already, so the whole is no longer to be had.
      throw noDocuments(ref);
    } else throw nodeError(outcome.status, outcome.error);
  }
  if (texts.length === 0) throw noDocuments(ref);
  return texts;
}

function documentOf(line: string): Hit | null {
  const start = skipSpace(line, 0);
  if (start === line.length) return null;
  const bounds: number[] = [];
  return readObject(line, start, bounds) === MALFORMED ? null : { text: line, bounds };
}

function textOf(hit: Hit, field: string): string {
  const quoted = memberText(hit, field);
  return quoted === null ? "" : (decodeKey(quoted, 0, quoted.length - 1) ?? "");
}

const AS_STORED = { criteria: [], drop: [], cut: [] } as const;

function noDocuments(ref: TaskRef): Error {
  return apiError(
    "task_file_not_found",
    `Task \`${ref}\` does not contain any documents. Only \`documentAdditionOrUpdate\` tasks with the statuses \`enqueued\` or \`processing\` contain documents`,
  );
}
