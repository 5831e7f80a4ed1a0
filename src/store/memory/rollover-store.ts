/** `RolloverStore` in a map. */
import type { RolloverPolicy, RolloverStore } from "../rollover-store.ts";

export function memoryRolloverStore(): RolloverStore {
  const policies = new Map<string, RolloverPolicy>();
  return {
    all: async () => [...policies.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    get: async (name) => policies.get(name),
    put: async (policy) => void policies.set(policy.name, structuredClone(policy)),
    remove: async (name) => policies.delete(name),
  };
}
