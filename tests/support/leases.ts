/** Leases for tests of one router: whoever asks gets them, by a store in memory. */
import type { Clock } from "../../src/platform/clock.ts";
import { createLeaseKeeper, type LeaseKeeper } from "../../src/services/routers/lease-keeper.ts";
import { openMemoryStore } from "../../src/store/memory/open.ts";
import type { LeaseStore } from "../../src/store/lease-store.ts";

export function leasesFor(clock: Clock, leases: LeaseStore = openMemoryStore(clock).leases): LeaseKeeper {
  return createLeaseKeeper({
    leases,
    clock,
    emit: () => {},
    holder: "router-0/run-1",
    ttlMs: 10_000,
    renewMs: 3_000,
    enabled: true,
  });
}
