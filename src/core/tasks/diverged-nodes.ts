/**
 * Nodes that did not carry out a write of documents which others did: their copies may lack what the others have. A node
 * may have failed for the sake of documents that only it was sent; whoever compares the copies finds that out.
 */
import { hasFailed } from "./fold-status.ts";
import type { Task, TaskType } from "./task.ts";

export function divergedNodes(task: Pick<Task, "type" | "nodeTasks">): readonly string[] {
  if (!WRITES.has(task.type)) return [];
  const main = task.nodeTasks.filter(({ role }) => role === "main");
  if (!main.some(({ status }) => status === "succeeded")) return [];
  const failed = main.filter((one) => hasFailed(one) || one.status === "canceled");
  return [...new Set(failed.map(({ nodeId }) => nodeId))];
}

const WRITES: ReadonlySet<TaskType> = new Set(["documentAdditionOrUpdate", "documentDeletion", "documentEdition"]);
