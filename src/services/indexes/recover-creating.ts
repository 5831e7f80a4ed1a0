/**
 * At start: entries that were on their way in or out when the router ended and that no open task will finish. For one
 * that was being created the nodes are told once more, which changes nothing where it was done already, and the index
 * becomes visible.
 */
import type { Task } from "../../core/tasks/task.ts";
import { recordMissed } from "../broadcast/broadcast.ts";
import type { LifecycleDeps } from "./lifecycle-deps.ts";
import { makeReady, orders } from "./lifecycle-deps.ts";

export interface RecoverInput {
  /** Every catalog entry in state `creating`. */
  readonly creating: readonly string[];
  /** Every task that has not ended. */
  readonly unfinished: readonly Task[];
}

export async function recoverCreating(deps: LifecycleDeps, input: RecoverInput): Promise<void> {
  const open = new Set(input.unfinished.map((task) => task.indexUid));
  // Marked, but the deletion was never noted as a task: nobody was told of it, so it has not happened.
  for (const entry of deps.catalog.list()) {
    if (entry.state === "deleting" && !open.has(entry.uid)) await deps.catalog.put({ ...entry, state: "ready" });
  }
  for (const uid of input.creating) {
    const entry = deps.catalog.get(uid);
    if (open.has(uid) || entry?.state !== "creating") continue;
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
    if (outcomes.some((outcome) => outcome.kind === "refused")) continue;
    await makeReady(
      deps,
      uid,
      outcomes.map(({ nodeId, kind }) => ({ nodeId, status: kind === "missed" ? "hinted" : "succeeded" })),
    );
  }
}
