/** `IdempotencyStore` in a map. */
import type { IdempotencyStore, IdempotentRequest } from "../idempotency-store.ts";

export function memoryIdempotencyStore(nowMs: () => number): IdempotencyStore {
  const requests = new Map<string, { readonly request: IdempotentRequest; readonly endsAt: number }>();
  const get = (key: string): IdempotentRequest | undefined => {
    const one = requests.get(key);
    return one !== undefined && one.endsAt > nowMs() ? one.request : undefined;
  };
  return {
    claim: async (request, ttlMs) => {
      const taken = get(request.key);
      if (taken === undefined) requests.set(request.key, { request, endsAt: nowMs() + ttlMs });
      return taken;
    },
    keep: async (max) => {
      const living = [...requests]
        .filter(([, { endsAt }]) => endsAt > nowMs())
        .toSorted(([, a], [, b]) => a.endsAt - b.endsAt);
      requests.clear();
      for (const [key, one] of living.slice(-max)) requests.set(key, one);
      return requests.size;
    },
    get: async (key) => get(key),
    remove: async (key) => void requests.delete(key),
  };
}
