/**
 * Which nodes have carried out a swap? A second swap would undo the first, so nothing may be guessed: an index keeps its
 * time of creation on a node when it changes its name, and those were noted before the nodes were told.
 */
import type { NodeClient, NodeRequest } from "../../nodes/node-client.ts";
import type { NodeOutcome } from "../../nodes/node-outcome.ts";
import type { Swap } from "./swap-indexes.ts";

/** By node, then by name of the index: when the node says that it was created. Absent: it has none of that name. */
export type NodeBirths = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface SwappedDeps {
  readonly client: (nodeId: string) => NodeClient;
  readonly timeoutMs: number;
}

/** Nodes that do not answer are left out: what has become of a swap on them cannot be said later. */
export async function readBirths(
  deps: SwappedDeps,
  nodeIds: readonly string[],
  swaps: readonly Swap[],
): Promise<NodeBirths> {
  const uids = [...new Set(swaps.flatMap(({ indexes }) => indexes))];
  const births = await Promise.all(
    nodeIds.map(async (nodeId) => [nodeId, await birthsOn(deps, nodeId, uids)] as const),
  );
  return Object.fromEntries(births.flatMap(([nodeId, found]) => (found === null ? [] : [[nodeId, found]])));
}

export interface SwapVerdict {
  readonly swapped: readonly string[];
  /** They do not say, or still have a swap to carry out. */
  readonly unknown: readonly string[];
}

export async function swappedNodes(
  deps: SwappedDeps,
  before: NodeBirths,
  swaps: readonly Swap[],
): Promise<SwapVerdict> {
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

async function birthsOn(
  deps: SwappedDeps,
  nodeId: string,
  uids: readonly string[],
): Promise<Readonly<Record<string, string>> | null> {
  const births: Record<string, string> = {};
  for (const uid of uids) {
    const outcome = await ask(deps, nodeId, `/indexes/${uid}`, "indexes.get");
    if (outcome.kind === "unavailable") return null;
    if (outcome.kind === "answered") births[uid] = (JSON.parse(outcome.text) as { createdAt: string }).createdAt;
  }
  return births;
}

/** True as well when the node does not say. */
async function hasOpenSwap(deps: SwappedDeps, nodeId: string): Promise<boolean> {
  const path = "/tasks?types=indexSwap&statuses=enqueued,processing&limit=1";
  const outcome = await ask(deps, nodeId, path, "tasks.list");
  if (outcome.kind !== "answered") return true;
  return (JSON.parse(outcome.text) as { results: readonly unknown[] }).results.length > 0;
}

function ask(deps: SwappedDeps, nodeId: string, path: string, operation: string): Promise<NodeOutcome> {
  const request: NodeRequest = { method: "GET", path, operation, timeoutMs: deps.timeoutMs, repeat: "safe" };
  return deps.client(nodeId).send(request);
}
