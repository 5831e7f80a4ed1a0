/**
 * One step of the start that needs the store and the turn on indexes. What passes (the store is away for a moment, another
 * router writes, this one was cut off while it was busy starting) is waited for: a start that fails leaves its clients
 * with one router less.
 */
import { ApiError } from "../core/errors/api-error.ts";
import type { Clock } from "../platform/clock.ts";

/** Rejects with what the step rejects with, at once when it is no 503, else after a minute of them. */
export async function startStep<T>(clock: Pick<Clock, "monotonicMs" | "sleep">, step: () => Promise<T>): Promise<T> {
  const untilMs = clock.monotonicMs() + PATIENCE_MS;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 503 || clock.monotonicMs() >= untilMs) throw error;
      await clock.sleep(PAUSE_MS);
    }
  }
}

const PATIENCE_MS = 60_000;
const PAUSE_MS = 250;
