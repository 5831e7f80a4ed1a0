/**
 * The end of a repair as a whole: indexes that the node has and nobody knows of. It was given what the catalog named when
 * the repair began, and an index may have got another name, or have gone, in the moment between that and its first write.
 */
import type { InTurn } from "../../platform/in-turn.ts";
import type { TaskFilter, TaskStore } from "../../store/task-store.ts";
import { type AlignDeps, indexesOn } from "./align-indexes.ts";
import type { ReplicaDeps } from "./replica-deps.ts";

export interface RemoveLeftDeps
  extends Pick<AlignDeps, "fleet" | "indexes">, Pick<ReplicaDeps, "lanes" | "underRepair"> {
  readonly taskStore: Pick<TaskStore, "list">;
  /** Whoever makes or removes an index of a name takes both for it; these turns wait for no change of names. */
  readonly nameTurns: ReplicaDeps["turns"];
  readonly gate: Pick<InTurn<string>, "run">;
}

/**
 * Only what a node that is right does not have either, and only while no index changes on any router: what this node has
 * first then may be what the others get next. False: something is left.
 */
export async function removeLeft(deps: RemoveLeftDeps, nodeId: string): Promise<boolean> {
  const others = deps.fleet.nodeIds().filter((id) => id !== nodeId);
  if (others.length === 0) return true;
  const mine = await indexesOn(deps, nodeId);
  if (mine === null) return false;
  let isDone = true;
  for (const uid of mine) {
    if (isKnown(deps, uid)) continue;
    const remove = (): Promise<boolean> => deps.gate.run(uid, () => removeOne(deps, nodeId, others, uid));
    isDone = (await deps.nameTurns.run([uid], remove)) && isDone;
  }
  return isDone;
}

async function removeOne(
  deps: RemoveLeftDeps,
  nodeId: string,
  others: readonly string[],
  uid: string,
): Promise<boolean> {
  if ((await deps.taskStore.list(CHANGING, { limit: 1 })).total > 0) return false;
  const right = others.find((id) => deps.fleet.readable(id));
  // Where nobody is known to be right, all of them are asked.
  const asked = right === undefined ? others : [right];
  const theirs = await Promise.all(asked.map(async (id) => (deps.fleet.healthy(id) ? indexesOn(deps, id) : null)));
  if (theirs.includes(null)) return false;
  const having = asked.filter((_id, place) => theirs[place]?.has(uid) === true);
  // Whoever still has to be brought writes may be about to lose it. What others have under repair is left to an operator.
  if (having.length > 0) return having.every((id) => deps.underRepair(id));
  if (isKnown(deps, uid)) return true;
  const request = {
    method: "DELETE",
    path: `/indexes/${uid}`,
    operation: "indexes.delete",
    timeoutMs: ENQUEUE_TIMEOUT_MS,
    repeat: "once",
  } as const;
  const [outcome] = await deps.lanes.submit(uid, [{ nodeId, request }]);
  return outcome?.kind === "enqueued";
}

function isKnown(deps: Pick<AlignDeps, "indexes">, uid: string): boolean {
  return deps.indexes().some((entry) => entry.uid === uid);
}

/** Everything that can make an index, or let it have another name. Documents make none that the catalog does not know. */
const CHANGING: TaskFilter = {
  types: ["indexCreation", "indexUpdate", "indexDeletion", "indexSwap", "settingsUpdate"],
  statuses: ["enqueued", "processing"],
};
const ENQUEUE_TIMEOUT_MS = 30_000;
