/**
 * Leases as their holder sees them: renewed by themselves while they are held, and given up at once, through a signal,
 * when one is lost or could not be renewed in time. A lease that this router has is given to nobody else here: what must
 * have one owner has one caller.
 */
import { leaseLost } from "../../store/refusals.ts";
import type { Fence, Lease, LeaseStore } from "../../store/lease-store.ts";
import type { Clock, Timer } from "../../platform/clock.ts";
import type { Emit } from "../../telemetry/event.ts";
import { leaseRenewalFailed } from "../../telemetry/events/routers.ts";

export interface LeaseKeeperDeps {
  readonly leases: LeaseStore;
  readonly clock: Pick<Clock, "monotonicMs" | "startTimer">;
  readonly emit: Emit;
  /** The run of this router. */
  readonly holder: string;
  /** `leader_election.lease_ttl_s`. */
  readonly ttlMs: number;
  /** `leader_election.renew_interval_s`. */
  readonly renewMs: number;
  /** `leader_election.enabled`: false never asks for one. */
  readonly enabled: boolean;
}

export interface HeldLease {
  /** Goes with every write that the holder makes. */
  readonly fence: Fence;
  /** Fires when the lease is lost or given back; whoever works under it stops. */
  readonly signal: AbortSignal;
  /** The same, asked at this moment: true only while nobody else can have it, also right after the process stood still. */
  holds(): boolean;
  release(): Promise<void>;
}

export interface LeaseKeeper {
  /** undefined while another router, or another caller here, has it. Rejects when the store does not answer. */
  acquire(scope: string): Promise<HeldLease | undefined>;
  /** After how many milliseconds it is worth asking again. */
  readonly retryMs: number;
}

export function createLeaseKeeper(deps: LeaseKeeperDeps): LeaseKeeper {
  return {
    retryMs: deps.renewMs,
    async acquire(scope) {
      if (!deps.enabled) return undefined;
      const fromMs = deps.clock.monotonicMs();
      const lease = await deps.leases.acquire(scope, deps.holder, deps.ttlMs);
      return lease === undefined ? undefined : keep(deps, lease, fromMs);
    },
  };
}

function keep(deps: LeaseKeeperDeps, lease: Lease, fromMs: number): HeldLease {
  const { clock, leases, ttlMs, renewMs } = deps;
  const ending = new AbortController();
  let endsAtMs = fromMs + ttlMs * (1 - CLOCKS_DIFFER);
  let renewal: Timer | null = null;
  let deadline: Timer | null = null;

  const end = (): void => {
    renewal?.cancel();
    deadline?.cancel();
    if (!ending.signal.aborted) ending.abort(leaseLost(lease.scope));
  };
  const watch = (): void => {
    deadline?.cancel();
    deadline = clock.startTimer(Math.max(0, endsAtMs - clock.monotonicMs()), end);
  };
  const renew = async (): Promise<void> => {
    const startedMs = clock.monotonicMs();
    // A process that stood still runs its timers late; by then the lease may be another's.
    if (startedMs >= endsAtMs) return end();
    let isHeld: boolean;
    try {
      isHeld = await leases.renew(lease, ttlMs);
    } catch (cause) {
      deps.emit(leaseRenewalFailed, {
        scope: lease.scope,
        detail: cause instanceof Error ? cause.message : String(cause),
      });
      if (!ending.signal.aborted) renewal = clock.startTimer(RETRY_MS, again);
      return;
    }
    if (ending.signal.aborted) return;
    if (!isHeld) return end();
    endsAtMs = startedMs + ttlMs * (1 - CLOCKS_DIFFER);
    watch();
    renewal = clock.startTimer(renewMs, again);
  };
  const again = (): void => void renew();

  watch();
  renewal = clock.startTimer(renewMs, again);
  return {
    fence: { scope: lease.scope, number: lease.number },
    signal: ending.signal,
    holds: () => !ending.signal.aborted && clock.monotonicMs() < endsAtMs,
    async release() {
      const isHeld = !ending.signal.aborted;
      end();
      // One that cannot be given back runs out by itself.
      if (isHeld) await leases.release(lease).catch(() => undefined);
    },
  };
}

const RETRY_MS = 500;
const CLOCKS_DIFFER = 0.05;
