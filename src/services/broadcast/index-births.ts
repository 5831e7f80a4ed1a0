/**
 * When an index was made on each node, as the nodes say it. Noted before they are told to make or exchange indexes, it
 * tells afterwards what a task has done and what was there before it: an index keeps its time under another name.
 */
import type { Task } from "../../core/tasks/task.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import type { NodeOutcome } from "../../nodes/node-outcome.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { audience, type BroadcastDeps, unavailable } from "./broadcast.ts";
import { hasQueued } from "../fleet/queued-tasks.ts";

/** By node, then by name of the index: when the node says that it was created. Absent: it has none of that name. */
export type NodeBirths = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface BirthDeps {
  readonly client: (nodeId: string) => NodeClient;
  readonly timeoutMs: number;
}

/**
 * As `readBirths`, before nodes are told to make or exchange indexes. Throws 503 when one that is to be told does not say:
 * what it has done then could not be told afterwards, and so not be taken back.
 */
export async function birthsBefore(
  deps: BirthDeps & Pick<BroadcastDeps, "fleet" | "missed" | "policy">,
  whom: "all" | "present",
  uids: readonly string[],
): Promise<NodeBirths> {
  const { present } = audience(deps);
  const before = await readBirths(deps, whom === "all" ? deps.fleet.nodeIds() : present, uids);
  const silent = present.find((nodeId) => before[nodeId] === undefined);
  if (silent !== undefined) throw unavailable(silent);
  return before;
}

/**
 * As `birthsBefore`, of an index that is to be made. One that is being deleted counts for none: every node comes to its
 * deletion first, so that what has the name afterwards is the task's to take away.
 */
export async function strangersBefore(
  deps: Parameters<typeof birthsBefore>[0] & { readonly catalog: Pick<Catalog, "get"> },
  uid: string,
): Promise<NodeBirths> {
  // Asked first: the deletion may come to its end while the nodes answer.
  const isLeaving = deps.catalog.get(uid) !== undefined;
  const before = await birthsBefore(deps, "all", [uid]);
  const strangers = await Promise.all(
    Object.entries(before).map(async ([nodeId, births]) => {
      const has = births[uid] !== undefined && !isLeaving;
      // Deleted as far as clients are concerned, and the node has still to come to that.
      const isDeleted =
        has &&
        (await hasQueued(deps.client(nodeId), { types: ["indexDeletion"], indexUid: uid }, deps.timeoutMs)) === true;
      return [nodeId, has && !isDeleted ? births : {}] as const;
    }),
  );
  return Object.fromEntries(strangers);
}

/** Nodes that do not answer are left out: what has become of a task on them cannot be said later. */
export async function readBirths(
  deps: BirthDeps,
  nodeIds: readonly string[],
  uids: readonly string[],
): Promise<NodeBirths> {
  const births = await Promise.all(
    nodeIds.map(async (nodeId) => [nodeId, await birthsOn(deps, nodeId, [...new Set(uids)])] as const),
  );
  return Object.fromEntries(births.flatMap(([nodeId, found]) => (found === null ? [] : [[nodeId, found]])));
}

/** What a node says of an index. */
export function askIndex({ client, timeoutMs }: BirthDeps, nodeId: string, uid: string): Promise<NodeOutcome> {
  const request = {
    method: "GET",
    path: `/indexes/${uid}`,
    operation: "indexes.get",
    timeoutMs,
    repeat: "safe",
  } as const;
  return client(nodeId).send(request);
}

/** null: the node does not answer. */
export async function birthsOn(
  deps: BirthDeps,
  nodeId: string,
  uids: readonly string[],
): Promise<Readonly<Record<string, string>> | null> {
  const births: Record<string, string> = {};
  for (const uid of uids) {
    const outcome = await askIndex(deps, nodeId, uid);
    if (outcome.kind === "unavailable") return null;
    if (outcome.kind === "answered") births[uid] = (JSON.parse(outcome.text) as { createdAt: string }).createdAt;
  }
  return births;
}

/**
 * May an index that a task was to make be taken away from a node again? Only if the node had none of that name before:
 * else it is somebody's who made it past the router. What is only kept for a node that is away is followed by what takes
 * it back. A task of an older version has noted nothing.
 */
export function mayTakeAway(task: Task, before: NodeBirths | undefined, uid: string, nodeId: string): boolean {
  if (before === undefined) return true;
  const isKept = task.nodeTasks.some((one) => one.nodeId === nodeId && one.status === "hinted");
  const had = before[nodeId];
  return isKept || (had !== undefined && had[uid] === undefined);
}
