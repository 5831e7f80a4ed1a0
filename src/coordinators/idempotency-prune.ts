/** Keeps the number of remembered idempotency keys below `idempotency.max_cached_keys`, and tells how many there are. */
import type { IdempotencyStore } from "../store/idempotency-store.ts";
import type { Emit } from "../telemetry/event.ts";
import { idempotencyKeysKept } from "../telemetry/events/idempotency.ts";
import type { Coordinator } from "./coordinator.ts";

export function idempotencyPrune(store: Pick<IdempotencyStore, "keep">, keysMax: number, emit: Emit): Coordinator {
  return {
    name: "idempotency-prune",
    intervalMs: INTERVAL_MS,
    tick: async () => emit(idempotencyKeysKept, { keys: await store.keep(keysMax) }),
  };
}

const INTERVAL_MS = 30_000;
