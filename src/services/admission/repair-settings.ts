/**
 * Makes the settings of one index the same on all nodes again, and notes what all of them show. Goes through the lanes,
 * so that a change that a client sends meanwhile comes after it.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { describeDiagnosis, diagnoseSettings, formsOfTheirOwn } from "../../core/settings/diagnose-settings.ts";
import { repairPatch } from "../../core/settings/repair-patch.ts";
import type { SettingsHashes } from "../../core/settings/settings-hashes.ts";
import type { Clock } from "../../platform/clock.ts";
import type { EnqueueOutcome, Lanes } from "../../scatter/lane.ts";
import type { Emit } from "../../telemetry/event.ts";
import { driftFound, driftRepaired, driftUnrepaired } from "../../telemetry/events/admission.ts";
import { settingsKeptOtherwise, settingsThawed } from "../../telemetry/events/settings.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { NodeVersions } from "../catalog/node-versions.ts";
import type { Turns } from "../routers/turns.ts";
import { patchOrder } from "../settings/settings-request.ts";
import { type CompareDeps, compareSettings, type Comparison } from "./compare-settings.ts";
import { nodeTasksEnded } from "./node-tasks-ended.ts";

export interface RepairSettingsDeps extends CompareDeps {
  readonly catalog: Pick<Catalog, "get" | "update">;
  readonly versions: Pick<NodeVersions, "get" | "proven" | "doubt">;
  readonly lanes: Pick<Lanes, "submit">;
  readonly turns: Pick<Turns, "run">;
  readonly renaming: () => Promise<ReadonlySet<string>>;
  /** The node serves again only after it has been compared with the catalog. */
  readonly expel: (nodeId: string) => void;
  readonly clock: Pick<Clock, "sleep" | "monotonicMs">;
  readonly emit: Emit;
}

/** `incomplete`: those that could be looked at have what is meant; others do not answer, or have still to be brought writes. */
export type RepairOutcome = "in_sync" | "reported" | "repaired" | "unrepaired" | "incomplete" | "changing";

/** `repairs` false: differences are only noted. */
export async function checkSettings(
  deps: RepairSettingsDeps,
  entry: IndexEntry,
  repairs: boolean,
  signal?: AbortSignal,
): Promise<RepairOutcome> {
  const first = await compareSettings(deps, entry, signal);
  if (!isCurrent(deps, entry)) return "changing";
  if (first.diagnosis.wrong.size === 0) {
    await noteAgreement(deps, first, { hashes: first.diagnosis.hashes, ownForms: entry.ownForms });
    return first.silent.length > 0 ? "incomplete" : "in_sync";
  }
  const only = await tellAndLook(deps, entry, repairs, "wrong", signal);
  if (typeof only === "string" || only.agreed !== null) return concluded(deps, only);
  // Nodes that have what is wanted, and still differ from what was noted of all: what was noted may have been edited.
  const all = await tellAndLook(deps, entry, repairs, "all", signal);
  if (typeof all !== "string" && all.agreed === null) {
    deps.emit(driftUnrepaired, { index: entry.uid, difference: describeDiagnosis(all.second.diagnosis) });
  }
  return concluded(deps, all);
}

interface Told {
  readonly nodeIds: readonly string[];
  readonly second: Comparison;
  /** null: they still differ. */
  readonly agreed: Agreement | null;
}

interface Agreement {
  /** What all nodes show. */
  readonly hashes: SettingsHashes;
  /** As in `IndexEntry`. */
  readonly ownForms?: readonly string[] | undefined;
}

/** Tells nodes what is wanted, those that are wrong or all of them, and looks what they show then. */
async function tellAndLook(
  deps: RepairSettingsDeps,
  entry: IndexEntry,
  repairs: boolean,
  whom: "wrong" | "all",
  signal?: AbortSignal,
): Promise<RepairOutcome | Told> {
  const given = await deps.turns.run([entry.uid], () => inTurn(deps, entry, repairs, whom, signal));
  if (typeof given === "string") return given;
  const succeeded = await howManySucceeded(deps, given.outcomes, signal);
  // One that was told everything and shows what the others show is enough: those not to be reached are brought it later.
  const isCarriedOut = whom === "all" ? succeeded > 0 : succeeded === given.outcomes.length;
  if (!isCurrent(deps, entry)) return "changing";
  const second = await compareSettings(deps, entry, signal);
  if (!isCurrent(deps, entry)) return "changing";
  // Told once more what is wanted, all nodes show the same: then that is how this engine shows it.
  const { settings: client, ownForms } = entry;
  const among = { client, form: deps.form, meant: undefined, touched: new Set<string>(), ownForms };
  const { hashes, wrong } = diagnoseSettings(second.answers, among);
  let agreed: Agreement | null = null;
  if (second.diagnosis.wrong.size === 0 || (isCarriedOut && wrong.size === 0)) agreed = { hashes, ownForms };
  else if (isCarriedOut && whom === "all" && second.silent.length === 0) {
    const forms = formsOfTheirOwn(second.answers, among);
    if (forms !== null) {
      deps.emit(settingsKeptOtherwise, { index: entry.uid, settings: forms.join(", ") });
      agreed = { hashes, ownForms: forms };
    }
  }
  return { nodeIds: given.nodeIds, second, agreed };
}

