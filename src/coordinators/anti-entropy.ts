/** Compares all replicas when `anti_entropy.schedule` says so; each router compares its share. */
import type { Coordinator } from "./coordinator.ts";

export function antiEntropy(pass: (signal: AbortSignal) => Promise<number>): Coordinator {
  return {
    name: "anti-entropy",
    intervalMs: FIRST_MS,
    tick: (signal) => pass(signal),
  };
}

const FIRST_MS = 5_000;
