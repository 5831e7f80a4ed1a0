/**
 * `DELETE /indexes/{uid}`: it goes from every node and then from the catalog. A deletion cannot be taken back, so once
 * a node has been told it always goes forward: a node that was lost in between is told when it is back.
 */
import type { Task } from "../../core/tasks/task.ts";
import { failureOf, flowData, interruptedError, tell, wasInterrupted } from "../broadcast/advance-broadcast.ts";
import { audience, broadcast } from "../broadcast/broadcast.ts";
import { isReplaced } from "../broadcast/take-away.ts";
import type { FlowStep, TaskFlow } from "../tasks/task-registry.ts";
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
    let isTold = false;
    try {
      return await broadcast(deps, {
        lane: uid,
        draft: { ...draft, flow: { kind: DELETE_INDEX, step: "apply", data: { uid, createdAt: entry.createdAt } } },
        orders: () => {
          isTold = true;
          return [orders.deleteIndex(uid, "main")];
        },
        whenLost: "forward",
        withdrawn: () => {
          isTold = false;
        },
      });
    } catch (error) {
      // Nodes that have been told delete it, so the task goes on, although the client is told of a failure.
      if (!isTold) await deps.catalog.put(entry);
      throw error;
    }
  });
}

export function deleteIndexFlow(deps: DeleteIndexDeps): TaskFlow {
  return {
    kind: DELETE_INDEX,
    resumable: true,
    advance: async (task) => {
      const data = flowData(task) as unknown as DeleteIndexData;
      const { uid, createdAt } = data;
      const untold = wasInterrupted(task) ? deps.fleet.nodeIds() : (data.untold ?? []);
      // In turn with whoever makes an index: what has come to the name since is another one.
      if (untold.length > 0) return deps.gate.run(uid, () => tellThem(deps, task.uid, data, untold));
      const entry = deps.catalog.get(uid);
      const mine = entry?.state === "deleting" && entry.createdAt === createdAt;
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

/** Also those that have been told already, where it is not known which: an index that is gone stays gone. */
async function tellThem(
  deps: DeleteIndexDeps,
  taskUid: number,
  { uid, createdAt }: DeleteIndexData,
  nodeIds: readonly string[],
): Promise<FlowStep> {
  if (isReplaced(deps, { uid, createdAt })) return { kind: "done", error: interruptedError() };
  const nodeTasks = await tell(deps, taskUid, uid, nodeIds, orders.deleteIndex(uid, "main"));
  // Whoever refuses would keep an index that nobody knows of.
  const untold = nodeIds.filter((nodeId) => nodeTasks.every((one) => one.nodeId !== nodeId));
  if (nodeTasks.length === 0) return { kind: "later", delayMs: TELL_AGAIN_MS };
  return { kind: "more", nodeTasks, flow: { kind: DELETE_INDEX, step: "apply", data: { uid, createdAt, untold } } };
}

export const DELETE_INDEX = "delete-index";
const TELL_AGAIN_MS = 1_000;

interface DeleteIndexData {
  readonly uid: string;
  readonly createdAt: number;
  /** Who is still to be told. */
  readonly untold?: readonly string[];
}

/** The nodes count every copy. Exact when all replicas held the same documents and none was away. */
function deletedOnce(task: Task, copies: number): number {
  const counts = task.nodeTasks.map((one) => Number(one.details?.["deletedDocuments"] ?? 0));
  return Math.round(counts.reduce((sum, count) => sum + count, 0) / copies);
}
