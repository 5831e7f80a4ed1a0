/**
 * Which nodes have carried out a swap? A second swap would undo the first, so nothing may be guessed: an index keeps its
 * time of creation on a node when it changes its name, and those were noted before the nodes were told.
 */
import { type BirthDeps, birthsOn, type NodeBirths } from "../broadcast/index-births.ts";
import { hasQueued } from "../fleet/queued-tasks.ts";
import type { Swap } from "./swap-data.ts";

export interface SwapVerdict {
  readonly swapped: readonly string[];
  /** They have what they had before. */
  readonly unswapped: readonly string[];
  /** They still have a change of names to carry out. */
  readonly open: readonly string[];
  readonly silent: readonly string[];
}

export async function swappedNodes(deps: BirthDeps, before: NodeBirths, swaps: readonly Swap[]): Promise<SwapVerdict> {
  const verdicts = await Promise.all(
    Object.entries(before).map(async ([nodeId, births]) => ({ nodeId, is: await judge(deps, nodeId, births, swaps) })),
  );
  const those = (what: Judgement): readonly string[] =>
    verdicts.filter(({ is }) => is === what).map(({ nodeId }) => nodeId);
  return { swapped: those("swapped"), unswapped: those("unswapped"), open: those("open"), silent: those("silent") };
}

/** `neither`: the indexes cannot be told apart, or are gone. */
type Judgement = "swapped" | "unswapped" | "open" | "silent" | "neither";

async function judge(
  deps: BirthDeps,
  nodeId: string,
  births: NodeBirths[string],
  swaps: readonly Swap[],
): Promise<Judgement> {
  const isOpen = await hasQueued(deps.client(nodeId), { types: ["indexSwap", "indexUpdate"] }, deps.timeoutMs);
  if (isOpen !== false) return isOpen === null ? "silent" : "open";
  const now = await birthsOn(deps, nodeId, [...new Set(swaps.flatMap(({ indexes }) => indexes))]);
  if (now === null || births === undefined) return "silent";
  const [left, right] = swaps.find(({ indexes }) => births[indexes[0]] !== births[indexes[1]])?.indexes ?? [];
  if (left === undefined || right === undefined) return "neither";
  // An index that was there is looked for: a node that has lost its disk has neither name, which is no exchange.
  const [here, there] = births[left] === undefined ? [right, left] : [left, right];
  if (now[here] === births[here]) return "unswapped";
  return now[there] === births[here] ? "swapped" : "neither";
}
