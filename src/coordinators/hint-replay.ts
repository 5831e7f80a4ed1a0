/**
 * Brings kept writes to nodes that are back, in order; a node answers reads again only when it has them all. Of several
 * routers one brings those of a node, the one that has its lease. What a router has sent to a node and given up comes, or
 * does not, before anything else does.
 */
import type { NodeAdmission } from "../services/admission/node-admission.ts";
import type { Fleet } from "../services/fleet/fleet.ts";
import type { Hints } from "../services/hints/hints.ts";
import type { Strays } from "../services/hints/strays.ts";
import type { HeldLease, LeaseKeeper } from "../services/routers/lease-keeper.ts";
import type { Coordinator } from "./coordinator.ts";

const INTERVAL_MS = 250;
/** Steps for one node before the others get their turn. */
const STEPS_PER_TICK = 64;

export interface HintReplayDeps {
  readonly hints: Pick<Hints, "states" | "settleDoubts" | "replayStep">;
  readonly strays: Strays;
  readonly fleet: Pick<Fleet, "healthy">;
  readonly admission: Pick<NodeAdmission, "mayReplay">;
  readonly leases: Pick<LeaseKeeper, "acquire">;
}

export function hintReplay({ hints, strays, fleet, admission, leases }: HintReplayDeps): Coordinator {
  const held = new Map<string, HeldLease>();

  const leaseOf = async (nodeId: string): Promise<HeldLease | undefined> => {
    const known = held.get(nodeId);
    if (known?.holds() === true) return known;
    const lease = await leases.acquire(`hints:${nodeId}`);
    if (lease === undefined) held.delete(nodeId);
    else {
      held.set(nodeId, lease);
      // Whoever had it may have been cut off in the middle.
      strays.note(nodeId);
    }
    return lease;
  };

  const replay = async (nodeId: string, signal: AbortSignal): Promise<void> => {
    const lease = await leaseOf(nodeId);
    if (lease === undefined) return;
    const mayGoOn = (): boolean => lease.holds() && !strays.pending(nodeId);
    for (let step = 0; step < STEPS_PER_TICK && !signal.aborted && lease.holds(); step += 1) {
      if (!(await strays.letArrive(nodeId)) || (await hints.replayStep(nodeId, mayGoOn)) !== "more") return;
    }
  };

  return {
    name: "hint-replay",
    intervalMs: INTERVAL_MS,
    async tick(signal) {
      // Every router for itself, also for nodes that another one brings their writes to.
      await hints.settleDoubts();
      const healthy = (nodeId: string): boolean => fleet.healthy(nodeId);
      const behind = [...hints.states().keys()].filter(healthy);
      const waiting = behind.filter((nodeId) => admission.mayReplay(nodeId));
      for (const [nodeId, lease] of held) {
        if (waiting.includes(nodeId)) continue;
        held.delete(nodeId);
        await lease.release();
      }
      const others = strays.nodeIds().filter((nodeId) => healthy(nodeId) && !waiting.includes(nodeId));
      await Promise.all([
        ...waiting.map((nodeId) => replay(nodeId, signal)),
        ...others.map((nodeId) => strays.letArrive(nodeId)),
      ]);
    },
    async onStop() {
      await Promise.all([...held.values()].map((lease) => lease.release()));
      held.clear();
    },
  };
}
