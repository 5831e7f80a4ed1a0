/**
 * The end of a settings change that has failed, once no node is left to be told to go back. Every node is looked at: what
 * still shows something of the change is told again a few times, and what is left then is noted and kept from serving
 * until it has been put right.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { ErrorBody } from "../../core/errors/api-error.ts";
import { repairPatch } from "../../core/settings/repair-patch.ts";
import type { NodeTask, Task } from "../../core/tasks/task.ts";
import { ARRIVES_WITHIN_MS } from "../../nodes/arrives-within.ts";
import { settingsChangeUndone } from "../../telemetry/events/settings.ts";
import { tell, wasInterrupted } from "../broadcast/advance-broadcast.ts";
import {
  dropUnmade,
  isReplacementOpen,
  isTaken,
  mayStillArrive,
  REPLACEMENT_DELAY_MS,
  takeAwayLeft,
  type TakeAwayDeps,
} from "../broadcast/take-away.ts";
import type { FlowStep } from "../tasks/task-registry.ts";
import type { ChangeSettingsDeps, SettingsFlowData } from "./change-settings.ts";
import { EARLIER_CHANGE_DELAY_MS, SETTINGS_FLOW } from "./open-changes.ts";
import { deleteOrder, patchOrder } from "./settings-request.ts";
import { isLeaving, LEAVING_DELAY_MS, mayNotBeTold } from "./leaving-index.ts";
import { lookedFor, type Looks, type WrongNode } from "./verify-change.ts";
import { verifyUndone, type VerifyUndoneDeps } from "./verify-undone.ts";

export interface EndUndoneDeps extends ChangeSettingsDeps, VerifyUndoneDeps, TakeAwayDeps {
  /** `settings_broadcast.max_repair_retries`. */
  readonly repairsMax: number;
}

/** By task; a router that is started again begins anew with it. */
export interface Memory {
  /** What is tried again after a pause that has begun. */
  readonly paused: Map<number, string>;
  readonly looks: Looks;
}

export async function endUndone(
  deps: EndUndoneDeps,
  task: Task,
  data: SettingsFlowData,
  error: ErrorBody,
  { paused, looks }: Memory,
): Promise<FlowStep> {
  if (mayStillArrive(task) && !paused.has(task.uid)) {
    paused.set(task.uid, "arriving");
    return { kind: "later", delayMs: ARRIVES_WITHIN_MS };
  }
  if (data.created && neverTold(task) && isReplacementOpen(deps, data)) {
    return { kind: "later", delayMs: REPLACEMENT_DELAY_MS };
  }
  if (takesIndexAway(deps, task, data)) {
    const left = await takeAwayLeft(deps, task, data, { order: deleteOrder(data.uid), error });
    if (left !== null) return left;
    await endWith(deps, task, data, NOBODY);
    return { kind: "done", error };
  }
  // Another of its name is looked at like any: a request that came late may have changed it.
  if (deps.catalog.get(data.uid) === undefined) {
    await endWith(deps, task, data, NOBODY);
    return { kind: "done", error };
  }
  // Of several that touch a setting the last one looks at it: two that left it to each other would both leave it.
  if (deps.changes.hasEarlierUndecided(data.uid, task.uid)) {
    return { kind: "later", delayMs: EARLIER_CHANGE_DELAY_MS };
  }
  // Whether there is anything to be put back shows when its deletion has come to its end.
  if (isLeaving(deps, data.uid)) return { kind: "later", delayMs: LEAVING_DELAY_MS };
  const undos = data.undos ?? 0;
  const undoing = `undo ${undos}`;
  const verdict = await verifyUndone(deps, task, data, lookedFor(deps, task, undoing, looks));
  if (verdict.kind === "later") return verdict;
  const { wrong, unseen, away } = verdict;
  if (wrong.length === 0 || undos >= deps.repairsMax) {
    await endWith(deps, task, data, { wrong: wrong.map(({ nodeId }) => nodeId), unseen, away });
    return { kind: "done", error };
  }
  if (paused.get(task.uid) !== undoing) {
    paused.set(task.uid, undoing);
    return { kind: "later", delayMs: pauseMs(undos) };
  }
  const nodeTasks = await tellAgain(deps, task, data, wrong);
  return { kind: "more", nodeTasks, flow: flowOf("undo", { ...task.flow?.data, error, undos: undos + 1 }) };
}

