/** `CanaryStore` in maps. */
import type { Canary, CanaryRun, CanaryStore } from "../canary-store.ts";

export function memoryCanaryStore(): CanaryStore {
  const canaries = new Map<string, Canary>();
  /** The newest first. */
  const runs = new Map<string, readonly CanaryRun[]>();
  return {
    all: async () => [...canaries.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    put: async (canary) => void canaries.set(canary.id, structuredClone(canary)),
    remove: async (id) => {
      runs.delete(id);
      return canaries.delete(id);
    },
    addRun: async (run, keepMax) => {
      if (!canaries.has(run.canaryId)) return false;
      const others = (runs.get(run.canaryId) ?? []).filter(({ ranAt }) => ranAt !== run.ranAt);
      const ordered = [structuredClone(run), ...others].toSorted((a, b) => b.ranAt - a.ranAt);
      runs.set(run.canaryId, ordered.slice(0, keepMax));
      return true;
    },
    runs: async (canaryId, limit) => (runs.get(canaryId) ?? []).slice(0, limit),
  };
}
