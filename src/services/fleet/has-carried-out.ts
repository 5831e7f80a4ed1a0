/** Whether a node has carried out what it was given: until then it answers reads from before. */
import type { NodeClient } from "../../nodes/node-client.ts";

/** Everything up to this task of the node, whatever its index. False as well when the node does not answer. */
export async function hasCarriedOut(client: NodeClient, nodeTaskUid: number): Promise<boolean> {
  const results = await listTasks(client, `statuses=enqueued,processing&from=${nodeTaskUid}&limit=1`);
  return results?.length === 0;
}

/** The newest task of a node: null when it has none; undefined when it does not answer. */
export async function newestTask(client: NodeClient, signal?: AbortSignal): Promise<NewestTask | null | undefined> {
  const results = await listTasks(client, "limit=1", signal);
  if (results === undefined) return undefined;
  const [newest] = results as readonly { readonly uid?: unknown; readonly enqueuedAt?: unknown }[];
  if (newest === undefined) return null;
  if (typeof newest.uid !== "number" || typeof newest.enqueuedAt !== "string") return undefined;
  return { uid: newest.uid, enqueuedAt: newest.enqueuedAt };
}

export interface NewestTask {
  readonly uid: number;
  readonly enqueuedAt: string;
}

async function listTasks(
  client: NodeClient,
  search: string,
  signal?: AbortSignal,
): Promise<readonly unknown[] | undefined> {
  const outcome = await client.send(
    {
      method: "GET",
      path: `/tasks?${search}`,
      operation: "tasks.list",
      timeoutMs: LIST_TIMEOUT_MS,
      repeat: "safe",
    },
    signal,
  );
  if (outcome.kind !== "answered") return undefined;
  try {
    const { results } = JSON.parse(outcome.text) as { results?: unknown };
    return Array.isArray(results) ? results : undefined;
  } catch {
    return undefined;
  }
}

const LIST_TIMEOUT_MS = 5_000;
