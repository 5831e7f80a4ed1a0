/**
 * After a crash: which nodes had already been told of a task? Every write to a node carries the task's `mtask-…` name in
 * `customMetadata`, so the nodes know.
 */
import { parseNodeTaskPage, type NodeTaskReport } from "../../core/tasks/parse-node-task.ts";
import type { NodeTask, Task } from "../../core/tasks/task.ts";
import { rfc3339 } from "../../core/tasks/time-text.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import { CLOCK_SKEW_MS, indexesRenamed } from "../../scatter/indexes-renamed.ts";

/**
 * undefined: the node could not be asked. A task is listed under the name that its index has now, so where none is found
 * and indexes have changed their names, it is looked for under all names.
 */
export async function findNodeTasks(
  client: NodeClient,
  task: Task,
  signal: AbortSignal,
): Promise<readonly NodeTask[] | undefined> {
  const found = await findUnder(client, task, task.indexUid, signal);
  if (found === undefined || found.length > 0 || task.indexUid === null) return found;
  const renamed = await indexesRenamed(client, task.enqueuedAt - CLOCK_SKEW_MS, FIND_TIMEOUT_MS, signal);
  return renamed === false ? found : renamed && findUnder(client, task, null, signal);
}

async function findUnder(
  client: NodeClient,
  task: Task,
  indexUid: string | null,
  signal: AbortSignal,
): Promise<readonly NodeTask[] | undefined> {
  const found: NodeTask[] = [];
  let from: number | null = 0;
  for (let page = 0; page < PAGES_MAX && from !== null; page += 1) {
    const outcome = await client.send(
      {
        method: "GET",
        path: `/tasks?${searchOf(task, indexUid, from)}`,
        operation: "tasks.find",
        timeoutMs: FIND_TIMEOUT_MS,
        repeat: "safe",
      },
      signal,
    );
    const answer = outcome.kind === "answered" ? parseNodeTaskPage(outcome.text) : undefined;
    if (answer === undefined) return undefined;
    const own = answer.reports.filter(({ customMetadata }) => customMetadata?.startsWith(task.miroirId) === true);
    found.push(...own.map((report) => nodeTaskOf(client.nodeId, task, report)));
    from = answer.next;
  }
  return found;
}

/** Oldest first from shortly before the router noted the task; the clocks may differ by that much. */
function searchOf(task: Task, indexUid: string | null, from: number): string {
  const search = new URLSearchParams({
    limit: String(PAGE_SIZE),
    reverse: "true",
    afterEnqueuedAt: rfc3339(task.enqueuedAt - CLOCK_SKEW_MS),
  });
  if (from > 0) search.set("from", String(from));
  if (indexUid !== null) search.set("indexUids", indexUid);
  return search.toString();
}

/** The router's own record of it is lost; what differs in type only prepared the way. */
function nodeTaskOf(nodeId: string, task: Task, report: NodeTaskReport): NodeTask {
  const isMain = report.type === task.type;
  const prepares = { role: "prepare", tolerated: ["index_already_exists"] } as const;
  return {
    nodeId,
    taskUid: report.taskUid,
    ...(isMain ? { role: "main" } : prepares),
    status: "enqueued",
    ...(report.details === undefined ? {} : { details: report.details }),
    ...(report.enqueuedAt === undefined ? {} : { enqueuedAt: report.enqueuedAt }),
  };
}

const PAGE_SIZE = 1_000;
const PAGES_MAX = 10;
const FIND_TIMEOUT_MS = 5_000;
