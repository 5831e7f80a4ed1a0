/**
 * `POST /indexes`: the index and its markers on every node, then in the catalog. Writers may use it as soon as the
 * nodes have been told, readers when all of them have it; if one refuses, it is removed from the others again.
 */
import type { Task } from "../../core/tasks/task.ts";
import { advanceBroadcast, flowData, nodesThatApplied } from "../broadcast/advance-broadcast.ts";
import { audience, broadcast } from "../broadcast/broadcast.ts";
import { mayTakeAway, type NodeBirths, readBirths } from "../broadcast/index-births.ts";
import { isUnused } from "../catalog/used-entry.ts";
import type { TaskFlow } from "../tasks/task-registry.ts";
import {
  dropEntry,
  failedTask,
  type LifecycleDeps,
  living,
  makeReady,
  newEntry,
  orders,
  putNewEntry,
} from "./lifecycle-deps.ts";

export interface CreateIndexInput {
  readonly uid: string;
  readonly primaryKey: string | null;
}

export async function createIndex(deps: LifecycleDeps, input: CreateIndexInput): Promise<Task> {
  const { uid, primaryKey } = input;
  return deps.gate.run(uid, async () => {
    const draft = { type: "indexCreation", indexUid: uid, details: { primaryKey } } as const;
    if (living(deps, uid) !== undefined) return failedTask(deps, draft, "index_already_exists");
    audience(deps);
    const before = await readBirths(deps, deps.fleet.nodeIds(), [uid]);
    const entry = newEntry(deps, uid, primaryKey);
    const data: CreateIndexData = { uid, createdAt: entry.createdAt, before };
    await putNewEntry(deps, entry);
    try {
      return await broadcast(deps, {
        lane: uid,
        draft: { ...draft, flow: { kind: CREATE_INDEX, step: "apply", data: { ...data } } },
        orders: () => [orders.createIndex(uid, primaryKey, "main"), orders.initialSettings(uid, {}, deps.tieBreak)],
        whenLost: "undo",
      });
    } catch (error) {
      await dropEntry(deps, uid, entry.createdAt);
      throw error;
    }
  });
}

export function createIndexFlow(deps: LifecycleDeps): TaskFlow {
  return {
    kind: CREATE_INDEX,
    resumable: true,
    advance: (task) => {
      const data = flowData(task) as unknown as CreateIndexData;
      const applied = nodesThatApplied(task);
      return advanceBroadcast(deps, task, {
        lane: data.uid,
        undo: orders.deleteIndex(data.uid, "undo"),
        mayUndo: (nodeId) =>
          // What others have been promised of it by now must not go with it.
          isUnused(deps.catalog.get(data.uid), data.createdAt) &&
          (applied.includes(nodeId) || mayTakeAway(task, data.before, data.uid, nodeId)),
        commit: async () => {
          await makeReady(deps, data.uid, task.nodeTasks, data.createdAt);
          return { kind: "done" };
        },
        abandon: () => dropEntry(deps, data.uid, data.createdAt),
      });
    },
  };
}

interface CreateIndexData {
  readonly uid: string;
  readonly createdAt: number;
  /** As the nodes said it before they were told; a task of an older version has none. */
  readonly before?: NodeBirths;
}

export const CREATE_INDEX = "create-index";
