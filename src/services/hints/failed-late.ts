/**
 * Did a node fail a write that it was brought late, and that others have carried out? Asked of the node itself, since
 * the task of such a write may have ended, and its record be gone, long before.
 */
import { hasFailed } from "../../core/tasks/fold-status.ts";
import { type NodeTaskReport, withReport } from "../../core/tasks/parse-node-task.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import { listNodeTasks } from "../fleet/list-node-tasks.ts";

export interface NodeTaskRange {
  /** Node tasks, both ends belong to it. */
  readonly from: number;
  readonly to: number;
}

/** null: the node does not say. All tasks of the range have ended. */
export async function failedLate(
  client: NodeClient,
  { from, to }: NodeTaskRange,
  taskNamed: (miroirId: string) => Promise<Task | undefined>,
): Promise<boolean | null> {
  for (let next: number | null = to; next !== null && next >= from;) {
    const search = `statuses=failed,canceled&types=${WRITES}&limit=${PAGE}&from=${next}`;
    const page = await listNodeTasks(client, search, LIST_TIMEOUT_MS);
    if (page === undefined) return null;
    for (const report of page.reports) {
      if (report.taskUid >= from && (await othersCarriedOut(client.nodeId, report, taskNamed))) return true;
    }
    next = page.next;
  }
  return false;
}

/** What nobody knows any more may have succeeded elsewhere. What has not ended ends with this failure. */
async function othersCarriedOut(
  nodeId: string,
  report: NodeTaskReport,
  taskNamed: (miroirId: string) => Promise<Task | undefined>,
): Promise<boolean> {
  const { customMetadata } = report;
  const task = typeof customMetadata === "string" ? await taskNamed(customMetadata) : undefined;
  if (task === undefined) return true;
  if (task.status !== "succeeded") return false;
  const own = task.nodeTasks.find((one) => one.nodeId === nodeId && one.taskUid === report.taskUid);
  if (own === undefined || report.status === "canceled") return true;
  return hasFailed(withReport(own, report));
}

const WRITES = "documentAdditionOrUpdate,documentDeletion,documentEdition";
const PAGE = 100;
const LIST_TIMEOUT_MS = 5_000;
