/**
 * At start: entries that were being created when the router ended and that no open task will finish. The nodes are
 * told once more, which changes nothing where it was done already, and the index becomes visible.
 */
import type { Task } from "../../core/tasks/task.ts";
import type { LaneEntry } from "../../scatter/lane.ts";
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
  for (const uid of input.creating) {
    const entry = deps.catalog.get(uid);
    if (open.has(uid) || entry?.state !== "creating") continue;
    const needed = [
      orders.createIndex(uid, entry.primaryKey, "prepare"),
      orders.initialSettings(uid, deps.wantedSettings(uid)),
    ];
    const entries: LaneEntry[] = deps.fleet
      .nodeIds()
      .flatMap((nodeId) => needed.map((order) => ({ nodeId, request: order.request })));
    const outcomes = await deps.lanes.submit(uid, entries);
    for (const [place, outcome] of outcomes.entries()) {
      if (outcome.kind === "missed") await deps.missed.recordMissed(entries[place] as LaneEntry, null);
    }
    if (outcomes.every((outcome) => outcome.kind !== "refused")) await makeReady(deps, uid);
  }
}
