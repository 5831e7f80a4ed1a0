/**
 * Makes equal what is known to differ: nodes as a whole that missed too much, and copies of single indexes that failed
 * something. What cannot be done now is tried again, ever more seldom.
 */
import type { Coordinator } from "./coordinator.ts";

export interface RepairSteps {
  /** Keeps what has come up since the last run. */
  readonly flush: () => Promise<void>;
  /** True: everything is equal as far as it is known. */
  readonly repair: (signal: AbortSignal) => Promise<boolean>;
}

export function nodeRepair({ flush, repair }: RepairSteps): Coordinator {
  let pauseMs = INTERVAL_MS;
  return {
    name: "node-repair",
    intervalMs: INTERVAL_MS,
    async tick(signal) {
      await flush();
      pauseMs = (await repair(signal)) ? INTERVAL_MS : Math.min(pauseMs * 2, PAUSE_MAX_MS);
      return pauseMs;
    },
  };
}

const INTERVAL_MS = 500;
const PAUSE_MAX_MS = 2_000;
