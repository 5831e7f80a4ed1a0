/**
 * Runs one background loop: owns its timer, never lets two runs overlap, goes on after a run that threw (with growing
 * pauses, short ones while it is the store that is away), and stops without leaving anything behind. One that must have a
 * single owner runs only under its lease.
 */
import { ApiError } from "../core/errors/api-error.ts";
import type { Clock, Timer } from "../platform/clock.ts";
import type { Emit } from "../telemetry/event.ts";
import { tickFailed } from "../telemetry/events/coordinators.ts";
import type { LeaseKeeper } from "../services/routers/lease-keeper.ts";
import type { Coordinator } from "./coordinator.ts";
import { createLeadership } from "./leadership.ts";

export interface RunningCoordinator {
  /** Resolves when the last run has ended. */
  stop(): Promise<void>;
}

export interface RunnerDeps {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly leases: LeaseKeeper;
}

const FIRST_PAUSE_MS = 250;
const PAUSE_MAX_MS = 30_000;
/** Everything works again soon after the store does, however long it was away. */
const STORE_PAUSE_MAX_MS = 2_000;

/** The first run begins after `intervalMs`, or earlier if the coordinator hurries. */
export function runCoordinator(coordinator: Coordinator, { clock, emit, leases }: RunnerDeps): RunningCoordinator {
  const stopping = new AbortController();
  const leadership = coordinator.lease === undefined ? null : createLeadership(coordinator.lease, leases, emit);
  let timer: Timer | null = null;
  let firesAtMs = Infinity;
  let running: Promise<void> | null = null;
  /** What `hurry` asked for while a run was on its way. */
  let hurriedAtMs = Infinity;
  let failures = 0;
  let toldAtMs = -Infinity;

  const arm = (delayMs: number): void => {
    timer?.cancel();
    firesAtMs = clock.monotonicMs() + delayMs;
    timer = clock.startTimer(delayMs, fire);
  };

  const fire = (): void => {
    timer = null;
    firesAtMs = Infinity;
    running = run().finally(() => {
      running = null;
    });
  };

  const run = async (): Promise<void> => {
    const delayMs = await tickOnce();
    if (stopping.signal.aborted) return;
    // A hurry does not shorten the pause after a failure: what fails must not spin.
    const earliest = failures === 0 ? Math.max(0, hurriedAtMs - clock.monotonicMs()) : Infinity;
    hurriedAtMs = Infinity;
    arm(Math.min(delayMs, earliest));
  };

  const tickOnce = async (): Promise<number> => {
    try {
      const wanted = await tickUnderLease();
      failures = 0;
      return typeof wanted === "number" ? wanted : coordinator.intervalMs;
    } catch (cause) {
      if (stopping.signal.aborted) return 0;
      failures += 1;
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), PAUSE_MAX_MS);
      const retryMs = isStoreAway(cause) ? Math.min(pauseMs, STORE_PAUSE_MAX_MS) : pauseMs;
      // However often it is tried: told as seldom as the pauses would be.
      if (failures === 1 || clock.monotonicMs() - toldAtMs >= pauseMs / 2) {
        toldAtMs = clock.monotonicMs();
        const detail = cause instanceof Error ? cause.message : String(cause);
        emit(tickFailed, { coordinator: coordinator.name, failures, retryMs, detail });
      }
      return retryMs;
    }
  };

  const tickUnderLease = async (): Promise<number | void> => {
    if (leadership === null) return coordinator.tick(stopping.signal);
    const lease = await leadership.lead();
    if (lease === undefined) return leases.retryMs;
    return coordinator.tick(AbortSignal.any([stopping.signal, lease.signal]), lease.fence);
  };

  const hurry = (delayMs: number): void => {
    const atMs = clock.monotonicMs() + delayMs;
    if (stopping.signal.aborted || failures > 0) return;
    if (running !== null) hurriedAtMs = Math.min(hurriedAtMs, atMs);
    else if (atMs < firesAtMs) arm(delayMs);
  };

  coordinator.onStart?.(hurry);
  if (timer === null) arm(coordinator.intervalMs);

  return {
    stop: async () => {
      stopping.abort(new DOMException("The router is stopping.", "AbortError"));
      timer?.cancel();
      timer = null;
      await running;
      await coordinator.onStop?.();
      await leadership?.step();
    },
  };
}

function isStoreAway(cause: unknown): boolean {
  return cause instanceof ApiError && cause.code === "miroir_store_unavailable";
}
