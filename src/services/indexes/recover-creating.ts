/**
 * Entries that were on their way in or out when their router ended and that no open task will finish. For one that was
 * being created the nodes are told once more, which changes nothing where it was done already, and the index becomes
 * visible. Done at the start, and when another router has died.
 */
import { recordMissed } from "../broadcast/broadcast.ts";
import type { LifecycleDeps } from "./lifecycle-deps.ts";
import { makeReady, orders } from "./lifecycle-deps.ts";

export interface RecoverInput {
  /** Every catalog entry in state `creating`. */
  readonly creating: readonly string[];
  /** Has a task of the index not ended? Asked of the store, since it may be another router's. */
  readonly isOpen: (uid: string) => Promise<boolean>;
  /** Begins to look whether the nodes have carried out what they were told: no task is there to follow that. */
  readonly look: (uid: string) => void;
}

export async function recoverCreating(deps: LifecycleDeps, input: RecoverInput): Promise<void> {
  const deleting = deps.catalog.list().filter((entry) => entry.state === "deleting");
  for (const uid of [...deleting.map((entry) => entry.uid), ...input.creating]) {
    if (await input.isOpen(uid)) continue;
    // Whoever had the turn, or makes the index in this router at this moment, may have noted its task only now.
    await deps.turns.run([uid], () =>
      deps.gate.run(uid, async () => {
        if (!(await input.isOpen(uid))) await recoverOne(deps, uid);
      }),
    );
    input.look(uid);
  }
}

async function recoverOne(deps: LifecycleDeps, uid: string): Promise<void> {
  const entry = deps.catalog.get(uid);
  if (entry?.state === "creating" || entry?.state === "deleting") {
    const needed = [
      orders.createIndex(uid, entry.primaryKey, "prepare"),
      orders.initialSettings(uid, deps.wantedSettings(uid), deps.tieBreak),
    ];
    const steps = deps.fleet.nodeIds().flatMap((nodeId) => needed.map((order) => ({ nodeId, order })));
    const outcomes = await deps.lanes.submit(
      uid,
      steps.map(({ nodeId, order }) => ({ nodeId, request: order.request })),
    );
    for (const [place, { nodeId, order }] of steps.entries()) {
      if (outcomes[place]?.kind === "missed") await recordMissed(deps, uid, nodeId, order, null);
    }
    if (outcomes.some((outcome) => outcome.kind === "refused")) return;
    // Marked, but the deletion was never noted as a task: nobody was told of it, so it has not happened. It may have been
    // an index that was still to be made.
    await deps.catalog.update(uid, (now) =>
      now.state === "deleting" && now.createdAt === entry.createdAt ? { ...now, state: "ready" } : now,
    );
    await makeReady(
      deps,
      uid,
      outcomes.map(({ nodeId, kind }) => ({ nodeId, status: kind === "missed" ? "hinted" : "succeeded" })),
    );
  }
}
