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
    get: async (key) => get(key),
    remove: async (key) => void requests.delete(key),
  };
}
