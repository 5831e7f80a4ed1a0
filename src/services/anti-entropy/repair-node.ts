/**
 * Makes a node as a whole equal to the others: one that missed more than was kept for it, or came back with another
 * disk. It gets writes again from the first instant, in order with everything else, and answers reads only when every
 * shard that it owns has been found equal. A crash starts it anew; what was brought by then is found equal.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { writeTargets } from "../../core/routing/write-targets.ts";
import type { Suspect } from "../../store/repair-store.ts";
import { nodeRepaired, nodeRepairStarted, nodeRepairWaits } from "../../telemetry/events/anti-entropy.ts";
import type { Hints } from "../hints/hints.ts";
import type { RepairStates } from "../hints/repair-states.ts";
import { type AlignDeps, alignIndexes, alignOne, hasSettings, removeForgotten } from "./align-indexes.ts";
import { type RemoveLeftDeps, removeLeft } from "./remove-left.ts";
import { compareShard } from "./compare-shard.ts";
import type { Pace, ReplicaDeps } from "./replica-deps.ts";
import { everythingCarriedOut } from "./settle-keys.ts";

export interface RepairNodeDeps extends ReplicaDeps, AlignDeps, RemoveLeftDeps {
  readonly repairs: RepairStates;
  readonly hints: Pick<Hints, "pending" | "forgetKept">;
  /** It has the indexes and settings of the catalog. */
  readonly isPrepared: (nodeId: string) => boolean;
  readonly progress: RepairProgress;
  /** The operator knows that what has no other copy is lost, and wants the node to serve without it. */
  readonly lossAccepted: (nodeId: string) => boolean;
}

/**
 * Shards that a repair has found equal. They stay so, since the node gets every later write in the order in which the
 * others get it; what keeps it from one makes it need another repair.
 */
export interface RepairProgress {
  of(begun: Suspect): Progress;
}

interface Progress {
  /** Indexes that the node has, with their settings, by their names and births. */
  readonly aligned: Set<string>;
  readonly equal: Set<string>;
  /** What nodes had been given when the repair began is carried out. */
  settled: boolean;
  repaired: number;
}

export function createRepairProgress(): RepairProgress {
  const known = new WeakMap<Suspect, Progress>();
  return {
    of(begun) {
      const progress = known.get(begun) ?? { aligned: new Set(), equal: new Set(), settled: false, repaired: 0 };
      known.set(begun, progress);
      return progress;
    },
  };
}

/** null: it is done. Else what it waits for, in words. */
export async function repairNode(
  deps: RepairNodeDeps,
  nodeId: string,
  pace: Pace,
  signal: AbortSignal,
): Promise<string | null> {
  if (!deps.fleet.healthy(nodeId)) return "the node does not answer";
  if (!deps.isPrepared(nodeId)) return "its indexes and settings are not those of the others yet";
  const isNew = deps.repairs.state(nodeId) === "needed";
  const known = deps.indexes();
  if (isNew && !(await aligned(deps, nodeId, known, signal)))
    return "its indexes could not be made those of the others";
  if (isNew) await deps.hints.forgetKept(nodeId);
  // From here on the node gets writes again: what it lacks are only those from before.
  const begun = await deps.repairs.begin(nodeId);
  if (begun === null) return null;
  if (isNew) deps.emit(nodeRepairStarted, { nodeId, reason: begun.reason });
  const progress = deps.progress.of(begun);
  if (isNew) for (const entry of known) progress.aligned.add(nameOf(entry));
  if (!progress.settled) {
    // What the others were given before that, and this node was not, shows there only when they have carried it out: until
    // then their copies look like one that lacks it.
    const nodeIds = deps.fleet.nodeIds().filter((id) => deps.fleet.healthy(id));
    if (!(await carriedOut(deps, nodeIds, signal))) return "the others are still busy with what they were given before";
    progress.settled = true;
  }
  for (const entry of deps.indexes()) {
    const problem = await repairIndex(deps, nodeId, entry, progress, pace, signal);
    if (problem !== null) return problem;
  }
  if (!(await carriedOut(deps, [nodeId], signal))) return "it is still busy with what it was brought";
  if (deps.hints.pending(nodeId)) return "it has missed writes again";
  if (!(await removeLeft(deps, nodeId))) return "it has an index that nobody knows of, or does not say which it has";
  if (!(await deps.repairs.end(begun))) return "it needs another repair";
  deps.emit(nodeRepaired, { nodeId, shards: progress.equal.size, repaired: progress.repaired });
  return null;
}

