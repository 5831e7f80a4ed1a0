/**
 * Which nodes have carried out a swap? A second swap would undo the first, so nothing may be guessed: an index keeps its
 * time of creation on a node when it changes its name, and those were noted before the nodes were told.
 */
import { type BirthDeps, birthsOn, type NodeBirths } from "../broadcast/index-births.ts";
import type { Swap } from "./swap-indexes.ts";

export interface SwapVerdict {
  readonly swapped: readonly string[];
  /** They do not say, or still have a swap to carry out. */
  readonly unknown: readonly string[];
}

export async function swappedNodes(deps: BirthDeps, before: NodeBirths, swaps: readonly Swap[]): Promise<SwapVerdict> {
  const verdicts = await Promise.all(
    Object.entries(before).map(async ([nodeId, births]) => {
      if (await hasOpenSwap(deps, nodeId)) return { nodeId, isSwapped: null };
      const now = await birthsOn(deps, nodeId, Object.keys(births));
      if (now === null) return { nodeId, isSwapped: null };
      const [left, right] = swaps.find(({ indexes }) => births[indexes[0]] !== births[indexes[1]])?.indexes ?? [];
      if (left === undefined || right === undefined) return { nodeId, isSwapped: false };
      // The place of the first is taken by the second, or stands empty after a renaming.
      return { nodeId, isSwapped: now[left] === births[right] && now[left] !== births[left] };
    }),
  );
  const those = (what: boolean | null): readonly string[] =>
    verdicts.filter(({ isSwapped }) => isSwapped === what).map(({ nodeId }) => nodeId);
  return { swapped: those(true), unknown: those(null) };
}

/** True as well when the node does not say. */
async function hasOpenSwap(deps: BirthDeps, nodeId: string): Promise<boolean> {
  const path = "/tasks?types=indexSwap&statuses=enqueued,processing&limit=1";
  const { timeoutMs } = deps;
  const outcome = await deps
    .client(nodeId)
    .send({ method: "GET", path, operation: "tasks.list", timeoutMs, repeat: "safe" });
  if (outcome.kind !== "answered") return true;
  return (JSON.parse(outcome.text) as { results: readonly unknown[] }).results.length > 0;
}
