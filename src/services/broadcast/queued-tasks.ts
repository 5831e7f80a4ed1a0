/** What a node has still to carry out: what it shows until then may not be what it will. */
import type { TaskType } from "../../core/tasks/task.ts";
import { listNodeTasks } from "../fleet/list-node-tasks.ts";
import type { BirthDeps } from "./index-births.ts";

/** Has the node tasks of these types in its queue, of one index or of any? null: it does not say. */
export async function hasQueued(
  { client, timeoutMs }: BirthDeps,
  nodeId: string,
  types: readonly TaskType[],
  indexUid?: string,
): Promise<boolean | null> {
  const index = indexUid === undefined ? "" : `&indexUids=${encodeURIComponent(indexUid)}`;
  const search = `statuses=enqueued,processing&types=${types.join(",")}${index}&limit=1`;
  const page = await listNodeTasks(client(nodeId), search, timeoutMs);
  return page === undefined ? null : page.reports.length > 0;
}

/** Those of the nodes that have such tasks in their queue, or do not say. */
export async function withQueued(
  deps: BirthDeps,
  nodeIds: readonly string[],
  types: readonly TaskType[],
  indexUid: string,
): Promise<readonly string[]> {
  const queued = await Promise.all(nodeIds.map((nodeId) => hasQueued(deps, nodeId, types, indexUid)));
  return nodeIds.filter((_nodeId, place) => queued[place] !== false);
}
