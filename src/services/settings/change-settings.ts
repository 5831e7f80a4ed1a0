/**
 * A settings change, from the client's patch to a task that every node works on. What nodes refuse at once is told at
 * once and changes nothing; the rest is decided by `settings-flow.ts`. A change of an index that does not exist makes
 * it, as the engine does, unless it is a reset.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { ApiError, errorBody } from "../../core/errors/api-error.ts";
import type { JsonObject } from "../../core/settings/json-shape.ts";
import { mergeSettings } from "../../core/settings/merge-settings.ts";
import type { NodeForm } from "../../core/settings/node-form.ts";
import { refuseReserved } from "../../core/settings/refuse-reserved.ts";
import { requestedDetails } from "../../core/settings/to-client-view.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { Clock } from "../../platform/clock.ts";
import type { InTurn } from "../../platform/in-turn.ts";
import { tell } from "../broadcast/advance-broadcast.ts";
import type { Emit } from "../../telemetry/event.ts";
import { settingsPhaseEntered } from "../../telemetry/events/settings.ts";
import { audience, broadcast, type BroadcastDeps, type Order } from "../broadcast/broadcast.ts";
import { createOrder } from "../broadcast/create-order.ts";
import { type BirthDeps, type NodeBirths, strangersBefore } from "../broadcast/index-births.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { NodeVersions } from "../catalog/node-versions.ts";
import { creatingEntry, putNewEntry } from "../catalog/new-entry.ts";
import { refuseUnstored } from "../catalog/refuse-writes.ts";
import { markUsed } from "../catalog/used-entry.ts";
import { noteShown } from "./note-shown.ts";
import { type OpenChanges, SETTINGS_FLOW } from "./open-changes.ts";
import { clientSettingsError, initialSettingsOrder, settingsRequest } from "./settings-request.ts";

export interface ChangeSettingsDeps extends BroadcastDeps, BirthDeps {
  readonly catalog: Catalog;
  readonly versions: Pick<NodeVersions, "get" | "proven" | "doubt" | "forget">;
  readonly emit: Emit;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  /** The instance that everything that makes or removes indexes shares. */
  readonly gate: Pick<InTurn<string>, "run">;
  readonly changes: OpenChanges;
  /** `settings_broadcast.strategy`. */
  readonly strategy: "two_phase" | "sequential";
  /** `miroir.shards`: the shard count of a new index. */
  readonly shards: number;
  /** `search.tie_break` */
  readonly form: NodeForm;
}

export interface ChangeSettingsInput {
  readonly uid: string;
  /** In the client's form; null resets. */
  readonly patch: JsonObject;
  /** The key of the one setting whose sub-route was used; null for the whole object. */
  readonly single: string | null;
  /** False for a reset, and for a caller who may not create indexes. */
  readonly mayCreate: boolean;
}

/** What a settings task needs to be finished by any router at any time. */
export interface SettingsFlowData {
  readonly uid: string;
  readonly patch: JsonObject;
  /** The key of the one setting whose sub-route was used; null for the whole object. */
  readonly single: string | null;
  /** From node to node instead of all at once. */
  readonly oneByOne: boolean;
  /** Tells an index from a later one of the same name. */
  readonly createdAt: number;
  /** The change made the index. */
  readonly created: boolean;
  /** The index was still being made, and whoever makes it may fail: nodes are told of that first, as writers do it. */
  readonly prepares?: true;
  /** What the nodes had of this name before they were told; only where the change was to make the index. */
  readonly before?: NodeBirths;
  /** How often the nodes have been told again because they were not as meant. */
  readonly repairs: number;
  /** Nodes have been told once more what only they can tell of, because that was looked at late. */
  readonly toldAgain?: true;
  /** Settings in which nodes are held to each other, since what was noted of all has not helped. */
  readonly doubted?: readonly string[];
  /** How often nodes that failed to take it back have been told again; absent: never. */
  readonly undos?: number;
}

export async function changeSettings(deps: ChangeSettingsDeps, input: ChangeSettingsInput): Promise<Task> {
  refuseReserved(input.patch, deps.form);
  return deps.turns.run([input.uid], () => changeInTurn(deps, input));
}

