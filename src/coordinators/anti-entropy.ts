/** Compares all replicas when `anti_entropy.schedule` says so; of several routers one does it. */
import type { Coordinator } from "./coordinator.ts";

export function antiEntropy(pass: (signal: AbortSignal) => Promise<number>): Coordinator {
  return {
    name: "anti-entropy",
    intervalMs: FIRST_MS,
    lease: "anti_entropy",
    tick: (signal) => pass(signal),
  };
}

const FIRST_MS = 5_000;
