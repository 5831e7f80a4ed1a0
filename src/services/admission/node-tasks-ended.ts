/** What has become of some tasks of one node. */
import type { NodeClient } from "../../nodes/node-client.ts";
import { listNodeTasks } from "../fleet/list-node-tasks.ts";
import { hasQueued } from "../fleet/queued-tasks.ts";

/**
 * `open`: one of them has not ended, or the node does not say. `failed`: one of them was not carried out. A task that the
 * node has forgotten counts as ended and not carried out.
 */
export async function nodeTasksEnded(
  client: NodeClient,
  nodeTaskUids: readonly number[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<"open" | "succeeded" | "failed"> {
  const search = `uids=${nodeTaskUids.join(",")}&limit=${nodeTaskUids.length}`;
  const page = await listNodeTasks(client, search, timeoutMs, signal);
  if (page === undefined) return "open";
  const statuses = page.reports.map(({ status }) => status);
  if (statuses.some((status) => status === "enqueued" || status === "processing")) return "open";
  const all = statuses.length === nodeTaskUids.length;
  return all && statuses.every((status) => status === "succeeded") ? "succeeded" : "failed";
}

/** Is the node still to make, rename or delete an index? True as well when it does not say. */
export async function hasOpenLifecycleTasks(
  client: NodeClient,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  return (await hasQueued(client, { types: LIFECYCLE }, timeoutMs, signal)) !== false;
}

const LIFECYCLE = ["indexCreation", "indexDeletion", "indexUpdate", "indexSwap", "settingsUpdate"] as const;
