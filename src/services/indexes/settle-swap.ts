/** What is told of a swap to single nodes, and the end of one that was decided without some of them. */
import type { Lanes } from "../../scatter/lane.ts";
import type { FlowStep } from "../tasks/task-registry.ts";
import { orders } from "./lifecycle-deps.ts";
import { type RightSince, type SettleDeps, settleSilent } from "./settle-names.ts";
import { SETTLING, type Swap, SWAP_INDEXES, type SwapData } from "./swap-data.ts";

export async function settleSwap(deps: SettleDeps, data: SwapData, since: RightSince): Promise<FlowStep> {
  const { error, swaps, silent = [], before = {} } = data;
  const { request } = orders.swap(error === undefined ? swaps : swaps.map(reversed), "undo");
  const tell = (nodeId: string): Promise<unknown> => deps.client(nodeId).send(request);
  const flow = { kind: SWAP_INDEXES, step: SETTLING, data: { ...data } };
  return settleSilent(deps, { silent, before, swaps, error, tell }, flow, since);
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
