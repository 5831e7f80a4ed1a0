/** `AliasStore` in a map. */
import { type Alias, type AliasStore, withHistory } from "../alias-store.ts";
import type { LeaseStore } from "../lease-store.ts";
import { checkFence } from "./check-fence.ts";

export function memoryAliasStore(leases: Pick<LeaseStore, "current">): AliasStore {
  const aliases = new Map<string, Alias>();
  const isAt = (name: string, version: number): boolean => (aliases.get(name)?.version ?? 0) === version;
  return {
    all: async () => [...aliases.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    get: async (name) => aliases.get(name),
    save: async (alias, { expectedVersion, fence, historyMax }) => {
      await checkFence(leases, fence);
      if (!isAt(alias.name, expectedVersion)) return false;
      aliases.set(alias.name, structuredClone(withHistory(alias, historyMax)));
      return true;
    },
    remove: async (name, { expectedVersion, fence }) => {
      await checkFence(leases, fence);
      return isAt(name, expectedVersion) && aliases.delete(name);
    },
  };
}
