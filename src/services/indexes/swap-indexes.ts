/**
 * `POST /swap-indexes`: the indexes change names on every node, and the catalog entries with them in one atomic step.
 * Writes wait until it is decided. Reads that run in the moment between two nodes may see both sides; a client that
 * needs a clean cut waits for the task, as with a single node.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { type ErrorBody, errorBody } from "../../core/errors/api-error.ts";
import type { Task } from "../../core/tasks/task.ts";
import { ARRIVES_WITHIN_MS } from "../../nodes/arrives-within.ts";
import { failureOf, flowData, interruptedError, wasInterrupted } from "../broadcast/advance-broadcast.ts";
import { broadcast, unavailable } from "../broadcast/broadcast.ts";
import { birthsBefore } from "../broadcast/index-births.ts";
import type { Renaming } from "../routers/renames.ts";
import type { FlowStep, TaskFlow } from "../tasks/task-registry.ts";
import { type LifecycleDeps, orders } from "./lifecycle-deps.ts";
import type { RightSince } from "./settle-names.ts";
import { laneOf, reversed, settleSwap, tellOnce } from "./settle-swap.ts";
import { SETTLING, type Swap, SWAP_INDEXES, type SwapData } from "./swap-data.ts";
import { swappedNodes, type SwapVerdict } from "./swapped-nodes.ts";

/** `swaps` has been checked for shape and rights; a node judges the rest. */
export function swapIndexes(deps: LifecycleDeps, swaps: readonly Swap[]): Promise<Task> {
  return deps.renames.change(scopesOf(swaps), (change) => swapAlone(deps, swaps, change));
}

async function swapAlone(deps: LifecycleDeps, swaps: readonly Swap[], change: Renaming): Promise<Task> {
  const uids = swaps.flatMap(({ indexes }) => indexes);
  const before = await birthsBefore(deps, "present", uids);
  return broadcast(deps, {
    lane: laneOf(swaps),
    draft: {
      type: "indexSwap",
      indexUid: null,
      details: { swaps },
      flow: { kind: SWAP_INDEXES, step: "apply", data: { swaps, born: birthsOf(deps, swaps), before } },
    },
    orders: (task) => {
      change.as(task.uid);
      return [orders.swap(swaps, "main")];
    },
    withdrawn: (task) => deps.renames.end(task.uid),
    // What a lost node has done of it is found out; told again later it could swap back.
    whenLost: "undo_always",
  });
}

export function swapIndexesFlow(deps: LifecycleDeps): TaskFlow {
  const doubts: Doubts = { unsure: new Set(), silentSince: new Map(), rightSince: new Map() };
  return {
    kind: SWAP_INDEXES,
    resumable: true,
    scopes: (task) => scopesOf((flowData(task) as unknown as SwapData).swaps),
    advance: async (task) => {
      const step = await advance(deps, task, flowData(task) as unknown as SwapData, doubts);
      if (step.kind !== "done") return step;
      doubts.silentSince.delete(task.uid);
      doubts.rightSince.delete(task.uid);
      deps.renames.end(task.uid);
      return step;
    },
  };
}

/** What is known of tasks beyond what they tell; a router that is started again begins anew with it. */
interface Doubts {
  /** Something of these may still be on its way to a node. */
  readonly unsure: Set<number>;
  /** When a node was first silent after all had done it, by a clock that does not jump. */
  readonly silentSince: Map<number, number>;
  readonly rightSince: Map<number, RightSince>;
}

async function advance(deps: LifecycleDeps, task: Task, data: SwapData, doubts: Doubts): Promise<FlowStep> {
  if (task.flow?.step === SETTLING) return settle(deps, task.uid, data, doubts);
  const { unsure } = doubts;
  const verdict = await swappedNodes(deps, data.before ?? {}, data.swaps);
  if (data.error !== undefined) return takeBack(deps, task.uid, data, { ...verdict, error: data.error }, doubts);
  const failure = failureOfSwap(task, data) ?? unsteady(data, verdict);
  if (failure === null) return commit(deps, task.uid, data, verdict, doubts);
  if (data.abort !== undefined || wasInterrupted(task)) unsure.add(task.uid);
  return flowWith({ ...data, error: failure });
}

/** The names stand for what they will: whatever waits for them goes on. */
async function settle(deps: LifecycleDeps, taskUid: number, data: SwapData, { rightSince }: Doubts): Promise<FlowStep> {
  deps.renames.end(taskUid);
  const since = rightSince.get(taskUid) ?? new Map<string, number>();
  rightSince.set(taskUid, since);
  return settleSwap(deps, data, since);
}

/**
 * Every node has said that it has done it, or has been passed over. One on which the request came twice has done it twice,
 * which is as good as not at all: it is told again.
 */
async function commit(
  deps: LifecycleDeps,
  taskUid: number,
  data: SwapData,
  verdict: SwapVerdict,
  doubts: Doubts,
): Promise<FlowStep> {
  const { open, silent, unswapped } = without(verdict, data.silent);
  const waits = silent.length > 0 && !isSilentForLong(deps, taskUid, doubts);
  if (open.length > 0 || waits) return { kind: "later", delayMs: LOOK_AGAIN_MS };
  if (unswapped.length > 0) {
    const missed = await tellOnce(deps, data.swaps, unswapped);
    if (missed === undefined) return flowWith({ ...data, again: (data.again ?? 0) + 1 });
    return flowWith({ ...data, abort: unavailable(missed, "was lost while it was told again").body });
  }
  // Noted before anything follows from it, so that the node is kept from serving whatever happens.
  if (silent.length > 0) return flowWith({ ...data, silent: [...(data.silent ?? []), ...silent] });
  for (const nodeId of data.silent ?? []) deps.suspect(nodeId);
  await exchangeEntries(deps, data);
  return data.silent === undefined ? { kind: "done" } : settling(data);
}

