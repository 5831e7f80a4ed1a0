/**
 * A swap is decided without a node that has fallen silent: nobody waits for it any longer, and it is looked at when it is
 * back. Until then it neither serves nor gets writes, since which index it has by which name is not known: the request may
 * have come to it twice, or its task have failed.
 */
import type { Task } from "../../core/tasks/task.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Lanes } from "../../scatter/lane.ts";
import type { BirthDeps } from "../broadcast/index-births.ts";
import { ARRIVES_WITHIN_MS } from "../broadcast/take-away.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FlowStep } from "../tasks/task-registry.ts";
import { orders } from "./lifecycle-deps.ts";
import { SETTLING, type Swap, SWAP_INDEXES, type SwapData } from "./swap-data.ts";
import { swappedNodes } from "./swapped-nodes.ts";

export interface SettleSwapDeps extends BirthDeps {
  readonly fleet: Pick<Fleet, "healthy" | "nodeIds">;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** Since when a node has been seen to be right, by a clock that does not jump; a router that is started again looks anew. */
export type RightSince = Map<string, number>;

/** Each node that says what it has is given what was decided; the task ends with the last of them. */
export async function settleSilent(deps: SettleSwapDeps, data: SwapData, since: RightSince): Promise<FlowStep> {
  const { error, swaps } = data;
  // One that has been taken out of the fleet is settled for good.
  const silent = (data.silent ?? []).filter((nodeId) => deps.fleet.nodeIds().includes(nodeId));
  const nowMs = deps.clock.monotonicMs();
  // One that is away is not asked: other routers wait for their turn on the names meanwhile.
  const away = silent.filter((nodeId) => !deps.fleet.healthy(nodeId));
  const asked = silent.filter((nodeId) => !away.includes(nodeId));
  const before = Object.fromEntries(Object.entries(data.before ?? {}).filter(([nodeId]) => asked.includes(nodeId)));
  const verdict = await swappedNodes(deps, before, swaps);
  const wrong = error === undefined ? verdict.unswapped : verdict.swapped;
  const { request } = orders.swap(error === undefined ? swaps : swaps.map(reversed), "undo");
  // Past the lanes, which are closed to it. What becomes of it the next look says.
  await Promise.all(wrong.map((nodeId) => deps.client(nodeId).send(request)));
  const notRight = new Set([...away, ...verdict.silent, ...verdict.open, ...wrong]);
  for (const nodeId of silent) if (notRight.has(nodeId) || !since.has(nodeId)) since.set(nodeId, nowMs);
  // What was on its way to it when it fell silent may still come.
  const left = silent.filter((nodeId) => nowMs - (since.get(nodeId) as number) < ARRIVES_WITHIN_MS);
  if (left.length === 0) return error === undefined ? { kind: "done" } : { kind: "done", error };
  if (left.length === data.silent?.length) return { kind: "later", delayMs: ARRIVES_WITHIN_MS };
  // Noted at once: one that is right serves from now on, and is not to be told again whatever happens to its names.
  return { kind: "more", nodeTasks: [], flow: { kind: SWAP_INDEXES, step: SETTLING, data: { ...data, silent: left } } };
}

/** Nodes that some open swap is decided, or about to be decided, without. */
export function unsettledNodes(open: readonly Task[]): ReadonlySet<string> {
  const swaps = open.filter(({ flow }) => flow?.kind === SWAP_INDEXES);
  return new Set(swaps.flatMap(({ flow }) => (flow?.data as Partial<SwapData> | undefined)?.silent ?? []));
}

/**
 * Never kept for later: what is brought twice does nothing, and nobody could say how often a node has had it. Says which
 * node may not have it.
 */
export async function tellOnce(
  deps: { readonly lanes: Pick<Lanes, "submit"> },
  swaps: readonly Swap[],
  nodeIds: readonly string[],
): Promise<string | undefined> {
  const { request } = orders.swap(swaps, "undo");
  const outcomes = await deps.lanes.submit(
    laneOf(swaps),
    nodeIds.map((nodeId) => ({ nodeId, request })),
  );
  return outcomes.find(({ kind }) => kind !== "enqueued")?.nodeId;
}

export function laneOf(swaps: readonly Swap[]): string {
  return swaps[0]?.indexes[0] ?? "";
}

export function reversed(swap: Swap): Swap {
  return { ...swap, indexes: [swap.indexes[1], swap.indexes[0]] };
}
