/**
 * `POST /swap-indexes`: the indexes change names on every node, and the catalog entries with them in one atomic step.
 * Reads that run in the moment between two nodes may see both sides; a client that needs a clean cut waits for the
 * task, as with a single node.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { ErrorBody } from "../../core/errors/api-error.ts";
import type { Task } from "../../core/tasks/task.ts";
import { failureOf, flowData, interruptedError, tell, wasInterrupted } from "../broadcast/advance-broadcast.ts";
import { audience, broadcast } from "../broadcast/broadcast.ts";
import { type NodeBirths, readBirths } from "../broadcast/index-births.ts";
import type { TaskFlow } from "../tasks/task-registry.ts";
import { type LifecycleDeps, orders } from "./lifecycle-deps.ts";
import { swappedNodes } from "./swapped-nodes.ts";

export interface Swap {
  readonly indexes: readonly [string, string];
  readonly rename: boolean;
}

/** `swaps` has been checked for shape and rights; a node judges the rest. */
export function swapIndexes(deps: LifecycleDeps, swaps: readonly Swap[]): Promise<Task> {
  return deps.turns.run(scopesOf(swaps), () => swapInTurn(deps, swaps));
}

async function swapInTurn(deps: LifecycleDeps, swaps: readonly Swap[]): Promise<Task> {
  const [first] = swaps;
  const uids = swaps.flatMap(({ indexes }) => indexes);
  const before = await readBirths(deps, audience(deps).present, uids);
  return broadcast(deps, {
    lane: first === undefined ? "" : first.indexes[0],
    draft: {
      type: "indexSwap",
      indexUid: null,
      details: { swaps },
      flow: { kind: SWAP_INDEXES, step: "apply", data: { swaps, born: birthsOf(deps, swaps), before } },
    },
    orders: () => [orders.swap(swaps, "main")],
    // What a lost node has done of it is found out; told again later it could swap back.
    whenLost: "undo_always",
  });
}

export function swapIndexesFlow(deps: LifecycleDeps): TaskFlow {
  return {
    kind: SWAP_INDEXES,
    resumable: true,
    scopes: (task) => scopesOf((flowData(task) as unknown as SwapData).swaps),
    advance: async (task) => {
      const data = flowData(task) as unknown as SwapData;
      const failure = failureOfSwap(task, data);
      if (failure === null) {
        await exchangeEntries(deps, data);
        return { kind: "done" };
      }
      const { swapped, unknown } = await swappedNodes(deps, data.before ?? {}, data.swaps);
      if (swapped.length === 0) {
        return unknown.length > 0 ? { kind: "later", delayMs: LOOK_AGAIN_MS } : { kind: "done", error: failure };
      }
      const lane = data.swaps[0]?.indexes[0] ?? "";
      const nodeTasks = await tell(deps, task.uid, lane, swapped, orders.swap(data.swaps.map(reversed), "undo"));
      return { kind: "more", nodeTasks, flow: { kind: SWAP_INDEXES, step: "undo", data: { ...data, error: failure } } };
    },
  };
}

/** null: every node has done it. */
function failureOfSwap(task: Task, { error, abort }: SwapData): ErrorBody | null {
  if (error !== undefined) return error;
  if (wasInterrupted(task)) return interruptedError();
  return abort ?? failureOf(task);
}

/** A node that is away, or has not come to the swap yet, is asked again after so long. */
const LOOK_AGAIN_MS = 250;

export const SWAP_INDEXES = "swap-indexes";

interface SwapData {
  readonly swaps: readonly Swap[];
  /** When each index was created, in milliseconds. */
  readonly born: Readonly<Record<string, number>>;
  /** As the nodes said it before they were told; a task of an older version has none. */
  readonly before?: NodeBirths;
  /** Why it is being taken back. */
  readonly error?: ErrorBody;
  /** Why it could not be told to every node. */
  readonly abort?: ErrorBody;
}

/** Also the index whose lanes carry it, be there one or not. */
function scopesOf(swaps: readonly Swap[]): readonly string[] {
  return swaps.length === 0 ? [""] : swaps.flatMap(({ indexes }) => indexes);
}

function birthsOf(deps: LifecycleDeps, swaps: readonly Swap[]): Record<string, number> {
  const uids = swaps.flatMap((swap) => swap.indexes);
  return Object.fromEntries(uids.map((uid) => [uid, deps.catalog.get(uid)?.createdAt ?? 0]));
}

function reversed(swap: Swap): Swap {
  return { ...swap, indexes: [swap.indexes[1], swap.indexes[0]] };
}

/**
 * Only entries that are still where they were when the swap was accepted: a commit that is repeated after a crash must
 * not swap them back. An index is known by the moment it was created.
 */
async function exchangeEntries(deps: LifecycleDeps, { swaps, born }: SwapData): Promise<void> {
  const put: IndexEntry[] = [];
  const remove: string[] = [];
  const moves: { from: string; to: string }[] = [];
  const updatedAt = deps.clock.nowMs();
  for (const { indexes, rename } of swaps) {
    const [left, right] = [deps.catalog.get(indexes[0]), deps.catalog.get(indexes[1])];
    if (left === undefined || left.createdAt !== born[indexes[0]]) continue;
    put.push({ ...left, uid: indexes[1], updatedAt });
    moves.push({ from: indexes[0], to: indexes[1] });
    if (rename) remove.push(indexes[0]);
    else if (right !== undefined) {
      put.push({ ...right, uid: indexes[0], updatedAt });
      moves.push({ from: indexes[1], to: indexes[0] });
    }
  }
  await deps.catalog.change({ put, remove });
  // Lost by a crash in between, what is remembered here is found out again by looking at the nodes.
  if (moves.length > 0) await deps.versions.rename(moves);
}
