/**
 * The second half of a settings change: when all nodes have ended their task, read the settings back, compare, and
 * commit (the catalog takes the change, the settings version rises) or put the nodes back. Nodes that are not as meant
 * are told everything again a few times before the change is given up.
 */
import { type ErrorBody, errorBody } from "../../core/errors/api-error.ts";
import { isObject, type JsonObject } from "../../core/settings/json-shape.ts";
import { mergeSettings } from "../../core/settings/merge-settings.ts";
import { toClientDetails } from "../../core/settings/to-client-view.ts";
import { findMismatch, type NodeSettings } from "../../core/settings/verify-settings.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import { scatter } from "../../scatter/scatter.ts";
import { settingsChangeUndone, settingsMismatchFound } from "../../telemetry/events/indexes.ts";
import type { Emit } from "../../telemetry/event.ts";
import { advanceBroadcast, flowData, tell, wasInterrupted } from "../broadcast/advance-broadcast.ts";
import type { Order } from "../broadcast/broadcast.ts";
import type { FlowStep, TaskFlow } from "../tasks/task-registry.ts";
import type { ChangeSettingsDeps, SettingsFlowData } from "./change-settings.ts";
import { SETTINGS_FLOW } from "./open-changes.ts";
import { clientSettingsError, initialSettingsOrder, restoreOrder } from "./settings-request.ts";

export interface SettingsFlowDeps extends ChangeSettingsDeps {
  readonly client: (nodeId: string) => NodeClient;
  readonly emit: Emit;
  /** `settings_broadcast.max_repair_retries`. */
  readonly repairsMax: number;
  /** `settings_broadcast.verify_timeout_s`, for one reading. */
  readonly verifyTimeoutMs: number;
}

export function settingsFlow(deps: SettingsFlowDeps): TaskFlow {
  return {
    kind: SETTINGS_FLOW,
    resumable: true,
    advance: async (task) => {
      const data = flowData(task) as unknown as SettingsFlowData;
      deps.changes.add(data.uid, task.uid, data.patch);
      const plan = {
        lane: data.uid,
        undo: undoOrder(deps, task, data),
        undoEverywhere: data.created && !neverTold(task),
        commit: () => commitOrRepair(deps, task, data),
        abandon: () => abandon(deps, task, data),
      };
      const step = await advanceBroadcast(deps, task, plan);
      if (step.kind !== "done") return step;
      deps.changes.remove(data.uid, task.uid);
      if (step.error === undefined) return step;
      return { ...step, error: clientSettingsError(step.error), details: detailsOf(task, data.patch) };
    },
  };
}

/** A wait of this length lets the change before this one be decided. */
const EARLIER_CHANGE_DELAY_MS = 25;

/**
 * An index made by a change that could not be told to all nodes goes again. One made by a change that failed later
 * stays with the markers alone; an index that was there before gets its settings back.
 */
function undoOrder(deps: SettingsFlowDeps, task: Task, data: SettingsFlowData): Order {
  if (data.created && neverTold(task)) {
    return {
      request: {
        method: "DELETE",
        path: `/indexes/${data.uid}`,
        operation: "indexes.delete",
        timeoutMs: deps.verifyTimeoutMs,
        repeat: "once",
      },
      role: "undo",
      tolerated: ["index_not_found"],
    };
  }
  const wanted = deps.changes.wanted(data.uid, task.uid);
  return data.created
    ? initialSettingsOrder(data.uid, wanted, "undo", deps.tieBreak)
    : restoreOrder(data.uid, data.patch, wanted, deps.tieBreak);
}

