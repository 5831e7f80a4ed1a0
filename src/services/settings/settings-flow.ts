/**
 * The second half of a settings change: when all nodes have ended their task, read the settings back, compare, decide,
 * and commit (the catalog takes the change, the settings version rises) or put the nodes back. Nodes that are not as meant
 * are repaired a few times before the change is given up and writes to the index are frozen. The decision is stored
 * before it is carried out, so that a crash at any point only makes a step run again.
 */
import { type ErrorBody, errorBody } from "../../core/errors/api-error.ts";
import { repairPatch } from "../../core/settings/repair-patch.ts";
import type { JsonObject } from "../../core/settings/json-shape.ts";
import { toClientDetails } from "../../core/settings/to-client-view.ts";
import type { NodeTask, Task } from "../../core/tasks/task.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import {
  settingsFrozen,
  settingsKeptOtherwise,
  settingsMismatchFound,
  settingsPhaseEntered,
} from "../../telemetry/events/settings.ts";
import { advanceBroadcast, type BroadcastPlan, flowData, tell } from "../broadcast/advance-broadcast.ts";
import { advanceOneByOne } from "../broadcast/advance-one-by-one.ts";
import type { Order } from "../broadcast/broadcast.ts";
import { mayTakeAway } from "../broadcast/index-births.ts";
import { dropUnmade, isReplaced } from "../broadcast/take-away.ts";
import type { FlowStep, TaskFlow } from "../tasks/task-registry.ts";
import { type ChangeSettingsDeps, makingOrders, markersOrder, type SettingsFlowData } from "./change-settings.ts";
import { commitSettings, type Decision } from "./commit-settings.ts";
import { EARLIER_CHANGE_DELAY_MS, SETTINGS_FLOW } from "./open-changes.ts";
import {
  clientSettingsError,
  deleteOrder,
  emptiedOrder,
  patchOrder,
  restoreOrder,
  settingsRequest,
} from "./settings-request.ts";
import { endUndone, flowOf, type Memory, neverTold, pauseMs, takesIndexAway, toldNodes } from "./end-undone.ts";
import { isGone, isLeaving, LEAVING_DELAY_MS, mayNotBeTold } from "./leaving-index.ts";
import {
  type Agreed,
  lateNodes,
  lookedFor,
  type Verdict,
  verifySettings,
  type VerifyDeps,
  type WrongNode,
} from "./verify-change.ts";

export interface SettingsFlowDeps extends ChangeSettingsDeps, VerifyDeps {
  /** `settings_broadcast.max_repair_retries`. */
  readonly repairsMax: number;
  /** `settings_broadcast.freeze_writes_on_unrepairable`. */
  readonly freezes: boolean;
}

export function settingsFlow(deps: SettingsFlowDeps): TaskFlow {
  const memory: Memory = { paused: new Map(), looks: new Map() };
  return {
    kind: SETTINGS_FLOW,
    resumable: true,
    advance: async (task) => {
      const data = flowData(task) as unknown as SettingsFlowData;
      deps.changes.add(data.uid, task.uid, data.patch, data.createdAt);
      if (task.flow?.step === "undo") deps.changes.takeBack(data.uid, task.uid);
      if (task.flow?.step === "commit") deps.changes.decide(data.uid, task.uid);
      const step = await advance(deps, task, data, memory);
      if (step.kind !== "done") return step;
      memory.paused.delete(task.uid);
      memory.looks.delete(task.uid);
      deps.changes.remove(data.uid, task.uid);
      if (!deps.changes.any()) deps.emit(settingsPhaseEntered, { phase: "none", index: data.uid, task: task.uid });
      if (step.error === undefined) return step;
      return { ...step, error: clientSettingsError(step.error), details: detailsOf(task, data.patch) };
    },
  };
}

async function advance(deps: SettingsFlowDeps, task: Task, data: SettingsFlowData, memory: Memory): Promise<FlowStep> {
  if (task.flow?.step === "commit") {
    deps.emit(settingsPhaseEntered, { phase: "commit", index: data.uid, task: task.uid });
    const decision = task.flow.data["decision"] as Decision;
    await commitSettings(deps, data, decision);
    // One that was away and has been looked at since was left to this change in that, which has not looked at it.
    const isLooked = (nodeId: string): boolean => decision.hashes === null || decision.nodeIds.includes(nodeId);
    for (const nodeId of deps.fleet.nodeIds()) if (!isLooked(nodeId)) deps.suspect(nodeId);
    return { kind: "done", details: detailsOf(task, data.patch) };
  }
  // Whether the index is still the one to be taken away is asked in turn with whoever makes one.
  const isUnmade = data.created && neverTold(task);
  const step = isUnmade
    ? await deps.gate.run(data.uid, () => tellNodes(deps, task, data, planOf(deps, task, data, memory)))
    : await tellNodes(deps, task, data, planOf(deps, task, data, memory));
  // No node is to be told to go back any more.
  if (step.kind === "done" && step.error !== undefined) return endUndone(deps, task, data, step.error, memory);
  return step;
}