/** Until no node has it, as far as nodes say, and nothing that could still come would bring it. */
async function takeBack(
  deps: LifecycleDeps,
  taskUid: number,
  data: SwapData,
  verdict: SwapVerdict & { readonly error: ErrorBody },
  doubts: Doubts,
): Promise<FlowStep> {
  const { unsure } = doubts;
  const { swapped, open, silent } = without(verdict, data.silent);
  if (silent.length > 0) unsure.add(taskUid);
  if (swapped.length > 0) {
    if ((await tellOnce(deps, data.swaps.map(reversed), swapped)) !== undefined) unsure.add(taskUid);
    return { kind: "later", delayMs: LOOK_AGAIN_MS };
  }
  const waits = silent.length > 0 && !isSilentForLong(deps, taskUid, doubts);
  if (open.length > 0 || waits) return { kind: "later", delayMs: LOOK_AGAIN_MS };
  if (silent.length > 0) return flowWith({ ...data, silent: [...(data.silent ?? []), ...silent] });
  if (unsure.delete(taskUid)) return { kind: "later", delayMs: ARRIVES_WITHIN_MS };
  for (const nodeId of data.silent ?? []) deps.suspect(nodeId);
  return data.silent === undefined ? { kind: "done", error: verdict.error } : settling(data);
}

function settling(data: SwapData): FlowStep {
  return { kind: "more", nodeTasks: [], flow: { kind: SWAP_INDEXES, step: SETTLING, data: { ...data } } };
}

function without(verdict: SwapVerdict, nodeIds: readonly string[] = []): SwapVerdict {
  const others = (all: readonly string[]): readonly string[] => all.filter((nodeId) => !nodeIds.includes(nodeId));
  const { swapped, unswapped, open, silent } = verdict;
  return { swapped: others(swapped), unswapped: others(unswapped), open: others(open), silent: others(silent) };
}

/** Counted from the first time that nothing was left to wait for but nodes that do not say what they have. */
function isSilentForLong({ clock }: LifecycleDeps, taskUid: number, { silentSince }: Doubts): boolean {
  const nowMs = clock.monotonicMs();
  const sinceMs = silentSince.get(taskUid) ?? nowMs;
  silentSince.set(taskUid, sinceMs);
  return nowMs - sinceMs >= SILENT_MAX_MS;
}

function unsteady({ again = 0, swaps }: SwapData, { unswapped }: SwapVerdict): ErrorBody | null {
  const [nodeId] = unswapped;
  if (nodeId === undefined || again < AGAIN_MAX) return null;
  const names = swaps.flatMap(({ indexes }) => indexes).join("`, `");
  return errorBody(
    "internal",
    `Node \`${nodeId}\` has not exchanged \`${names}\`, although it was told ${again + 1} times.`,
  );
}

function flowWith(data: SwapData): FlowStep {
  const step = data.error === undefined ? "apply" : "undo";
  return { kind: "more", nodeTasks: [], flow: { kind: SWAP_INDEXES, step, data: { ...data } } };
}

/** null: every node has done it. */
function failureOfSwap(task: Task, { abort }: SwapData): ErrorBody | null {
  if (wasInterrupted(task)) return interruptedError();
  return abort ?? failureOf(task);
}

/** So often nodes are told again that have not done it although they say so. */
const AGAIN_MAX = 3;
/** A node that is away, or has not come to the swap yet, is asked again after so long. */
const LOOK_AGAIN_MS = 250;
/** When nothing else is left, a node that does not say what it has is waited for so long; then it is settled by itself. */
const SILENT_MAX_MS = 10_000;

/** Also the index whose lanes carry it, be there one or not. */
function scopesOf(swaps: readonly Swap[]): readonly string[] {
  return swaps.length === 0 ? [""] : swaps.flatMap(({ indexes }) => indexes);
}

function birthsOf(deps: LifecycleDeps, swaps: readonly Swap[]): Record<string, number> {
  const uids = swaps.flatMap((swap) => swap.indexes);
  return Object.fromEntries(uids.map((uid) => [uid, deps.catalog.get(uid)?.createdAt ?? 0]));
}

/**
 * Only entries that are still where they were when the swap was accepted: a commit that is repeated after a crash must
 * not swap them back. An index is known by the moment it was created.
 */
async function exchangeEntries(deps: LifecycleDeps, { swaps, born }: SwapData): Promise<void> {
  const moves: { from: string; to: string }[] = [];
  const updatedAt = deps.clock.nowMs();
  const uids = swaps.flatMap(({ indexes }) => indexes);
  await deps.catalog.change(uids, (entries) => {
    const put: IndexEntry[] = [];
    const remove: string[] = [];
    for (const { indexes, rename } of swaps) {
      const [left, right] = [entries.get(indexes[0]), entries.get(indexes[1])];
      if (left === undefined || left.createdAt !== born[indexes[0]]) continue;
      put.push({ ...left, uid: indexes[1], updatedAt });
      moves.push({ from: indexes[0], to: indexes[1] });
      if (rename) remove.push(indexes[0]);
      else if (right !== undefined) {
        put.push({ ...right, uid: indexes[0], updatedAt });
        moves.push({ from: indexes[1], to: indexes[0] });
      }
    }
    return { put, remove };
  });
  // Lost by a crash in between, what is remembered here is found out again by looking at the nodes.
  if (moves.length > 0) await deps.versions.rename(moves);
}
