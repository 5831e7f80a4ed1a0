/**
 * Brings kept writes to nodes that are back, in order; a node answers reads again only when it has them all. Of several
 * routers one brings those of a node, the one that has its lease.
 */
import type { Fleet } from "../services/fleet/fleet.ts";
import type { Hints } from "../services/hints/hints.ts";
import type { HeldLease, LeaseKeeper } from "../services/routers/lease-keeper.ts";
import type { Coordinator } from "./coordinator.ts";

const INTERVAL_MS = 250;
/** Steps for one node before the others get their turn. */
const STEPS_PER_TICK = 64;

export function hintReplay(
  hints: Pick<Hints, "states" | "settleDoubts" | "replayStep">,
  fleet: Pick<Fleet, "healthy">,
  leases: Pick<LeaseKeeper, "acquire">,
): Coordinator {
  const held = new Map<string, HeldLease>();

  const leaseOf = async (nodeId: string): Promise<HeldLease | undefined> => {
    const known = held.get(nodeId);
    if (known?.holds() === true) return known;
    const lease = await leases.acquire(`hints:${nodeId}`);
    if (lease === undefined) held.delete(nodeId);
    else held.set(nodeId, lease);
    return lease;
  };

  const replay = async (nodeId: string, signal: AbortSignal): Promise<void> => {
    const lease = await leaseOf(nodeId);
    if (lease === undefined) return;
    for (let step = 0; step < STEPS_PER_TICK && !signal.aborted && lease.holds(); step += 1) {
      if ((await hints.replayStep(nodeId, () => lease.holds())) !== "more") return;
    }
  };

  return {
    name: "hint-replay",
    intervalMs: INTERVAL_MS,
    async tick(signal) {
      // Every router for itself, also for nodes that another one brings their writes to.
      await hints.settleDoubts();
      const waiting = [...hints.states().keys()].filter((nodeId) => fleet.healthy(nodeId));
      for (const [nodeId, lease] of held) {
        if (waiting.includes(nodeId)) continue;
        held.delete(nodeId);
        await lease.release();
      }
      await Promise.all(waiting.map((nodeId) => replay(nodeId, signal)));
    },
    async onStop() {
      await Promise.all([...held.values()].map((lease) => lease.release()));
      held.clear();
    },
  };
}
