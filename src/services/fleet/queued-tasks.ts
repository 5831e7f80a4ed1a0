/** What a node has still to carry out: what it shows until then may not be what it will. */
import type { TaskType } from "../../core/tasks/task.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import { listNodeTasks } from "./list-node-tasks.ts";

export interface QueueDeps {
  readonly client: (nodeId: string) => NodeClient;
  readonly timeoutMs: number;
}

export interface QueueSearch {
  readonly types: readonly TaskType[];
  /** Absent: of any index. */
  readonly indexUid?: string;
}

/** Has the node such tasks in its queue? null: it does not say. */
export async function hasQueued(
  client: NodeClient,
  { types, indexUid }: QueueSearch,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean | null> {
  const index = indexUid === undefined ? "" : `&indexUids=${encodeURIComponent(indexUid)}`;
  const search = `statuses=enqueued,processing&types=${types.join(",")}${index}&limit=1`;
  const page = await listNodeTasks(client, search, timeoutMs, signal);
  return page === undefined ? null : page.reports.length > 0;
}

/** Those of the nodes that have such tasks in their queue, or do not say. */
export async function withQueued(
  { client, timeoutMs }: QueueDeps,
  nodeIds: readonly string[],
  search: QueueSearch,
): Promise<readonly string[]> {
  const queued = await Promise.all(nodeIds.map((nodeId) => hasQueued(client(nodeId), search, timeoutMs)));
  return nodeIds.filter((_nodeId, place) => queued[place] !== false);
}
