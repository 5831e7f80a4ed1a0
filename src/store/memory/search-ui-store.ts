/** `SearchUiStore` in maps. */
import type { LeaseStore } from "../lease-store.ts";
import type { ScopedKey, SearchUiConfig, SearchUiStore } from "../search-ui-store.ts";
import { checkFence } from "./check-fence.ts";

export function memorySearchUiStore(leases: Pick<LeaseStore, "current">, nowMs: () => number): SearchUiStore {
  const configs = new Map<string, SearchUiConfig>();
  const keys = new Map<string, ScopedKey>();
  const observed = new Map<string, { readonly generation: number; readonly endsAt: number }>();
  const seenBy = (router: string, indexUid: string): string => `${indexUid}\n${router}`;
  return {
    configs: async () => [...configs.values()].toSorted((a, b) => (a.indexUid < b.indexUid ? -1 : 1)),
    config: async (indexUid) => configs.get(indexUid),
    putConfig: async (config) => void configs.set(config.indexUid, structuredClone(config)),
    removeConfig: async (indexUid) => configs.delete(indexUid),
    scopedKey: async (indexUid) => keys.get(indexUid),
    saveScopedKey: async (key, expectedGeneration, fence) => {
      await checkFence(leases, fence);
      if ((keys.get(key.indexUid)?.generation ?? 0) !== expectedGeneration) return false;
      keys.set(key.indexUid, key);
      return true;
    },
    removeScopedKey: async (indexUid) => void keys.delete(indexUid),
    observeScopedKey: async (router, indexUid, generation, ttlMs) =>
      void observed.set(seenBy(router, indexUid), { generation, endsAt: nowMs() + ttlMs }),
    observedScopedKeys: async (routers, indexUid) =>
      new Map(
        routers.flatMap((router) => {
          const one = observed.get(seenBy(router, indexUid));
          return one === undefined || one.endsAt <= nowMs() ? [] : [[router, one.generation] as const];
        }),
      ),
  };
}
