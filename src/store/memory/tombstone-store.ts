/** `TombstoneStore` in a map. */
import type { Tombstone, TombstoneStore } from "../tombstone-store.ts";

export function memoryTombstoneStore(): TombstoneStore {
  const tombstones = new Map<string, Tombstone>();
  return {
    put: async (tombstone) => void tombstones.set(tombstone.id, { ...tombstone }),
    remove: async (id) => void tombstones.delete(id),
    ofIndex: async (born, { after, limit }) =>
      [...tombstones.values()]
        .filter((one) => one.born === born && one.id > after)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit),
    newestVersion: async () =>
      [...tombstones.values()].reduce<bigint | null>(
        (newest, { version }) => (newest === null || version > newest ? version : newest),
        null,
      ),
    prune: async (createdBefore, limit) => {
      const old = [...tombstones.values()].filter((one) => one.createdAt < createdBefore).slice(0, limit);
      for (const { id } of old) tombstones.delete(id);
      return old.length;
    },
  };
}