function planOf(deps: SettingsFlowDeps, task: Task, data: SettingsFlowData, memory: Memory): BroadcastPlan {
  const isUnmade = takesIndexAway(deps, task, data);
  return {
    lane: data.uid,
    undo: undoOrder(deps, task, data),
    // A node on which it has failed may have been given it by what prepares the index, and not have come to that yet; one
    // that has failed what was to make the index has it by its markers.
    undoEverywhere: isUnmade || !neverTold(task),
    takingBack: async () => {
      deps.changes.takeBack(data.uid, task.uid);
      if (isUnmade) await dropUnmade(deps, data);
    },
    mayUndo: (nodeId: string) =>
      isUnmade ? mayTakeAway(task, data.before, data.uid, nodeId) : !mayNotBeTold(deps, data),
    commit: () => decide(deps, task, data, memory),
    abandon: async () => {},
  };
}

function tellNodes(deps: SettingsFlowDeps, task: Task, data: SettingsFlowData, plan: BroadcastPlan): Promise<FlowStep> {
  if (!data.oneByOne) return advanceBroadcast(deps, withoutRepairs(task, data), plan);
  return advanceOneByOne(deps, withoutRepairs(task, data), {
    ...plan,
    mayGoOn: () => !deps.changes.hasEarlier(data.uid, task.uid),
    // The index that the change has made stays, and so every node gets it.
    undoUntold: data.created && !neverTold(task),
    next: () => [
      ...(data.prepares === true ? makingOrders(deps, data.uid, deps.changes.wanted(data.uid, task.uid)) : []),
      { request: nextRequest(deps, task, data), role: "main" },
      ...(data.created ? [markersOrder(deps, data.uid, data.patch)] : []),
    ],
  });
}

function nextRequest(deps: SettingsFlowDeps, task: Task, { uid, patch, single }: SettingsFlowData): NodeRequest {
  return settingsRequest(uid, { patch, before: deps.changes.wanted(uid, task.uid), single }, deps.form);
}

/** Verify, and say what follows from it. */
async function decide(deps: SettingsFlowDeps, task: Task, data: SettingsFlowData, memory: Memory): Promise<FlowStep> {
  const { uid } = data;
  // The nodes had taken it before the index went; there is nothing left to be looked at.
  if (isGone(deps, data)) return { kind: "done", details: detailsOf(task, data.patch) };
  if (deps.changes.hasEarlier(uid, task.uid)) return { kind: "later", delayMs: EARLIER_CHANGE_DELAY_MS };
  deps.emit(settingsPhaseEntered, { phase: "verify", index: uid, task: task.uid });
  const repairing = `repair ${data.repairs}`;
  const lookedMs = lookedFor(deps, task, repairing, memory.looks);
  const isLate = lateNodes(deps, task, lookedMs);
  const verdict = await verifySettings(deps, task, data, lookedMs);
  if (verdict.kind === "later") return { kind: "later", delayMs: verdict.delayMs };
  if (verdict.kind === "agreed") {
    // What nobody else can judge has to be seen soon after it was told: nodes may all have been edited alike since.
    const doubtful = data.toldAgain === true ? [] : verdict.unproven.filter(isLate);
    if (doubtful.length === 0) return toCommit(deps, task, data, verdict);
    return repair(deps, task, { ...data, toldAgain: true }, doubtful, data.repairs);
  }
  if (memory.paused.get(task.uid) !== repairing) {
    deps.emit(settingsMismatchFound, { index: uid, mismatch: verdict.mismatch, repairs: data.repairs });
    if (data.repairs >= deps.repairsMax) {
      const { otherwise } = verdict;
      if (otherwise === null || !tookRepairs(task, data, verdict.wrong)) return giveUp(deps, task, data, verdict);
      deps.emit(settingsKeptOtherwise, { index: uid, settings: otherwise.ownForms?.join(", ") ?? "" });
      return toCommit(deps, task, data, otherwise);
    }
    memory.paused.set(task.uid, repairing);
    // The first at once: of nodes that differ where nobody can say what is right, one may be edited to be like the other.
    if (data.repairs > 0) return { kind: "later", delayMs: pauseMs(data.repairs - 1) };
  }
  return data.repairs === 0 ? repair(deps, task, data, verdict.wrong) : repairAll(deps, task, data, verdict);
}

/**
 * A node that does not become what was noted of all may be right, and what was noted that of one that was edited: all are
 * told what is meant, and held to each other from then on.
 */
function repairAll(
  deps: SettingsFlowDeps,
  task: Task,
  data: SettingsFlowData,
  { wrong, answers }: Extract<Verdict, { kind: "mismatch" }>,
): Promise<FlowStep> {
  const keys = [...new Set(wrong.flatMap((one) => one.keys))];
  const doubted = [...new Set([...(data.doubted ?? []), ...keys])];
  return repair(
    deps,
    task,
    { ...data, doubted },
    answers.map((one) => ({ ...one, keys })),
  );
}

