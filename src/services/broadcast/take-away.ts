/**
 * The end of a task that was to make an index and has failed before all nodes were told: no node keeps what it has made. A
 * request whose answer was lost may come behind the one that takes the index away, so nodes are looked at once more. An
 * index of that name that somebody has made since is another one, and is never touched.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { ErrorBody } from "../../core/errors/api-error.ts";
import type { Task, TaskType } from "../../core/tasks/task.ts";
import { ARRIVES_WITHIN_MS } from "../../nodes/arrives-within.ts";
import type { InTurn } from "../../platform/in-turn.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { isUnused } from "../catalog/used-entry.ts";
import type { FlowStep } from "../tasks/task-registry.ts";
import { lostNodes, tell, wasInterrupted } from "./advance-broadcast.ts";
import type { BroadcastDeps, Order } from "./broadcast.ts";
import { withQueued } from "../fleet/queued-tasks.ts";
import { type BirthDeps, mayTakeAway, type NodeBirths, readBirths } from "./index-births.ts";

export interface TakeAwayDeps extends BirthDeps, Pick<BroadcastDeps, "fleet" | "lanes" | "missed" | "tasks"> {
  readonly catalog: Catalog;
  /** The instance that everything that makes or removes indexes shares. */
  readonly gate: Pick<InTurn<string>, "run">;
}

export interface Unmade {
  readonly uid: string;
  /** Tells an index from a later one of the same name. */
  readonly createdAt: number;
  /** As the nodes said it before they were told. */
  readonly before?: NodeBirths;
}

/** Another index has come to the name. */
export function isReplaced({ catalog }: Pick<TakeAwayDeps, "catalog">, { uid, createdAt }: Unmade): boolean {
  const entry = catalog.get(uid);
  return entry !== undefined && entry.createdAt !== createdAt;
}

/**
 * The task is about an index that had the name before, or that was to have it: its end finishes nothing of this one. Tasks
 * that do not say which index they are about are of any.
 */
export function isOfAnother({ flow }: Task, entry: IndexEntry | undefined): boolean {
  const createdAt = flow?.data["createdAt"];
  return typeof createdAt === "number" && createdAt !== entry?.createdAt;
}

/**
 * A task makes another index under the name. Should it fail, since nodes have this one already, what they have by the name
 * is still this one, and has to go.
 */
export function isReplacementOpen(deps: Pick<TakeAwayDeps, "catalog" | "tasks">, made: Unmade): boolean {
  const entry = deps.catalog.get(made.uid);
  if (entry?.state !== "creating" || !isReplaced(deps, made)) return false;
  const makes = (task: Task): boolean =>
    task.type === "indexCreation" && task.indexUid === entry.uid && !isOfAnother(task, entry);
  return deps.tasks.openTasks().some(makes);
}

/** Another index has come to the name, or others have been promised something of this one by now. */
export function isTaken({ catalog }: Pick<TakeAwayDeps, "catalog">, { uid, createdAt }: Unmade): boolean {
  return !isUnused(catalog.get(uid), createdAt);
}

/**
 * Before a node is told to take it away: whoever makes an index of that name from now on makes it behind that. Also where
 * none is known here: a store that reported a failure may have kept it, and would show it after the next start.
 */
export async function dropUnmade(deps: Pick<TakeAwayDeps, "catalog">, made: Unmade): Promise<void> {
  await deps.catalog.remove(made.uid, (entry) => isUnused(entry, made.createdAt));
}

/** A request whose answer was lost, or that a router which is no more has sent, may be behind the one that takes it back. */
export function mayStillArrive(task: Task): boolean {
  return lostNodes(task).length > 0 || wasInterrupted(task);
}

/**
 * Takes away what is there again on the nodes that were lost, once they have come to all they were told; the task fails with
 * `error` then. null: nothing is.
 */
export async function takeAwayLeft(
  deps: TakeAwayDeps,
  task: Task,
  made: Unmade,
  { order, error }: { readonly order: Order; readonly error: ErrorBody },
): Promise<Extract<FlowStep, { kind: "more" | "later" }> | null> {
  const { uid, before } = made;
  const undos = Number(task.flow?.data["undos"] ?? 0);
  if (undos >= UNDOS_MAX) return null;
  // One that is away, or has to be brought earlier writes, is told by what is kept for it.
  const there = lostNodes(task).filter((nodeId) => deps.fleet.healthy(nodeId) && !deps.missed.pending(nodeId));
  // What came behind the request that took it back may still be in a queue; what others do to the index is theirs.
  const late = isTaken(deps, made) ? [] : await withQueued(deps, there, { types: MAKING, indexUid: uid });
  if (late.length > 0) return { kind: "later", delayMs: ARRIVES_WITHIN_MS };
  const now = await readBirths(deps, there, [uid]);
  const left = there.filter((nodeId) => now[nodeId]?.[uid] !== undefined && mayTakeAway(task, before, uid, nodeId));
  if (left.length === 0) return null;
  return deps.gate.run(uid, async () => {
    if (isTaken(deps, made)) return null;
    const nodeTasks = await tell(deps, task.uid, uid, left, order);
    const flow = {
      kind: task.flow?.kind ?? "none",
      step: "undo",
      data: { ...task.flow?.data, error, undos: undos + 1 },
    };
    return { kind: "more", nodeTasks, flow };
  });
}

/** Until then it has mostly been made, or has failed. */
export const REPLACEMENT_DELAY_MS = 250;
const UNDOS_MAX = 3;
/** What is told of an index that is to be made, beside documents. */
const MAKING = ["indexCreation", "settingsUpdate"] as const satisfies readonly TaskType[];