async function tellAgain(
  deps: EndUndoneDeps,
  task: Task,
  data: SettingsFlowData,
  wrong: readonly WrongNode[],
): Promise<readonly NodeTask[]> {
  const { uid: indexUid } = data;
  const wanted = deps.changes.wanted(indexUid, task.uid);
  const nodeTasks: NodeTask[] = [];
  for (const { nodeId, settings, keys } of wrong) {
    if (mayNotBeTold(deps, data)) break;
    const order = patchOrder(indexUid, repairPatch(settings, wanted, keys, deps.form), "undo");
    nodeTasks.push(...(await tell(deps, task.uid, indexUid, [nodeId], order)));
  }
  return nodeTasks;
}

/**
 * An index that the change made stays, empty, as it does on a single node whose first settings fail; only if the change
 * could not be told to all nodes it is gone.
 */
async function endWith(
  deps: EndUndoneDeps,
  task: Task,
  data: SettingsFlowData,
  { wrong, unseen, away }: Doubtful,
): Promise<void> {
  deps.emit(settingsChangeUndone, { index: data.uid, task: task.uid });
  await settleEntry(deps, task, data);
  // What is doubted of a node is taken for something that it has had. Noted also of one that is away: what it is brought
  // late may fail there, and whoever looks at it then may be started after that.
  const have = nodesWithIndex(deps, task, data);
  const unproven = [...unseen, ...away].filter(have);
  const index = deps.catalog.get(data.uid) ?? data;
  for (const nodeId of [...wrong, ...unproven]) await deps.versions.doubt(index, nodeId);
  // Last, and all at once: while the change is under way a node that is looked at anew is not compared.
  for (const nodeId of [...wrong, ...unseen]) deps.suspect(nodeId);
}

/** Nodes of which it is not known that they have gone back. */
interface Doubtful {
  /** They have been seen with something of the change. */
  readonly wrong: readonly string[];
  readonly unseen: readonly string[];
  readonly away: readonly string[];
}

const NOBODY: Doubtful = { wrong: [], unseen: [], away: [] };

async function settleEntry(deps: EndUndoneDeps, task: Task, data: SettingsFlowData): Promise<void> {
  if (takesIndexAway(deps, task, data)) return dropUnmade(deps, data);
  const entry = deps.catalog.get(data.uid);
  if (!data.created || neverTold(task) || entry?.createdAt !== data.createdAt) return;
  await deps.versions.proven(data, deps.fleet.nodeIds().filter(nodesWithIndex(deps, task, data)), 0);
  // Not one that is deleted meanwhile: its deletion would find another and leave it in the catalog alone.
  const isMade = (now: IndexEntry): boolean => now.createdAt === data.createdAt && now.state === "creating";
  await deps.catalog.update(data.uid, (now) => (isMade(now) ? { ...now, state: "ready" } : now));
}

/**
 * Not one that failed what makes the index, and has not been given its undoing yet, or one that was away while others made
 * it: such a node has lost nothing.
 */
function nodesWithIndex(
  { versions }: Pick<EndUndoneDeps, "versions">,
  task: Task,
  data: SettingsFlowData,
): (nodeId: string) => boolean {
  if (!data.created) return (nodeId) => versions.get(data.uid, nodeId) !== undefined;
  const done = task.nodeTasks.filter(({ role, status }) => role !== "prepare" && status === "succeeded");
  const have = new Set(done.map(({ nodeId }) => nodeId));
  return (nodeId) => have.has(nodeId);
}

export function toldNodes(task: Task): readonly string[] {
  const told = task.nodeTasks.filter((one) => one.role === "main" && one.status !== "hinted");
  return [...new Set(told.map((one) => one.nodeId))];
}

/** It could not be told to all nodes, so that the client was told that nothing has happened, or nothing at all. */
export function neverTold(task: Task): boolean {
  return task.flow?.data["abort"] !== undefined || task.flow?.data["lost"] !== undefined || wasInterrupted(task);
}

/** Nobody has been promised anything of the index that the change was to make. */
export function takesIndexAway(deps: Pick<ChangeSettingsDeps, "catalog">, task: Task, data: SettingsFlowData): boolean {
  return data.created && neverTold(task) && !isTaken(deps, data);
}

export function flowOf(step: string, data: object): NonNullable<Task["flow"]> {
  return { kind: SETTINGS_FLOW, step, data: { ...data } };
}

/** Before something is tried again. */
export function pauseMs(tries: number): number {
  return Math.min(PAUSE_FIRST_MS * 2 ** tries, PAUSE_MAX_MS);
}

const PAUSE_FIRST_MS = 200;
const PAUSE_MAX_MS = 10_000;
