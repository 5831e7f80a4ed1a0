/**
 * Up to which settings version each node has been proven to have each index, in memory for reads and written through.
 * `DOUBTED` says that a node has been seen with other settings than meant: it counts below every version.
 */
import type { Clock } from "../../platform/clock.ts";
import type { NodeSettingsVersion, NodeVersionStore } from "../../store/node-version-store.ts";

export interface NodeVersions {
  /** undefined: the node has never been seen with this index. */
  get(indexUid: string, nodeId: string): number | undefined;
  /** These nodes have what the index has at this version. Writes only what changes. */
  proven(indexUid: string, nodeIds: readonly string[], version: number): Promise<void>;
  /** The node has been seen with something else. */
  doubt(indexUid: string, nodeId: string): Promise<void>;
  /** API keys and experimental features have changed, and only these nodes have the change. */
  advanceShared(nodeIds: readonly string[]): Promise<void>;
  /** The node has the newest API keys and experimental features, as those nodes that were there when they changed. */
  catchUpShared(nodeIds: readonly string[]): Promise<void>;
  /** It has missed a change of API keys or experimental features: what it has of them does not count. */
  missedShared(nodeId: string): boolean;
  /** The index is gone, or a new one of that name begins. */
  forget(indexUid: string): Promise<void>;
  /** Indexes change names: what was proven of `from` is proven of `to`. */
  rename(moves: readonly { readonly from: string; readonly to: string }[]): Promise<void>;
  /** Reads what is stored: at the start, and when another router has written. */
  reload(): Promise<void>;
}

export const DOUBTED = -1;

/** Stands for what belongs to no index. */
const SHARED = "";

export interface NodeVersionsDeps {
  readonly store: NodeVersionStore;
  readonly clock: Pick<Clock, "nowMs">;
}

/** Knows nothing before its first `reload`. */
export function createNodeVersions({ store, clock }: NodeVersionsDeps): NodeVersions {
  const rows = new Map<string, Map<string, NodeSettingsVersion>>();

  const show = (row: NodeSettingsVersion): void => {
    const ofIndex = rows.get(row.indexUid) ?? new Map<string, NodeSettingsVersion>();
    ofIndex.set(row.nodeId, row);
    rows.set(row.indexUid, ofIndex);
  };
  const write = async (indexUid: string, nodeIds: readonly string[], version: number): Promise<void> => {
    const put = nodeIds
      .filter((nodeId) => rows.get(indexUid)?.get(nodeId)?.version !== version)
      .map((nodeId) => ({ indexUid, nodeId, version, updatedAt: clock.nowMs() }));
    if (put.length === 0) return;
    await store.change({ put });
    put.forEach(show);
  };
  const newestShared = (): number => Math.max(0, ...[...(rows.get(SHARED)?.values() ?? [])].map((row) => row.version));
  const reload = async (): Promise<void> => {
    const all = await store.all();
    rows.clear();
    all.forEach(show);
  };

  return {
    get: (indexUid, nodeId) => rows.get(indexUid)?.get(nodeId)?.version,
    proven: write,
    doubt: (indexUid, nodeId) => write(indexUid, [nodeId], DOUBTED),
    advanceShared: (nodeIds) => write(SHARED, nodeIds, newestShared() + 1),
    catchUpShared: async (nodeIds) => {
      if (newestShared() > 0) await write(SHARED, nodeIds, newestShared());
    },
    missedShared: (nodeId) => (rows.get(SHARED)?.get(nodeId)?.version ?? 0) < newestShared(),
    forget: async (indexUid) => {
      if (!rows.has(indexUid)) return;
      await store.change({ removeIndexes: [indexUid] });
      rows.delete(indexUid);
    },
    rename: async (moves) => {
      const put = moves.flatMap(({ from, to }) =>
        [...(rows.get(from)?.values() ?? [])].map((row) => ({ ...row, indexUid: to })),
      );
      const removeIndexes = [...new Set(moves.flatMap(({ from, to }) => [from, to]))];
      await store.change({ removeIndexes, put });
      for (const uid of removeIndexes) rows.delete(uid);
      put.forEach(show);
    },
    reload,
  };
}
