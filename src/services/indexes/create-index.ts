/**
 * `POST /indexes`: the index and its markers on every node, then in the catalog. Writers may use it as soon as the
 * nodes have been told, readers when all of them have it; if one refuses, it is removed from the others again.
 */
import type { NodeTask, Task } from "../../core/tasks/task.ts";
import { ARRIVES_WITHIN_MS } from "../../nodes/arrives-within.ts";
import { advanceBroadcast, type BroadcastPlan, flowData, nodesThatApplied } from "../broadcast/advance-broadcast.ts";
import { broadcast } from "../broadcast/broadcast.ts";
import { askIndex, mayTakeAway, type NodeBirths, strangersBefore } from "../broadcast/index-births.ts";
import {
  dropUnmade,
  isReplacementOpen,
  isTaken,
  mayStillArrive,
  REPLACEMENT_DELAY_MS,
  takeAwayLeft,
} from "../broadcast/take-away.ts";
import { putNewEntry } from "../catalog/new-entry.ts";
import type { TaskFlow } from "../tasks/task-registry.ts";
import { failedTask, type LifecycleDeps, living, makeReady, newEntry, orders } from "./lifecycle-deps.ts";

export interface CreateIndexInput {
  readonly uid: string;
  readonly primaryKey: string | null;
}

export async function createIndex(deps: LifecycleDeps, input: CreateIndexInput): Promise<Task> {
  const { uid, primaryKey } = input;
  return deps.gate.run(uid, async () => {
    const draft = { type: "indexCreation", indexUid: uid, details: { primaryKey } } as const;
    if (living(deps, uid) !== undefined) return failedTask(deps, draft, "index_already_exists");
    const before = await strangersBefore(deps, uid);
    // Somebody's who made it past the router. What a node has from now on it has by this task, were it told twice.
    if (Object.values(before).some((births) => births[uid] !== undefined)) {
      return failedTask(deps, draft, "index_already_exists");
    }
    const entry = newEntry(deps, uid, primaryKey);
    const data: CreateIndexData = { uid, createdAt: entry.createdAt, before };
    await putNewEntry(deps, entry);
    try {
      return await broadcast(deps, {
        lane: uid,
        draft: { ...draft, flow: { kind: CREATE_INDEX, step: "apply", data: { ...data } } },
        orders: () => [orders.createIndex(uid, primaryKey, "main"), orders.initialSettings(uid, {}, deps.form)],
        whenLost: "undo",
      });
    } catch (error) {
      await dropUnmade(deps, entry);
      throw error;
    }
  });
}

export function createIndexFlow(deps: LifecycleDeps): TaskFlow {
  /** Tasks that have failed and of which something may still have been on its way to a node. */
  const arriving = new Set<number>();
  return {
    kind: CREATE_INDEX,
    resumable: true,
    advance: async (followed) => {
      const data = flowData(followed) as unknown as CreateIndexData;
      const task = await withoutStrangers(deps, followed, data);
      // In turn with whoever makes an index: one that somebody has made meanwhile is not to be taken away.
      const step = await deps.gate.run(data.uid, () => advanceBroadcast(deps, task, planOf(deps, task, data)));
      if (step.kind !== "done" || step.error === undefined) return step;
      if (isReplacementOpen(deps, data)) return { kind: "later", delayMs: REPLACEMENT_DELAY_MS };
      if (mayStillArrive(task) && !arriving.has(task.uid)) {
        arriving.add(task.uid);
        return { kind: "later", delayMs: ARRIVES_WITHIN_MS };
      }
      const order = orders.deleteIndex(data.uid, "undo");
      const left = await takeAwayLeft(deps, task, data, { order, error: step.error });
      if (left !== null) return left;
      arriving.delete(task.uid);
      return step;
    },
  };
}

/**
 * A node that had it already when it was told has been told twice, unless somebody else was quicker: then it has another
 * key, as far as that can be told apart, and the creation has failed there.
 */
async function withoutStrangers(deps: LifecycleDeps, task: Task, { uid }: CreateIndexData): Promise<Task> {
  const wanted = task.details?.["primaryKey"] ?? null;
  const isStrange = async (one: NodeTask): Promise<boolean> => {
    if (one.role !== "main" || one.error?.code !== "index_already_exists") return false;
    const key = await keyOn(deps, one.nodeId, uid);
    return key !== undefined && key !== wanted;
  };
  const strange = await Promise.all(task.nodeTasks.map(isStrange));
  if (!strange.includes(true)) return task;
  const nodeTasks = task.nodeTasks.map((one, place) => (strange[place] === true ? { ...one, tolerated: [] } : one));
  return { ...task, nodeTasks };
}

/** undefined: the node has no such index, or does not say. */
async function keyOn(deps: LifecycleDeps, nodeId: string, uid: string): Promise<unknown> {
  const outcome = await askIndex(deps, nodeId, uid);
  return outcome.kind === "answered" ? (JSON.parse(outcome.text) as { primaryKey?: unknown }).primaryKey : undefined;
}

function planOf(deps: LifecycleDeps, task: Task, data: CreateIndexData): BroadcastPlan {
  const applied = nodesThatApplied(task);
  return {
    lane: data.uid,
    undo: isTaken(deps, data) ? null : orders.deleteIndex(data.uid, "undo"),
    undoLost: true,
    mayUndo: (nodeId) => applied.includes(nodeId) || mayTakeAway(task, data.before, data.uid, nodeId),
    takingBack: () => dropUnmade(deps, data),
    commit: async () => {
      await makeReady(deps, data.uid, task.nodeTasks, data.createdAt);
      return { kind: "done" };
    },
    abandon: async () => {},
  };
}

interface CreateIndexData {
  readonly uid: string;
  readonly createdAt: number;
  /** As the nodes said it before they were told; a task of an older version has none. */
  readonly before?: NodeBirths;
}

export const CREATE_INDEX = "create-index";
