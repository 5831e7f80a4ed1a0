/** Tells the other routers every `peer_discovery.refresh_interval_s` that this one lives, and learns who else does. */
import type { Membership } from "../services/routers/membership.ts";
import type { Coordinator } from "./coordinator.ts";

export function heartbeat(membership: Pick<Membership, "beat" | "alive">, intervalMs: number): Coordinator {
  return {
    name: "heartbeat",
    intervalMs,
    // A store that is away is told of by whoever needs it; what matters here is to be back as soon as it is.
    tick: async () => {
      try {
        await membership.beat();
        return intervalMs;
      } catch {
        return Math.min(intervalMs, RETRY_MS);
      }
    },
  };
}

const RETRY_MS = 500;
