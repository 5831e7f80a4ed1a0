/** How clients use idempotency keys. */
import { defineEvent } from "../event.ts";

export const idempotencyKeyUsed = defineEvent<{ readonly outcome: string }>({
  name: "idempotency.key_used",
  level: null,
  message: "A write came with an idempotency key.",
  measure: (metrics, { outcome }) => metrics.count("idempotency_hits_total", { outcome }),
});

export const idempotencyKeysKept = defineEvent<{ readonly keys: number }>({
  name: "idempotency.keys_kept",
  level: null,
  message: "Idempotency keys are remembered.",
  measure: (metrics, { keys }) => metrics.set("idempotency_cache_size", keys),
});
