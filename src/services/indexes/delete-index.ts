/**
 * `DELETE /indexes/{uid}`: it goes from every node and then from the catalog. A deletion cannot be taken back, so once
 * a node has been told it always goes forward: a node that was lost in between is told when it is back.
 */
import type { Task } from "../../core/tasks/task.ts";
import { failureOf, flowData, tell, wasInterrupted } from "../broadcast/advance-broadcast.ts";
import { audience, broadcast } from "../broadcast/broadcast.ts";
import type { TaskFlow } from "../tasks/task-registry.ts";
import { failedTask, type LifecycleDeps, living, orders } from "./lifecycle-deps.ts";

export interface DeleteIndexDeps extends LifecycleDeps {
  /** Copies of every document in the fleet: groups times replication factor. */
  readonly copies: () => number;
}

export async function deleteIndex(deps: LifecycleDeps, uid: string): Promise<Task> {
  return deps.gate.run(uid, async () => {
    const draft = { type: "indexDeletion", indexUid: uid, details: { deletedDocuments: null } } as const;
    const entry = living(deps, uid);
    if (entry === undefined) {
      return failedTask(deps, { ...draft, details: { deletedDocuments: 0 } }, "index_not_found");
    }
    audience(deps);
    await deps.catalog.put({ ...entry, state: "deleting" });
    try {
      return await broadcast(deps, {
        lane: uid,
        draft: { ...draft, flow: { kind: DELETE_INDEX, step: "apply", data: { uid, createdAt: entry.createdAt } } },
        orders: () => [orders.deleteIndex(uid, "main")],
        whenLost: "forward",
      });
    } catch (error) {
      await deps.catalog.put(entry);
      throw error;
    }
  });
}

export function deleteIndexFlow(deps: DeleteIndexDeps): TaskFlow {
  return {
    kind: DELETE_INDEX,
    resumable: true,
    advance: async (task) => {
      const { uid, createdAt } = flowData(task) as { uid: string; createdAt: number };
      const entry = deps.catalog.get(uid);
      const mine = entry?.state === "deleting" && entry.createdAt === createdAt;
      if (wasInterrupted(task)) {
        const nodeTasks = await tell(deps, task.uid, uid, deps.fleet.nodeIds(), orders.deleteIndex(uid, "main"));
        return { kind: "more", nodeTasks, flow: { kind: DELETE_INDEX, step: "apply", data: { uid, createdAt } } };
      }
      const failure = failureOf(task);
      if (failure !== null) {
        if (mine) await deps.catalog.put({ ...entry, state: "ready" });
        return { kind: "done", error: failure };
      }
      if (mine) {
        await deps.versions.forget(uid);
        await deps.catalog.change({ put: [], remove: [uid] });
      }
      return { kind: "done", details: { deletedDocuments: deletedOnce(task, deps.copies()) } };
    },
  };
}

export const DELETE_INDEX = "delete-index";

/** The nodes count every copy. Exact when all replicas held the same documents and none was away. */
function deletedOnce(task: Task, copies: number): number {
  const counts = task.nodeTasks.map((one) => Number(one.details?.["deletedDocuments"] ?? 0));
  return Math.round(counts.reduce((sum, count) => sum + count, 0) / copies);
}
