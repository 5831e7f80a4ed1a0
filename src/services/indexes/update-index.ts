/**
 * `PATCH /indexes/{uid}`: primary key and name, on every node. A node without documents would accept another key than
 * the nodes that have some, so those that did are put back when one refuses.
 */
import { assert } from "../../core/assert.ts";
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { ErrorBody } from "../../core/errors/api-error.ts";
import type { JsonObject } from "../../core/settings/json-shape.ts";
import type { Task } from "../../core/tasks/task.ts";
import { ARRIVES_WITHIN_MS } from "../../nodes/arrives-within.ts";
import { advanceBroadcast, flowData, hasSucceeded } from "../broadcast/advance-broadcast.ts";
import { broadcast, type Order } from "../broadcast/broadcast.ts";
import { birthsBefore, type NodeBirths } from "../broadcast/index-births.ts";
import { mayStillArrive } from "../broadcast/take-away.ts";
import type { Renaming } from "../routers/renames.ts";
import type { FlowStep, TaskFlow } from "../tasks/task-registry.ts";
import { failedTask, type LifecycleDeps, living, orders } from "./lifecycle-deps.ts";
import type { RightSince } from "./settle-names.ts";
import { settleRename, type TakenBack } from "./settle-rename.ts";
import { SETTLING } from "./swap-data.ts";

export interface UpdateIndexInput {
  readonly uid: string;
  /** Absent: unchanged. */
  readonly primaryKey?: string;
  readonly newUid?: string;
}

export function updateIndex(deps: LifecycleDeps, input: UpdateIndexInput): Promise<Task> {
  const { uid, newUid } = input;
  if (newUid === undefined || newUid === uid) return deps.turns.run([uid], () => updateInTurn(deps, input, null));
  return deps.renames.change([uid, newUid], (change) => updateInTurn(deps, input, change));
}

async function updateInTurn(deps: LifecycleDeps, input: UpdateIndexInput, change: Renaming | null): Promise<Task> {
  const { uid, primaryKey, newUid } = input;
  const draft = { type: "indexUpdate", indexUid: uid, details: updateDetails(input) } as const;
  const entry = living(deps, uid);
  if (entry === undefined) return failedTask(deps, draft, "index_not_found");
  // Tells later which index a node has by which name that was lost meanwhile.
  const before = change === null ? undefined : await birthsBefore(deps, "present", [uid, newUid ?? uid]);
  const body = {
    ...(primaryKey === undefined ? {} : { primaryKey }),
    ...(newUid === undefined ? {} : { uid: newUid }),
  };
  return broadcast(deps, {
    lane: uid,
    draft: {
      ...draft,
      flow: {
        kind: UPDATE_INDEX,
        step: "apply",
        data: {
          uid,
          body,
          keyBefore: entry.primaryKey,
          createdAt: entry.createdAt,
          ...(before === undefined ? {} : { before }),
        } satisfies UpdateData,
      },
    },
    orders: (task) => {
      change?.as(task.uid);
      return [orders.updateIndex(uid, body, "main")];
    },
    withdrawn: (task) => deps.renames.end(task.uid),
    whenLost: "undo",
  });
}

export function updateIndexFlow(deps: LifecycleDeps): TaskFlow {
  /** Tasks of which something could still have been on its way to a node: that has come by now. */
  const arrived = new Set<number>();
  const rightSince = new Map<number, RightSince>();
  const advance = async (task: Task, data: UpdateData): Promise<FlowStep> => {
    if (task.flow?.step === "undo" && renames(data)) {
      const silent = notBack(task, data);
      if (silent.length > 0) {
        // From now on they neither serve nor get writes, so that all others may.
        for (const nodeId of silent) deps.suspect(nodeId);
        return { kind: "more", nodeTasks: [], flow: { ...task.flow, step: SETTLING, data: { ...data, silent } } };
      }
    }
    if (task.flow?.step === SETTLING) {
      deps.renames.end(task.uid);
      const since = rightSince.get(task.uid) ?? new Map<string, number>();
      rightSince.set(task.uid, since);
      return settleRename(deps, takenBack(data), task.flow, since);
    }
    // Behind the request that takes it back it would stand.
    if (task.flow?.step !== "undo" && mayStillArrive(task) && !arrived.has(task.uid)) {
      arrived.add(task.uid);
      return { kind: "later", delayMs: ARRIVES_WITHIN_MS };
    }
    return advanceBroadcast(deps, task, {
      lane: data.body.uid ?? data.uid,
      undo: undoUpdate(data),
      // Where the request of a new name came twice, the second has failed and hides that the first has not.
      undoEverywhere: renames(data),
      mayUndo: (nodeId) => (renames(data) ? couldRename(data, nodeId) : isAbout(data, deps.catalog.get(data.uid))),
      // Kept for the node, it would be lost with everything else that is kept should the node need a repair as a whole.
      settles: (nodeId) => data.before?.[nodeId] !== undefined && !isKept(task, nodeId),
      commit: async () => {
        await commitUpdate(deps, data);
        return { kind: "done" };
      },
      abandon: async () => {},
    });
  };
  return {
    kind: UPDATE_INDEX,
    resumable: true,
    scopes: (task) => {
      const { uid, body } = flowData(task) as unknown as UpdateData;
      return [uid, body.uid ?? uid];
    },
    advance: async (task) => {
      const data = flowData(task) as unknown as UpdateData;
      const step = await advance(task, data);
      if (step.kind === "done") {
        arrived.delete(task.uid);
        rightSince.delete(task.uid);
        deps.renames.end(task.uid);
      }
      // A node that is still to go back lacks the old name without having lost the index: it is not to be made anew there.
      else if (renames(data) && task.flow?.step !== SETTLING) await deps.versions.forget(data.uid);
      return step;
    },
  };
}

