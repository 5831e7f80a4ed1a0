/** `TopologyStore` in a variable. */
import type { StoredTopology, TopologyStore } from "../topology-store.ts";

export function memoryTopologyStore(): TopologyStore {
  let stored: StoredTopology | undefined;
  return {
    load: async () => stored,
    follow: () => {},
    save: async (next, expectedEpoch) => {
      if ((stored?.epoch ?? 0) !== expectedEpoch) return false;
      stored = structuredClone(next);
      return true;
    },
  };
}
