/** This router among those that share its store: its heartbeats, its leases, and whose turn it is. */
import type { Config } from "../config/config.ts";
import { apiError } from "../core/errors/api-error.ts";
import { createSequenceClock, type SequenceClock } from "../core/markers/sequence-clock.ts";
import { heartbeat } from "../coordinators/heartbeat.ts";
import { runCoordinator, type RunningCoordinator } from "../coordinators/run-coordinator.ts";
import type { Clock } from "../platform/clock.ts";
import { createChangeWatch, type ChangeWatch } from "../services/routers/change-watch.ts";
import { createLeaseKeeper, type LeaseKeeper } from "../services/routers/lease-keeper.ts";
import { createMembership, type Membership } from "../services/routers/membership.ts";
import { createTurns, ownTurns, type Turns } from "../services/routers/turns.ts";
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
  readonly watch: ChangeWatch;
  readonly turns: Turns;
  /** Numbers that no other router gives out, and that do not fall behind those of whoever had the turn before. */
  readonly sequenceClock: SequenceClock;
  /** What to do each time this router gets the turn on an index, before any work on it. */
  onTurn(listener: (indexUid: string) => Promise<void>): void;
  /** Joins the others, begins to send heartbeats, and knows what they know when it resolves. One that failed may be repeated. */
  start(epoch: number): Promise<void>;
  /** Gives everything back and leaves. */
  stop(): Promise<void>;
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
  const watch = createChangeWatch({ feed: store.changes, run, clock, emit, patienceMs: membership.ttlMs });
  const listeners: ((indexUid: string) => Promise<void>)[] = [];
  const gained = async (scope: string): Promise<void> => {
    await watch.catchUp();
    if (scope !== FLEET_SCOPE) for (const listener of listeners) await listener(scope);
  };
  const sequenceClock = createSequenceClock(() => membership.number());
  const order = {
    next: () => sequenceClock.next(clock.nowMs()),
    witness: (seen: bigint) => sequenceClock.witness(seen),
  };
  const turns =
    store.turns === undefined
      ? ownTurns
      : createTurns({ store: store.turns, membership, gained, order, clock, emit, patienceMs: TURN_PATIENCE_MS });
  let beating: RunningCoordinator | undefined;
  return {
    membership,
    leases,
    watch,
    turns,
    sequenceClock,
    onTurn: (listener) => void listeners.push(listener),
    async start(topologyEpoch) {
      await membership.join();
      if (!store.changes.shared) await refuseOthers(membership, clock);
      beating ??= runCoordinator(heartbeat(membership, heartbeatMs), { clock, emit, leases });
      store.topology.follow(topologyEpoch);
      await watch.catchUp();
      watch.start();
    },
    async stop() {
      await beating?.stop();
      await turns.close();
      await membership.leave().catch(() => undefined);
    },
  };
}

/** A file has one router. Another one that still sends heartbeats into it is no rest of a former run. */
async function refuseOthers(membership: Membership, clock: Clock): Promise<void> {
  const untilMs = clock.monotonicMs() + membership.ttlMs * 1.5;
  for (;;) {
    const other = membership.living().find((one) => one.run !== membership.run);
    if (other === undefined) return;
    if (clock.monotonicMs() >= untilMs) {
      await membership.leave().catch(() => undefined);
      throw apiError(
        "bad_request",
        `The router \`${other.name}\` uses the same store: a file has one router. Give this one a store of its own fleet, or let both use \`task_store.backend: redis\`.`,
      );
    }
    await clock.sleep(OTHERS_PAUSE_MS);
    await membership.beat();
  }
}

const OTHERS_PAUSE_MS = 500;

/** The turn on what belongs to all nodes and no index: API keys, experimental features. No index has such a name. */
export const FLEET_SCOPE = ":fleet";

/** Longer than a router that has died is believed in, shorter than a request may take. */
const TURN_PATIENCE_MS = 20_000;

const HEARTBEATS_MISSED_MAX = 3;
