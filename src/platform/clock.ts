/**
 * Time as a port. Everything that waits or reads a clock receives one of these, so that tests and the
 * simulation own time and a seed repeats a failure.
 */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. May jump; never subtract two of these to measure a duration. */
  nowMs(): number;
  /** Monotonic clock in milliseconds with a fraction; only differences mean anything. */
  monotonicMs(): number;
  /** Resolves after `durationMs`; rejects with the signal's reason when it fires first. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `callback` once after `durationMs` unless cancelled. The caller owns the timer and must cancel it. */
  startTimer(durationMs: number, callback: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}
