/** `NodeVersionStore` in a map. */
import type { NodeSettingsVersion, NodeVersionStore } from "../node-version-store.ts";

export function memoryNodeVersionStore(): NodeVersionStore {
  const rows = new Map<string, NodeSettingsVersion>();
  const keyOf = ({ indexUid, nodeId }: NodeSettingsVersion): string => `${indexUid}\n${nodeId}`;
  return {
    all: async () => [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row),
    change: async ({ removeIndexes = [], put = [] }) => {
      for (const [key, row] of rows) if (removeIndexes.includes(row.indexUid)) rows.delete(key);
      for (const row of put) rows.set(keyOf(row), row);
    },
  };
}