async function changeInTurn(deps: ChangeSettingsDeps, input: ChangeSettingsInput): Promise<Task> {
  try {
    refuseUnstored(deps.catalog, input.uid);
    const entry = living(deps, input.uid);
    if (entry?.settingsHashes !== undefined) return await changeExisting(deps, input, entry);
    // One after the other, in the order in which they came.
    return await deps.gate.run(input.uid, async () => {
      const now = living(deps, input.uid);
      if (now !== undefined) {
        await noteShown(deps, now);
        if (now.state === "creating") await markUsed(deps.catalog, input.uid, deps.clock.nowMs());
        return changeExisting(deps, input, now);
      }
      return input.mayCreate ? createWith(deps, input) : failMissing(deps, input);
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(error.status, clientSettingsError(error.body), { cause: error });
  }
}

async function changeExisting(deps: ChangeSettingsDeps, input: ChangeSettingsInput, entry: IndexEntry): Promise<Task> {
  const { uid, patch, single } = input;
  await noteShown(deps, entry);
  const oneByOne = deps.strategy === "sequential";
  const isMade = entry.state === "ready";
  const about = { createdAt: entry.createdAt, created: false, ...(isMade ? {} : { prepares: true as const }) };
  return broadcast(deps, {
    lane: uid,
    draft: draftOf(input, { ...about, oneByOne }),
    oneByOne,
    orders: (task) => {
      deps.emit(settingsPhaseEntered, { phase: "propose", index: uid, task: task.uid });
      const before = deps.changes.wanted(uid);
      const request = settingsRequest(uid, { patch, before, single }, deps.form);
      deps.changes.add(uid, task.uid, patch, entry.createdAt);
      return [...(isMade ? [] : makingOrders(deps, uid, before)), { request, role: "main" }];
    },
    withdrawn: (task) => deps.changes.remove(uid, task.uid),
    whenLost: "undo",
  });
}

/** The engine makes the index with the first settings it accepts; the markers follow in the same lanes. */
async function createWith(deps: ChangeSettingsDeps, input: ChangeSettingsInput): Promise<Task> {
  const { uid, patch, single } = input;
  const now = deps.catalog.birth(deps.clock.nowMs());
  const oneByOne = deps.strategy === "sequential";
  const { present } = audience(deps);
  const before = await strangersBefore(deps, uid);
  return broadcast(deps, {
    lane: uid,
    draft: draftOf(input, { createdAt: now, created: true, oneByOne, before }),
    oneByOne,
    orders: (task) => {
      deps.emit(settingsPhaseEntered, { phase: "propose", index: uid, task: task.uid });
      deps.changes.add(uid, task.uid, patch, now);
      return [{ request: settingsRequest(uid, { patch, before: {}, single }, deps.form), role: "main" }];
    },
    taken: async (task) => {
      await putNewEntry(deps, creatingEntry(deps, { uid, primaryKey: null, createdAt: now }));
      return tell(deps, task.uid, uid, oneByOne ? present.slice(0, 1) : present, markersOrder(deps, uid, patch));
    },
    withdrawn: (task) => deps.changes.remove(uid, task.uid),
    whenLost: "undo",
  });
}

/** What makes the index on a node, with its markers, and changes nothing where that is done; `settings` as clients see them. */
export function makingOrders(
  deps: Pick<ChangeSettingsDeps, "catalog" | "form">,
  uid: string,
  settings: JsonObject,
): readonly Order[] {
  const primaryKey = deps.catalog.get(uid)?.primaryKey ?? null;
  return [createOrder(uid, primaryKey, "prepare"), initialSettingsOrder(uid, settings, "prepare", deps.form)];
}

/** What a node gets besides the change that makes the index. */
export function markersOrder(deps: Pick<ChangeSettingsDeps, "form">, uid: string, patch: JsonObject): Order {
  return initialSettingsOrder(uid, mergeSettings({}, patch), "prepare", deps.form);
}

async function failMissing(deps: ChangeSettingsDeps, input: ChangeSettingsInput): Promise<Task> {
  const task = await deps.tasks.register({
    type: "settingsUpdate",
    indexUid: input.uid,
    details: requestedDetails(input.patch),
  });
  const error = errorBody("index_not_found", `Index \`${input.uid}\` not found.`);
  return { ...(await deps.tasks.fail(task.uid, error)), status: "enqueued" };
}

function draftOf(input: ChangeSettingsInput, about: Omit<SettingsFlowData, "uid" | "patch" | "single" | "repairs">) {
  const { uid, patch, single } = input;
  return {
    type: "settingsUpdate",
    indexUid: uid,
    details: requestedDetails(patch),
    flow: {
      kind: SETTINGS_FLOW,
      step: "apply",
      data: { uid, patch, single, ...about, repairs: 0 } satisfies SettingsFlowData,
    },
  } as const;
}

function living(deps: ChangeSettingsDeps, uid: string): IndexEntry | undefined {
  const entry = deps.catalog.get(uid);
  return entry?.state === "deleting" ? undefined : entry;
}
