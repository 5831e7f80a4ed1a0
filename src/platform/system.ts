/** The real clock and the real dice. The only file that reads them. */
import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (durationMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, durationMs);
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
  startTimer: (durationMs, callback) => {
    const timer = setTimeout(callback, durationMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

export const systemRandom: Random = {
  fraction: () => Math.random(),
  uint32: () => crypto.getRandomValues(new Uint32Array(1))[0] as number,
  uuidV4: () => crypto.randomUUID(),
  uuidV7: () => Bun.randomUUIDv7(),
};
