/** Whether this router is the one that runs a coordinator: it keeps the lease from run to run and tells of every change. */
import type { HeldLease, LeaseKeeper } from "../services/routers/lease-keeper.ts";
import type { Emit } from "../telemetry/event.ts";
import { leadershipChanged } from "../telemetry/events/routers.ts";

export interface Leadership {
  /** The lease, newly acquired if need be; undefined while another router leads. */
  lead(): Promise<HeldLease | undefined>;
  /** Gives the lease back, so that another router need not wait for its end. */
  step(): Promise<void>;
}

export function createLeadership(scope: string, leases: Pick<LeaseKeeper, "acquire">, emit: Emit): Leadership {
  let held: HeldLease | undefined;
  emit(leadershipChanged, { scope, leads: false });
  return {
    async lead() {
      if (held !== undefined && !held.signal.aborted) return held;
      const lease = await leases.acquire(scope);
      held = lease;
      if (lease === undefined) return undefined;
      emit(leadershipChanged, { scope, leads: true });
      lease.signal.addEventListener("abort", () => emit(leadershipChanged, { scope, leads: false }), { once: true });
      return lease;
    },
    async step() {
      await held?.release();
      held = undefined;
    },
  };
}
