/** `POST /indexes/{uid}/compact`: every node rewrites its file of the index; one task for all of them. */
import type { Task } from "../../core/tasks/task.ts";
import { broadcast } from "../broadcast/broadcast.ts";
import { failedTask, type LifecycleDeps, living, orders } from "./lifecycle-deps.ts";

export async function compactIndex(deps: LifecycleDeps, uid: string): Promise<Task> {
  const draft = { type: "indexCompaction", indexUid: uid, details: {} } as const;
  if (living(deps, uid) === undefined) return failedTask(deps, draft, "index_not_found");
  return broadcast(deps, { lane: uid, draft, orders: () => [orders.compact(uid)], whenLost: "forward" });
}
