/**
 * A clock that stands still until a test moves it. `advance` fires due timers in the order of their time and lets all
 * promises settle after each, so that a test sees the same history in every run.
 */
import type { Clock } from "../../src/platform/clock.ts";

export interface FakeClock extends Clock {
  /** Moves time on by `durationMs`, firing what becomes due on the way, also what those callbacks arm themselves. */
  advance(durationMs: number): Promise<void>;
  /** Lets everything settle that needs no time. */
  settle(): Promise<void>;
  /** Timers and sleeps that are armed now; a stopped program must leave none. */
  pendingTimers(): number;
}

export function createFakeClock(startMs = Date.UTC(2025, 0, 1)): FakeClock {
  let elapsedMs = 0;
  let order = 0;
  const armed = new Map<number, { readonly atMs: number; readonly callback: () => void }>();

  const arm = (durationMs: number, callback: () => void): number => {
    order += 1;
    armed.set(order, { atMs: elapsedMs + Math.max(0, durationMs), callback });
    return order;
  };

  const nextDue = (untilMs: number): number | undefined => {
    let best: number | undefined;
    for (const [id, timer] of armed) {
      if (timer.atMs > untilMs) continue;
      if (best === undefined || timer.atMs < (armed.get(best)?.atMs ?? Infinity)) best = id;
    }
    return best;
  };

  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    startTimer: (durationMs, callback) => {
      const id = arm(durationMs, callback);
      return { cancel: () => void armed.delete(id) };
    },
    sleep: (durationMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const onAbort = (): void => {
          armed.delete(id);
          reject(signal?.reason as Error);
        };
        const id = arm(durationMs, () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        });
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
    advance: async (durationMs) => {
      const untilMs = elapsedMs + durationMs;
      await settleAll();
      for (let id = nextDue(untilMs); id !== undefined; id = nextDue(untilMs)) {
        const timer = armed.get(id);
        armed.delete(id);
        if (timer === undefined) continue;
        elapsedMs = Math.max(elapsedMs, timer.atMs);
        timer.callback();
        await settleAll();
      }
      elapsedMs = untilMs;
    },
    settle: settleAll,
    pendingTimers: () => armed.size,
  };
}

/** Enough turns of the event loop for chains of promises and for work that is put off to the end of a turn. */
const SETTLE_TURNS = 8;

async function settleAll(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn += 1) {
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
}