async function concluded(deps: RepairSettingsDeps, told: RepairOutcome | Told): Promise<RepairOutcome> {
  if (typeof told === "string") return told;
  if (told.agreed === null) return "unrepaired";
  await noteAgreement(deps, told.second, told.agreed);
  for (const nodeId of told.nodeIds) {
    // It was wrong, and whether it has done what it was told nobody has seen.
    if (told.second.silent.includes(nodeId)) deps.expel(nodeId);
    else deps.emit(driftRepaired, { index: told.second.entry.uid, nodeId });
  }
  return told.second.silent.length > 0 ? "incomplete" : "repaired";
}

interface Given {
  readonly nodeIds: readonly string[];
  readonly outcomes: readonly EnqueueOutcome[];
}

/**
 * Looks once more while it is this router's turn on the index: only then it knows of the changes that others have under
 * way, and only what differs without one is wrong. The nodes get their repair in the same turn.
 */
async function inTurn(
  deps: RepairSettingsDeps,
  entry: IndexEntry,
  repairs: boolean,
  whom: "wrong" | "all",
  signal?: AbortSignal,
): Promise<Given | "changing" | "in_sync" | "incomplete" | "reported"> {
  if ((await deps.renaming()).has(entry.uid) || !isCurrent(deps, entry)) return "changing";
  const { answers, silent, diagnosis } = await compareSettings(deps, entry, signal);
  if (!isCurrent(deps, entry)) return "changing";
  if (diagnosis.wrong.size === 0) return silent.length > 0 ? "incomplete" : "in_sync";
  if (whom === "wrong") deps.emit(driftFound, { index: entry.uid, difference: describeDiagnosis(diagnosis), repairs });
  for (const nodeId of diagnosis.wrong.keys()) await deps.versions.doubt(entry, nodeId);
  if (!repairs) return "reported";
  if (!isCurrent(deps, entry)) return "changing";
  const differing = [...new Set([...diagnosis.wrong.values()].flat())];
  const requests = answers.flatMap(({ nodeId, settings }) => {
    const keys = whom === "all" ? differing : diagnosis.wrong.get(nodeId);
    if (keys === undefined) return [];
    const patch = repairPatch(settings, entry.settings, keys, deps.form);
    return [{ nodeId, request: patchOrder(entry.uid, patch, "prepare").request }];
  });
  return { nodeIds: requests.map(({ nodeId }) => nodeId), outcomes: await deps.lanes.submit(entry.uid, requests) };
}

async function howManySucceeded(
  deps: RepairSettingsDeps,
  outcomes: readonly EnqueueOutcome[],
  signal?: AbortSignal,
): Promise<number> {
  let succeeded = 0;
  for (const outcome of outcomes) {
    if (outcome.kind !== "enqueued") continue;
    if ((await ended(deps, outcome.nodeId, outcome.taskUid, signal)) === "succeeded") succeeded += 1;
  }
  return succeeded;
}

async function ended(
  deps: RepairSettingsDeps,
  nodeId: string,
  taskUid: number,
  signal?: AbortSignal,
): Promise<"open" | "succeeded" | "failed"> {
  const deadlineMs = deps.clock.monotonicMs() + REPAIR_WAIT_MAX_MS;
  for (let pauseMs = POLL_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, POLL_MAX_MS)) {
    const state = await nodeTasksEnded(deps.client(nodeId), [taskUid], deps.timeoutMs, signal);
    if (state !== "open" || deps.clock.monotonicMs() >= deadlineMs) return state;
    await deps.clock.sleep(pauseMs, signal);
  }
}

/** Ends a freeze if every node was asked: they agree. */
async function noteAgreement(
  deps: RepairSettingsDeps,
  comparison: Comparison,
  { hashes, ownForms }: Agreement,
): Promise<void> {
  const { entry, answers, silent } = comparison;
  if (answers.length === 0) return;
  const thaws = entry.frozen !== undefined && silent.length === 0;
  const isNews =
    thaws || !Bun.deepEquals(entry.settingsHashes, hashes) || !Bun.deepEquals(entry.ownForms ?? [], ownForms ?? []);
  if (isNews) {
    await deps.catalog.update(entry.uid, (now) => {
      if (!isSame(now, entry)) return now;
      const { frozen, ...rest } = now;
      const forms = ownForms === undefined ? {} : { ownForms };
      return { ...rest, settingsHashes: hashes, ...forms, ...(thaws || frozen === undefined ? {} : { frozen }) };
    });
    if (thaws) deps.emit(settingsThawed, { index: entry.uid, by: "agreement" });
  }
  const nodeIds = answers.map(({ nodeId }) => nodeId);
  await deps.versions.proven(entry, nodeIds, entry.settingsVersion);
}

/** Nothing has been changed since the entry was looked at. */
function isCurrent(deps: RepairSettingsDeps, entry: IndexEntry): boolean {
  return !deps.changing(entry.uid) && isSame(deps.catalog.get(entry.uid), entry);
}

function isSame(now: IndexEntry | undefined, then: IndexEntry): boolean {
  return now?.state === "ready" && now.createdAt === then.createdAt && now.settingsVersion === then.settingsVersion;
}

const REPAIR_WAIT_MAX_MS = 30_000;
const POLL_FIRST_MS = 20;
const POLL_MAX_MS = 500;
