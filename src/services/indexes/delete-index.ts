/**
 * `DELETE /indexes/{uid}`: it goes from every node and then from the catalog. A deletion cannot be taken back, so once
 * a node has been told it always goes forward: a node that was lost in between is told when it is back.
 */
import type { Task } from "../../core/tasks/task.ts";
import {
  failureOf,
  flowData,
  hasSucceeded,
  interruptedError,
  nodesThatApplied,
  tell,
  wasInterrupted,
} from "../broadcast/advance-broadcast.ts";
import { audience, broadcast } from "../broadcast/broadcast.ts";
import { isTaken } from "../broadcast/take-away.ts";
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
    let isKnown = false;
    try {
      return await broadcast(deps, {
        lane: uid,
        draft: { ...draft, flow: { kind: DELETE_INDEX, step: "apply", data: { uid, createdAt: entry.createdAt } } },
        orders: () => {
          isKnown = true;
          return [orders.deleteIndex(uid, "main")];
        },
        whenLost: "forward",
        withdrawn: () => {
          isKnown = false;
        },
      });
    } catch (error) {
      // A task that goes on takes it away by itself.
      if (!isKnown) await deps.catalog.put(entry);
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
      // In turn with whoever makes an index: what has come to the name since is another one.
      if (wasInterrupted(task)) {
        return deps.gate.run(data.uid, () => tellAgain(deps, task, data, deps.fleet.nodeIds()));
      }
      const { uid, createdAt } = data;
      const entry = deps.catalog.get(uid);
      const mine = entry?.state === "deleting" && entry.createdAt === createdAt;
      const failure = failureOf(task);
      // Once one node has done it there is no way back: those that have not are told again.
      const left = nodesThatApplied(task).length === 0 ? [] : nodesWithout(task);
      const again = data.again ?? 0;
      if (left.length > 0 && again < AGAIN_MAX) return deps.gate.run(uid, () => tellAgain(deps, task, data, left));
      if (failure !== null && nodesThatApplied(task).length === 0) {
        if (mine) await deps.catalog.put({ ...entry, state: "ready" });
        return { kind: "done", error: failure };
      }
      if (mine) {
        await deps.versions.forget(uid);
        await deps.catalog.change({ put: [], remove: [uid] });
      }
      const details = { deletedDocuments: deletedOnce(task, deps.copies()) };
      return left.length > 0 && failure !== null
        ? { kind: "done", details, error: failure }
        : { kind: "done", details, succeeded: true };
    },
  };
}

/** `nodeIds`: nobody knows whether they have been told, or they have not done it. */
async function tellAgain(
  deps: DeleteIndexDeps,
  task: Task,
  data: DeleteIndexData,
  nodeIds: readonly string[],
): Promise<FlowStep> {
  const { uid } = data;
  if (isTaken(deps, data)) return { kind: "done", error: failureOf(task) ?? interruptedError() };
  const nodeTasks = await tell(deps, task.uid, uid, nodeIds, orders.deleteIndex(uid, "main"));
  const again = (data.again ?? 0) + (wasInterrupted(task) ? 0 : 1);
  return { kind: "more", nodeTasks, flow: { kind: DELETE_INDEX, step: "apply", data: { ...data, again } } };
}

/** Nodes whose last try has failed, or of which it is not known any more. */
function nodesWithout(task: Task): readonly string[] {
  const last = new Map(task.nodeTasks.map((one) => [one.nodeId, one]));
  return [...last.values()].filter((one) => !hasSucceeded(one)).map(({ nodeId }) => nodeId);
}

const AGAIN_MAX = 3;

export const DELETE_INDEX = "delete-index";

interface DeleteIndexData {
  readonly uid: string;
  readonly createdAt: number;
  /** How often nodes that had not done it were told again; absent: never. */
  readonly again?: number;
}

/** The nodes count every copy. Exact when all replicas held the same documents and none was away. */
function deletedOnce(task: Task, copies: number): number {
  const counts = task.nodeTasks.map((one) => Number(one.details?.["deletedDocuments"] ?? 0));
  return Math.round(counts.reduce((sum, count) => sum + count, 0) / copies);
}
