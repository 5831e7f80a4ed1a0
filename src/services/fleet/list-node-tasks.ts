/** A page of the tasks of one node, by what a query string asks for. */
import { type NodeTaskPage, parseNodeTaskPage } from "../../core/tasks/parse-node-task.ts";
import type { NodeClient } from "../../nodes/node-client.ts";

/** undefined when the node gives no usable answer within `timeoutMs`. */
export async function listNodeTasks(
  client: NodeClient,
  search: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<NodeTaskPage | undefined> {
  const outcome = await client.send(
    { method: "GET", path: `/tasks?${search}`, operation: "tasks.list", timeoutMs, repeat: "safe" },
    signal,
  );
  return outcome.kind === "answered" ? parseNodeTaskPage(outcome.text) : undefined;
}