export const UPDATE_INDEX = "update-index";

interface UpdateData {
  readonly uid: string;
  readonly body: { readonly primaryKey?: string; readonly uid?: string };
  readonly keyBefore: string | null;
  readonly createdAt: number;
  /** As the nodes said it before they were told of another name; a task of an older version has none. */
  readonly before?: NodeBirths;
  readonly abort?: ErrorBody;
  /** Why it is being taken back. */
  readonly error?: ErrorBody;
  /** Nodes that it is taken back without. */
  readonly silent?: readonly string[];
}

/**
 * Where there was no index of the old name, or one of the new name already, the node has changed nothing, and going back
 * would rename an index that has nothing to do with it. A node of which nothing is known may have done it.
 */
function couldRename(data: UpdateData, nodeId: string): boolean {
  const had = data.before?.[nodeId];
  return had === undefined || (had[data.uid] !== undefined && had[data.body.uid ?? data.uid] === undefined);
}

/** Not when the index has been deleted since, and another has its name. */
function isAbout({ createdAt }: UpdateData, entry: IndexEntry | undefined): boolean {
  return entry?.createdAt === createdAt;
}

/** The node was away when all were told: it gets the change and what takes it back, one after the other. */
function isKept({ nodeTasks }: Task, nodeId: string): boolean {
  return nodeTasks.some((one) => one.nodeId === nodeId && one.role === "main" && one.taskUid === null);
}

/** Nodes that may have the new name although all have been told to go back, or could not be told that. */
function notBack({ nodeTasks }: Task, { before = {}, silent = [] }: UpdateData): readonly string[] {
  const undone = new Map(nodeTasks.filter(({ role }) => role === "undo").map((one) => [one.nodeId, one]));
  const failed = [...undone.values()].filter((one) => before[one.nodeId] !== undefined && !hasSucceeded(one));
  return [...new Set([...silent, ...failed.map(({ nodeId }) => nodeId)])];
}

function takenBack(data: UpdateData): TakenBack {
  const { uid: from, body, before = {}, silent = [], error } = data;
  const undo = undoUpdate(data);
  assert(body.uid !== undefined && undo !== null && error !== undefined, "only a change of a name is settled");
  return { from, to: body.uid, undo, before, silent, error };
}

function renames({ uid, body }: UpdateData): boolean {
  return body.uid !== undefined && body.uid !== uid;
}

/** A key cannot be taken away from an index, only replaced; without a key before there is nothing to go back to. */
function undoUpdate(data: UpdateData): Order | null {
  const body: Record<string, unknown> = {};
  if (data.body.primaryKey !== undefined && data.keyBefore !== null) body["primaryKey"] = data.keyBefore;
  if (data.body.uid !== undefined) body["uid"] = data.uid;
  if (Object.keys(body).length === 0) return null;
  return orders.updateIndex(data.body.uid ?? data.uid, body, "undo", ["index_not_found", "index_already_exists"]);
}

async function commitUpdate(deps: LifecycleDeps, data: UpdateData): Promise<void> {
  const { primaryKey, uid: newUid } = data.body;
  const updatedAt = deps.clock.nowMs();
  if (newUid === undefined || newUid === data.uid) {
    await deps.catalog.update(data.uid, (entry) =>
      isAbout(data, entry) ? { ...entry, primaryKey: primaryKey ?? entry.primaryKey, updatedAt } : entry,
    );
    return;
  }
  let isRenamed = false;
  await deps.catalog.change([data.uid, newUid], (entries) => {
    const entry = entries.get(data.uid);
    if (entry === undefined || !isAbout(data, entry)) return { put: [], remove: [] };
    isRenamed = true;
    const renamed = { ...entry, uid: newUid, primaryKey: primaryKey ?? entry.primaryKey, updatedAt };
    return { put: [renamed], remove: [data.uid] };
  });
  if (isRenamed) await deps.versions.rename([{ from: data.uid, to: newUid }]);
}

function updateDetails(input: UpdateIndexInput): JsonObject {
  const renamed = input.newUid === undefined ? {} : { oldIndexUid: input.uid, newIndexUid: input.newUid };
  return { primaryKey: input.primaryKey ?? null, ...renamed };
}