async function commitOrRepair(deps: SettingsFlowDeps, task: Task, data: SettingsFlowData): Promise<FlowStep> {
  const { uid, patch } = data;
  if (deps.changes.hasEarlier(uid, task.uid)) return { kind: "later", delayMs: EARLIER_CHANGE_DELAY_MS };
  const nodeIds = nodesOf(task);
  if (!deps.changes.hasLater(uid, task.uid)) {
    const wanted = deps.changes.wanted(uid);
    const mismatch = findMismatch(await readBack(deps, uid, nodeIds), wanted, deps.tieBreak);
    if (mismatch !== null) {
      deps.emit(settingsMismatchFound, { index: uid, mismatch, repairs: data.repairs });
      if (data.repairs >= deps.repairsMax) return giveUp(deps, task, data, mismatch);
      const nodeTasks = await tell(
        deps,
        task.uid,
        uid,
        nodeIds,
        initialSettingsOrder(uid, wanted, "prepare", deps.tieBreak),
      );
      const flow = { kind: SETTINGS_FLOW, step: "apply", data: { ...data, repairs: data.repairs + 1 } };
      return { kind: "more", nodeTasks, flow };
    }
  }
  await deps.catalog.update(uid, (entry) => {
    if (entry.createdAt !== data.createdAt) return entry;
    return {
      ...entry,
      state: entry.state === "creating" && data.created ? "ready" : entry.state,
      settings: mergeSettings(entry.settings, patch),
      settingsVersion: entry.settingsVersion + 1,
      updatedAt: deps.clock.nowMs(),
    };
  });
  return { kind: "done", details: detailsOf(task, patch) };
}

async function giveUp(deps: SettingsFlowDeps, task: Task, data: SettingsFlowData, mismatch: string): Promise<FlowStep> {
  const error: ErrorBody = errorBody(
    "miroir_settings_mismatch",
    `The settings of index \`${data.uid}\` could not be made the same on all nodes: ${mismatch}. The change was taken back.`,
  );
  const nodeTasks = await tell(deps, task.uid, data.uid, nodesOf(task), undoOrder(deps, task, data));
  return { kind: "more", nodeTasks, flow: { kind: SETTINGS_FLOW, step: "undo", data: { ...data, error } } };
}

/**
 * The nodes are as before. An index that the change made stays, empty, as it does on a single node whose first settings
 * fail; only if the change could not be told to all nodes it is gone.
 */
async function abandon(deps: SettingsFlowDeps, task: Task, data: SettingsFlowData): Promise<void> {
  deps.emit(settingsChangeUndone, { index: data.uid, task: task.uid });
  const entry = deps.catalog.get(data.uid);
  if (!data.created || entry?.createdAt !== data.createdAt) return;
  if (neverTold(task)) await deps.catalog.change({ put: [], remove: [data.uid] });
  else await deps.catalog.put({ ...entry, state: "ready" });
}

/** The settings of every node that answers; one that does not is not serving reads either. */
async function readBack(
  deps: SettingsFlowDeps,
  uid: string,
  nodeIds: readonly string[],
): Promise<readonly NodeSettings[]> {
  const outcomes = await scatter(
    nodeIds.map((nodeId) => ({
      client: deps.client(nodeId),
      request: {
        method: "GET",
        path: `/indexes/${uid}/settings`,
        operation: "settings.get",
        timeoutMs: deps.verifyTimeoutMs,
        repeat: "safe",
      },
    })),
  );
  return outcomes.flatMap((outcome) => {
    if (outcome.kind !== "answered") return [];
    const settings: unknown = JSON.parse(outcome.text);
    return isObject(settings) ? [{ nodeId: outcome.nodeId, settings }] : [];
  });
}

function nodesOf(task: Task): readonly string[] {
  const told = task.nodeTasks.filter((one) => one.role === "main" && one.status !== "hinted");
  return [...new Set(told.map((one) => one.nodeId))];
}

function detailsOf(task: Task, patch: JsonObject): JsonObject {
  const main = task.nodeTasks.find((one) => one.role === "main" && one.details !== undefined);
  return main?.details === undefined ? (task.details ?? {}) : toClientDetails(main.details, patch);
}

/** It could not be told to all nodes, so that the client was told that nothing has happened, or nothing at all. */
function neverTold(task: Task): boolean {
  return task.flow?.data["abort"] !== undefined || task.flow?.data["lost"] !== undefined || wasInterrupted(task);
}
