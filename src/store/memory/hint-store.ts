/** `HintStore` in a map, in the order of their places. */
import type { Hint, HintStore } from "../hint-store.ts";

export function memoryHintStore(): HintStore {
  const hints = new Map<string, Hint>();
  let nextSeq = 1;
  return {
    append: async (hint) => {
      const stored: Hint = { ...structuredClone(hint), seq: nextSeq };
      nextSeq += 1;
      hints.set(stored.id, stored);
      return stored;
    },
    oldest: async (nodeId, limit) => [...hints.values()].filter((hint) => hint.nodeId === nodeId).slice(0, limit),
    remove: async (id) => void hints.delete(id),
    totals: async () => {
      const totals = new Map<string, { count: number; bytes: number }>();
      for (const { nodeId, bytes } of hints.values()) {
        const before = totals.get(nodeId) ?? { count: 0, bytes: 0 };
        totals.set(nodeId, { count: before.count + 1, bytes: before.bytes + bytes });
      }
      return totals;
    },
  };
}
