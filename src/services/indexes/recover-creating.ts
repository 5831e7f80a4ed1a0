/**
 * Entries that were on their way in or out when their router ended and that no open task will finish. For one that was
 * being created the nodes are told once more, which changes nothing where it was done already, and the index becomes
 * visible when they have done it. Done at the start, and when another router has died.
 */
import type { TaskType } from "../../core/tasks/task.ts";
import { recordMissed } from "../broadcast/broadcast.ts";
import { isGoing } from "./delete-index.ts";
import type { LifecycleDeps } from "./lifecycle-deps.ts";
import { orders } from "./lifecycle-deps.ts";

/** An index that nodes have been told to make, and that no task is about. */
export interface Making {
  readonly uid: string;
  readonly createdAt: number;
  /** The task of each node that sets the markers; null: it gets it later. */
  readonly nodeTasks: readonly { readonly nodeId: string; readonly taskUid: number | null }[];
}

export interface RecoverInput {
  /** Every catalog entry in state `creating`. */
  readonly creating: readonly string[];
  /**
   * Has a task of the index not ended, or is it followed? Asked of the store, since it may be another router's. Of an index
   * that is marked as deleted only its deletion counts: any other waits for that itself.
   */
  readonly isOpen: (uid: string, types?: readonly TaskType[]) => Promise<boolean>;
  /** Begins to follow the nodes until they have carried out what they were told: no task is there for that. */
  readonly follow: (making: Making) => void;
}

export async function recoverCreating(deps: LifecycleDeps, input: RecoverInput): Promise<void> {
  const isOpen = (uid: string): Promise<boolean> =>
    deps.catalog.get(uid)?.state === "deleting" ? input.isOpen(uid, ["indexDeletion"]) : input.isOpen(uid);
  const deleting = deps.catalog.list().filter((entry) => entry.state === "deleting");
  for (const uid of [...deleting.map((entry) => entry.uid), ...input.creating]) {
    if (await isOpen(uid)) continue;
    // Whoever had the turn, or makes the index in this router at this moment, may have noted its task only now.
    await deps.turns.run([uid], () =>
      deps.gate.run(uid, async () => {
        const making = (await isOpen(uid)) ? null : await tellAgain(deps, uid);
        if (making !== null) input.follow(making);
      }),
    );
  }
}

/** null: there is nothing to follow. */
async function tellAgain(deps: LifecycleDeps, uid: string): Promise<Making | null> {
  const entry = deps.catalog.get(uid);
  if (entry?.state !== "creating" && entry?.state !== "deleting") return null;
  const needed = [
    orders.createIndex(uid, entry.primaryKey, "prepare"),
    orders.initialSettings(uid, deps.wantedSettings(uid), deps.form),
  ];
  const nodeIds = deps.fleet.nodeIds();
  const steps = nodeIds.flatMap((nodeId) => needed.map((order) => ({ nodeId, order })));
  const outcomes = await deps.lanes.submit(
    uid,
    steps.map(({ nodeId, order }) => ({ nodeId, request: order.request })),
  );
  for (const [place, { nodeId, order }] of steps.entries()) {
    if (outcomes[place]?.kind === "missed") await recordMissed(deps, uid, nodeId, order, null);
  }
  if (outcomes.some((outcome) => outcome.kind === "refused")) return null;
  // Marked, but the deletion was never noted as a task: nobody was told of it, so it has not happened. It may have been
  // an index that was still to be made.
  await deps.catalog.update(uid, (now) => (isGoing(now, entry) ? { ...now, state: "ready" } : now));
  const nodeTasks = nodeIds.map((nodeId) => {
    const last = outcomes.findLast((outcome) => outcome.nodeId === nodeId);
    return { nodeId, taskUid: last?.kind === "enqueued" ? last.taskUid : null };
  });
  return { uid, createdAt: entry.createdAt, nodeTasks };
}
