/** `Idempotency-Key`, where it is honoured. */
import type { Config } from "../config/config.ts";
import type { Coordinator } from "../coordinators/coordinator.ts";
import { idempotencyPrune } from "../coordinators/idempotency-prune.ts";
import type { Clock } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import { createIdempotency, type Idempotency } from "../services/idempotency/idempotency.ts";
import type { Store } from "../store/store.ts";
import type { Emit } from "../telemetry/event.ts";

export interface IdempotencyParts {
  readonly config: Pick<Config, "idempotency">;
  readonly store: Pick<Store, "idempotency" | "tasks" | "changes">;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
}

export interface BuiltIdempotency {
  readonly idempotency: Idempotency | null;
  readonly coordinators: readonly Coordinator[];
}

export function buildIdempotency({ config, store, clock, random, emit }: IdempotencyParts): BuiltIdempotency {
  const { enabled, ttl_seconds: ttlS, max_cached_keys: keysMax } = config.idempotency;
  if (!enabled) return { idempotency: null, coordinators: [] };
  const idempotency = createIdempotency({
    store: store.idempotency,
    tasks: store.tasks,
    clock,
    random,
    emit,
    ttlMs: ttlS * 1_000,
    shared: store.changes.shared,
  });
  return { idempotency, coordinators: [idempotencyPrune(store.idempotency, keysMax, emit)] };
}
