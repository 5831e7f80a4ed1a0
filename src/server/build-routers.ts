/** This router among those that share its store: its heartbeats, its leases, and whose turn it is. */
import type { Config } from "../config/config.ts";
import { createLeaseKeeper, type LeaseKeeper } from "../services/routers/lease-keeper.ts";
import { createMembership, type Membership } from "../services/routers/membership.ts";
import type { Store } from "../store/store.ts";
import type { Emit } from "../telemetry/event.ts";
import { version } from "../version.ts";
import { routerIdentity } from "./router-identity.ts";
import type { Surroundings } from "./surroundings.ts";

export interface RoutersParts {
  readonly config: Config;
  readonly store: Store;
  readonly around: Surroundings;
  readonly emit: Emit;
  readonly epoch: () => number;
}

export interface Routers {
  readonly membership: Membership;
  readonly leases: LeaseKeeper;
  /** Between two heartbeats. */
  readonly heartbeatMs: number;
}

export function buildRouters({ config, store, around, emit, epoch }: RoutersParts): Routers {
  const { clock, random } = around;
  const { name, run } = around.identity ?? routerIdentity(config, random);
  const { lease_ttl_s: ttlS, renew_interval_s: renewS, enabled } = config.leader_election;
  const heartbeatMs = config.peer_discovery.refresh_interval_s * 1_000;
  const membership = createMembership({
    store: store.routers,
    clock,
    emit,
    name,
    run,
    version,
    epoch,
    ttlMs: Math.max(ttlS * 1_000, heartbeatMs * HEARTBEATS_MISSED_MAX),
    superseded: () => around.stop?.("another run has taken the name of this router"),
  });
  const leases = createLeaseKeeper({
    leases: store.leases,
    clock,
    emit,
    holder: run,
    ttlMs: ttlS * 1_000,
    renewMs: renewS * 1_000,
    enabled,
  });
  return { membership, leases, heartbeatMs };
}

const HEARTBEATS_MISSED_MAX = 3;