function toCommit(deps: SettingsFlowDeps, task: Task, data: SettingsFlowData, agreed: Agreed): FlowStep {
  const { uid } = data;
  deps.changes.decide(uid, task.uid);
  const version = (deps.catalog.get(uid)?.settingsVersion ?? 0) + 1;
  const { kind: _kind, unproven: _unproven, ...shown } = agreed;
  const decision: Decision = { version, ...shown };
  return { kind: "more", nodeTasks: [], flow: flowOf("commit", { ...data, decision }) };
}

/** The last repair of each of the nodes has been carried out. */
function tookRepairs(task: Task, { repairs }: SettingsFlowData, wrong: readonly WrongNode[]): boolean {
  const last = new Map(task.nodeTasks.filter(({ role }) => role === "prepare").map((one) => [one.nodeId, one]));
  return repairs > 0 && wrong.every(({ nodeId }) => last.get(nodeId)?.status === "succeeded");
}

async function repair(
  deps: SettingsFlowDeps,
  task: Task,
  data: SettingsFlowData,
  wrong: readonly WrongNode[],
  repairs = data.repairs + 1,
): Promise<FlowStep> {
  if (isLeaving(deps, data.uid)) return { kind: "later", delayMs: LEAVING_DELAY_MS };
  deps.emit(settingsPhaseEntered, { phase: "repair", index: data.uid, task: task.uid });
  const wanted = deps.changes.wanted(data.uid);
  const nodeTasks: NodeTask[] = [];
  for (const { nodeId, settings, keys } of wrong) {
    if (mayNotBeTold(deps, data)) break;
    const order = patchOrder(data.uid, repairPatch(settings, wanted, keys, deps.form), "prepare");
    nodeTasks.push(...(await tell(deps, task.uid, data.uid, [nodeId], order)));
  }
  return { kind: "more", nodeTasks, flow: flowOf("apply", { ...data, repairs }) };
}

async function giveUp(
  deps: SettingsFlowDeps,
  task: Task,
  data: SettingsFlowData,
  { mismatch, wrong }: Extract<Verdict, { kind: "mismatch" }>,
): Promise<FlowStep> {
  if (isLeaving(deps, data.uid)) return { kind: "later", delayMs: LEAVING_DELAY_MS };
  for (const { nodeId } of wrong) await deps.versions.doubt(data, nodeId);
  if (deps.freezes) {
    const frozen = `After a settings change ${mismatch}, and ${deps.repairsMax} repairs did not help.`;
    await deps.catalog.update(data.uid, (entry) => (entry.createdAt === data.createdAt ? { ...entry, frozen } : entry));
    deps.emit(settingsFrozen, { index: data.uid, reason: frozen });
  }
  const error: ErrorBody = errorBody(
    "miroir_settings_mismatch",
    `The settings of index \`${data.uid}\` could not be made the same on all nodes: ${mismatch}. The change was taken back${deps.freezes ? ", and writes to the index are refused until the nodes agree" : ""}.`,
  );
  deps.emit(settingsPhaseEntered, { phase: "undo", index: data.uid, task: task.uid });
  deps.changes.takeBack(data.uid, task.uid);
  const told = mayNotBeTold(deps, data) ? [] : toldNodes(task);
  const nodeTasks = await tell(deps, task.uid, data.uid, told, undoOrder(deps, task, data));
  return { kind: "more", nodeTasks, flow: flowOf("undo", { ...data, error }) };
}

/**
 * An index made by a change that could not be told to all nodes goes again, unless somebody else uses it by now. One made
 * by a change that failed later stays with the markers alone; an index that was there before, or that somebody has made
 * meanwhile, gets its settings back.
 */
function undoOrder(deps: SettingsFlowDeps, task: Task, data: SettingsFlowData): Order {
  if (takesIndexAway(deps, task, data)) return deleteOrder(data.uid);
  const wanted = deps.changes.wanted(data.uid, task.uid);
  return data.created && !neverTold(task) && !isReplaced(deps, data)
    ? emptiedOrder(data.uid, data.patch, wanted, deps.form)
    : restoreOrder(data.uid, data.patch, wanted, deps.form);
}

/** A repair that fails is no failure of the change: the next verification says what has become of it. */
function withoutRepairs(task: Task, data: SettingsFlowData): Task {
  if (data.repairs === 0 && data.toldAgain !== true) return task;
  return { ...task, nodeTasks: task.nodeTasks.filter((one) => one.role !== "prepare") };
}

function detailsOf(task: Task, patch: JsonObject): JsonObject {
  const main = task.nodeTasks.find((one) => one.role === "main" && one.details !== undefined);
  return main?.details === undefined ? (task.details ?? {}) : toClientDetails(main.details, patch);
}
