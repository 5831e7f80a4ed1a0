/**
 * Asks one node, in one request, about the tasks that are outstanding there. A node that does not answer has said
 * nothing; a node that answers without one of them has forgotten it.
 */
import type { NodeTaskReport } from "../../core/tasks/parse-node-task.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import { listNodeTasks } from "../fleet/list-node-tasks.ts";

/** What the node says of each uid that was asked about; null: it does not know it. */
export type NodeReports = ReadonlyMap<number, NodeTaskReport | null>;

/** undefined when the node gave no usable answer. */
export async function pollNode(
  client: NodeClient,
  uids: readonly number[],
  signal: AbortSignal,
): Promise<NodeReports | undefined> {
  const page = await listNodeTasks(client, `uids=${uids.join(",")}&limit=${uids.length}`, POLL_TIMEOUT_MS, signal);
  if (page === undefined) return undefined;
  const known = new Map(page.reports.map((report) => [report.taskUid, report]));
  return new Map(uids.map((uid) => [uid, known.get(uid) ?? null]));
}

/**
 * Which of the outstanding tasks a request asks about: always the oldest, which a node finishes first, and as many of
 * the rest in rotation, so that all are covered soon and the address stays short.
 */
export function chooseUids(outstanding: readonly number[], round: number): readonly number[] {
  if (outstanding.length <= 2 * UIDS_HALF) return outstanding;
  const oldest = outstanding.slice(0, UIDS_HALF);
  const rest = outstanding.slice(UIDS_HALF);
  const start = (round * UIDS_HALF) % rest.length;
  return [...oldest, ...rest.slice(start, start + UIDS_HALF)];
}

/** Two of these, of ten digits and a comma each, make an address of less than 5 KB. */
const UIDS_HALF = 200;
const POLL_TIMEOUT_MS = 5_000;
