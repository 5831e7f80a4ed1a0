/** Names of indexes that a task which has not ended is about to change: nobody can say what a node has by them. */
import type { Task } from "../../core/tasks/task.ts";
import type { TaskFilter, TaskStore } from "../../store/task-store.ts";
import { SETTLING } from "../indexes/swap-data.ts";

/** The tasks of all routers that change names and have not ended. */
export async function openRenamings(store: Pick<TaskStore, "list">): Promise<readonly Task[]> {
  return (await store.list(RENAMING, { limit: RENAMING_MAX })).tasks;
}

export function renamingIndexes(open: readonly Pick<Task, "type" | "details" | "flow">[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { type, details, flow } of open) {
    // Decided: only nodes that had fallen silent are left, which do not serve.
    if (flow?.step === SETTLING) continue;
    if (type === "indexUpdate") {
      for (const name of [details?.["oldIndexUid"], details?.["newIndexUid"]]) {
        if (typeof name === "string") names.add(name);
      }
    }
    if (type !== "indexSwap") continue;
    const swaps = (details?.["swaps"] ?? []) as readonly { readonly indexes: readonly string[] }[];
    for (const name of swaps.flatMap(({ indexes }) => indexes)) names.add(name);
  }
  return names;
}

/** Of whichever router, and also before a restarted one has taken up its tasks. */
const RENAMING: TaskFilter = { types: ["indexSwap", "indexUpdate"], statuses: ["enqueued", "processing"] };
const RENAMING_MAX = 1_000;
