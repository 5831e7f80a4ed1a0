/** `CatalogStore` in a map. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { CatalogStore } from "../catalog-store.ts";

export function memoryCatalogStore(): CatalogStore {
  const entries = new Map<string, IndexEntry>();
  return {
    all: async () => [...entries.values()].toSorted((a, b) => (a.uid < b.uid ? -1 : 1)),
    get: async (uid) => entries.get(uid),
    replace: async (expected, next) => {
      if (!Bun.deepEquals(entries.get(expected.uid), expected)) return false;
      entries.set(next.uid, structuredClone(next));
      return true;
    },
    put: async (entry) => void entries.set(entry.uid, structuredClone(entry)),
    change: async ({ put, remove }) => {
      for (const uid of remove) entries.delete(uid);
      for (const entry of put) entries.set(entry.uid, structuredClone(entry));
    },
    remove: async (uid) => void entries.delete(uid),
  };
}