/** Tells of what a repair waits for, once per reason. */
export function createRepairReporter(deps: Pick<ReplicaDeps, "emit">): (nodeId: string, reason: string | null) => void {
  const told = new Map<string, string>();
  return (nodeId, reason) => {
    if (reason === null) told.delete(nodeId);
    else if (told.get(nodeId) !== reason) {
      told.set(nodeId, reason);
      deps.emit(nodeRepairWaits, { nodeId, reason });
    }
  };
}

async function aligned(
  deps: RepairNodeDeps,
  nodeId: string,
  entries: readonly IndexEntry[],
  signal: AbortSignal,
): Promise<boolean> {
  const taskUids = await alignIndexes(deps, nodeId, entries);
  if (taskUids === null) return false;
  if (!(await showsSettings(deps, nodeId, taskUids, signal))) return false;
  return (await removeForgotten(deps, nodeId)) && carriedOut(deps, [nodeId], signal);
}

/** It has carried out everything, and what sets its settings has not failed. */
async function showsSettings(
  deps: RepairNodeDeps,
  nodeId: string,
  taskUids: readonly number[],
  signal: AbortSignal,
): Promise<boolean> {
  return (await carriedOut(deps, [nodeId], signal)) && hasSettings(deps, nodeId, taskUids, signal);
}

function carriedOut(deps: RepairNodeDeps, nodeIds: readonly string[], signal: AbortSignal): Promise<boolean> {
  return everythingCarriedOut(deps, nodeIds, signal, deps.limits.carryOutMaxMs);
}

async function repairIndex(
  deps: RepairNodeDeps,
  nodeId: string,
  entry: IndexEntry,
  progress: Progress,
  pace: Pace,
  signal: AbortSignal,
): Promise<string | null> {
  if (!progress.aligned.has(nameOf(entry)) && entry.state !== "deleting") {
    const taskUid = await alignOne(deps, nodeId, entry);
    if (taskUid === null || !(await showsSettings(deps, nodeId, [taskUid], signal))) {
      return `index ${entry.uid} is not as the others have it yet`;
    }
    progress.aligned.add(nameOf(entry));
  }
  const map = deps.fleet.shardMap(entry.shards);
  for (const shard of map.shardsOf.get(nodeId) ?? []) {
    if (signal.aborted) return "the router stops";
    const owners = writeTargets(map, shard);
    const problem = sourceProblem(deps, nodeId, entry, shard, owners);
    if (problem !== null) return problem;
    const place = `${nameOf(entry)} ${shard}`;
    if (owners.length === 1 || progress.equal.has(place)) continue;
    // Whoever is being repaired counts as such, and needs no other suspicion.
    const options = { repair: true, suspected: NOBODY, pace, holds: true };
    const report = await compareShard(deps, entry, shard, options, signal);
    progress.repaired += report.repaired;
    // Others that are away do not matter: there is one to compare with.
    const isOpen = report.state === "open" || report.absent.includes(nodeId);
    if (isOpen) return `shard ${shard} of index ${entry.uid} is not equal yet`;
    progress.equal.add(place);
  }
  return null;
}

function nameOf({ uid, createdAt }: IndexEntry): string {
  return `${uid} ${createdAt}`;
}

/** What the shard could be brought from; null: that is settled. */
function sourceProblem(
  deps: RepairNodeDeps,
  nodeId: string,
  entry: IndexEntry,
  shard: number,
  owners: readonly string[],
): string | null {
  const others = owners.filter((owner) => owner !== nodeId);
  const what = `shard ${shard} of index ${entry.uid}`;
  if (others.length === 0) {
    const isLost = deps.repairs.reason(nodeId) === "disk_lost" && !deps.lossAccepted(nodeId);
    return isLost ? `there is no other copy of ${what}` : null;
  }
  if (others.some((owner) => deps.fleet.readable(owner))) return null;
  // Nobody is known to be right. If all are there, what each of them has is put together.
  const away = others.filter((owner) => !deps.fleet.healthy(owner) || !deps.underRepair(owner));
  return away.length === 0 ? null : `no complete copy of ${what} can be reached (${away.join(", ")})`;
}

const NOBODY: ReadonlySet<string> = new Set();
