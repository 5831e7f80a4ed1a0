/** Deletes expired documents, index by index as `ttl.sweep_interval_s` says. */
import type { Sweeper } from "../services/ttl/sweeper.ts";
import type { Coordinator } from "./coordinator.ts";

export function ttlSweep(sweeper: Pick<Sweeper, "run">): Coordinator {
  return {
    name: "ttl-sweep",
    intervalMs: LOOK_MS,
    tick: (signal) => sweeper.run(signal),
  };
}

/** How often it is looked whether something is due or done; that costs nothing as long as nothing is. */
const LOOK_MS = 1_000;
