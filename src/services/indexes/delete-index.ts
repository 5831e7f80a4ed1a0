/**
 * `DELETE /indexes/{uid}`: it goes from every node and then from the catalog. A deletion cannot be taken back, so once
 * a node has been told it always goes forward: a node that was lost in between is told when it is back.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
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
    await deps.catalog.update(uid, (now) => ({ ...now, state: "deleting" }));
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
      // Nodes that have been told delete it, so the task goes on, although the client is told of a failure. An index that
      // only seems to go would be made anew by the next writer, in the catalog alone.
      const stays = (now: IndexEntry): IndexEntry => (isGoing(now, entry) ? { ...now, state: entry.state } : now);
      if (!isTold) await deps.catalog.correct(uid, stays).catch(() => undefined);
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
      const { uid } = data;
      const untold = wasInterrupted(task) ? deps.fleet.nodeIds() : (data.untold ?? []);
      // In turn with whoever makes an index: what has come to the name since is another one.
      if (untold.length > 0) return deps.gate.run(uid, () => tellThem(deps, task, data, untold));
      const failure = failureOf(task);
      // Once one node has done it there is no way back: those that have not are told again.
      const left = nodesThatApplied(task).length === 0 ? [] : nodesWithout(task);
      const again = data.again ?? 0;
      if (left.length > 0 && again < AGAIN_MAX) {
        return deps.gate.run(uid, () => tellThem(deps, task, { ...data, again: again + 1 }, left));
      }
      if (failure !== null && nodesThatApplied(task).length === 0) {
        await deps.catalog.update(uid, (now) => (isGoing(now, data) ? { ...now, state: "ready" } : now));
        return { kind: "done", error: failure };
      }
      // Whoever makes an index of that name does not wait for this: what has come to the name by now stays.
      if (isGoing(deps.catalog.get(uid), data)) await deps.versions.forget(uid);
      await deps.catalog.remove(uid, (entry) => isGoing(entry, data));
      const details = { deletedDocuments: deletedOnce(task, deps.copies()) };
      return left.length > 0 && failure !== null
        ? { kind: "done", details, error: failure }
        : { kind: "done", details, succeeded: true };
    },
  };
}

/** `nodeIds`: nobody knows whether they have been told, or they have not done it. An index that is gone stays gone. */
async function tellThem(
  deps: DeleteIndexDeps,
  task: Task,
  data: DeleteIndexData,
  nodeIds: readonly string[],
): Promise<FlowStep> {
  const { uid } = data;
  const entry = deps.catalog.get(uid);
  // The store may have kept the task of a deletion that was taken back because it failed; then the next start finds it.
  if (entry !== undefined && !isGoing(entry, data)) {
    return { kind: "done", error: failureOf(task) ?? interruptedError() };
  }
  const nodeTasks = await tell(deps, task.uid, uid, nodeIds, orders.deleteIndex(uid, "main"));
  // Whoever refuses would keep an index that nobody knows of.
  const untold = nodeIds.filter((nodeId) => nodeTasks.every((one) => one.nodeId !== nodeId));
  if (nodeTasks.length === 0) return { kind: "later", delayMs: TELL_AGAIN_MS };
  return { kind: "more", nodeTasks, flow: { kind: DELETE_INDEX, step: "apply", data: { ...data, untold } } };
}

/** The index that is to go. Not another that has come to the name, nor one that stays, since nobody could be told. */
export function isGoing(entry: IndexEntry | undefined, { createdAt }: Pick<DeleteIndexData, "createdAt">): boolean {
  return entry?.state === "deleting" && entry.createdAt === createdAt;
}

/** Nodes whose last try has failed, or of which it is not known any more. */
function nodesWithout(task: Task): readonly string[] {
  const last = new Map(task.nodeTasks.map((one) => [one.nodeId, one]));
  return [...last.values()].filter((one) => !hasSucceeded(one)).map(({ nodeId }) => nodeId);
}

export const DELETE_INDEX = "delete-index";
const AGAIN_MAX = 3;
const TELL_AGAIN_MS = 1_000;

interface DeleteIndexData {
  readonly uid: string;
  readonly createdAt: number;
  /** Who is still to be told. */
  readonly untold?: readonly string[];
  /** How often nodes that had not done it were told again; absent: never. */
  readonly again?: number;
}

/** The nodes count every copy. Exact when all replicas held the same documents and none was away. */
function deletedOnce(task: Task, copies: number): number {
  const counts = task.nodeTasks.map((one) => Number(one.details?.["deletedDocuments"] ?? 0));
  return Math.round(counts.reduce((sum, count) => sum + count, 0) / copies);
}
