/**
 * Up to which settings version each node has been proven to have each index, in memory for reads and written through.
 * `DOUBTED` says that a node has been seen with other settings than meant: it counts below every version.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { Clock } from "../../platform/clock.ts";
import { createInTurn } from "../../platform/in-turn.ts";
import type { NodeSettingsVersion, NodeVersionStore } from "../../store/node-version-store.ts";
import type { Catalog } from "./catalog.ts";

export interface NodeVersions {
  /** Of the index that has the name. undefined: the node has never been seen with it. */
  get(indexUid: string, nodeId: string): number | undefined;
  /**
   * These nodes have what the index has at this version. Writes only what changes, and nothing of an index that is gone: of
   * the next of its name it would say that nodes have it, and that one which was never given it has lost it.
   */
  proven(index: NamedIndex, nodeIds: readonly string[], version: number): Promise<void>;
  /** The node has been seen with something else. As `proven`, nothing of an index that is gone. */
  doubt(index: NamedIndex, nodeId: string): Promise<void>;
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

/** A later index of the same name is another one. */
export type NamedIndex = Pick<IndexEntry, "uid" | "createdAt">;

export const DOUBTED = -1;

interface Noted {
  readonly uid: string;
  readonly createdAt: number | null;
}

/** Stands for what belongs to no index. */
const SHARED: Noted = { uid: "", createdAt: null };

export interface NodeVersionsDeps {
  readonly store: NodeVersionStore;
  readonly catalog: Pick<Catalog, "get">;
  readonly clock: Pick<Clock, "nowMs">;
}

/** Knows nothing before its first `reload`. */
export function createNodeVersions({ store, catalog, clock }: NodeVersionsDeps): NodeVersions {
  /** What one change goes by must be what the change before it has left. */
  const turns = createInTurn<"rows">();
  const inTurn = (work: () => Promise<void>): Promise<void> => turns.run("rows", work);
  const rows = new Map<string, Map<string, NodeSettingsVersion>>();

  const show = (row: NodeSettingsVersion): void => {
    const ofIndex = rows.get(row.indexUid) ?? new Map<string, NodeSettingsVersion>();
    ofIndex.set(row.nodeId, row);
    rows.set(row.indexUid, ofIndex);
  };
  const write = async (
    { uid: indexUid, createdAt }: Noted,
    nodeIds: readonly string[],
    version: number,
  ): Promise<void> => {
    const known = rows.get(indexUid);
    const isNews = (nodeId: string): boolean => {
      const row = known?.get(nodeId);
      return row?.version !== version || row.createdAt !== createdAt;
    };
    const put = nodeIds
      .filter(isNews)
      .map((nodeId) => ({ indexUid, createdAt, nodeId, version, updatedAt: clock.nowMs() }));
    if (put.length === 0) return;
    await store.change({ put });
    put.forEach(show);
  };
  const noteOf = (index: NamedIndex, nodeIds: readonly string[], version: number): Promise<void> =>
    inTurn(async () => {
      if (catalog.get(index.uid)?.createdAt === index.createdAt) await write(index, nodeIds, version);
    });
  const newestShared = (): number =>
    Math.max(0, ...[...(rows.get(SHARED.uid)?.values() ?? [])].map((row) => row.version));
  const reload = async (): Promise<void> => {
    const all = await store.all();
    rows.clear();
    all.forEach(show);
  };

  return {
    get: (indexUid, nodeId) => {
      const row = rows.get(indexUid)?.get(nodeId);
      // Of an older one of the name it may have stayed: what the store fails at it may have done all the same.
      const isOfThis = row?.createdAt === null || row?.createdAt === catalog.get(indexUid)?.createdAt;
      return isOfThis ? row?.version : undefined;
    },
    proven: noteOf,
    doubt: (index, nodeId) => noteOf(index, [nodeId], DOUBTED),
    advanceShared: (nodeIds) => inTurn(() => write(SHARED, nodeIds, newestShared() + 1)),
    catchUpShared: (nodeIds) =>
      inTurn(async () => {
        if (newestShared() > 0) await write(SHARED, nodeIds, newestShared());
      }),
    missedShared: (nodeId) => (rows.get(SHARED.uid)?.get(nodeId)?.version ?? 0) < newestShared(),
    forget: (indexUid) =>
      inTurn(async () => {
        if (!rows.has(indexUid)) return;
        await store.change({ removeIndexes: [indexUid] });
        rows.delete(indexUid);
      }),
    rename: (moves) =>
      inTurn(async () => {
        const put = moves.flatMap(({ from, to }) =>
          [...(rows.get(from)?.values() ?? [])].map((row) => ({ ...row, indexUid: to })),
        );
        const removeIndexes = [...new Set(moves.flatMap(({ from, to }) => [from, to]))];
        await store.change({ removeIndexes, put });
        for (const uid of removeIndexes) rows.delete(uid);
        put.forEach(show);
      }),
    reload: () => inTurn(reload),
  };
}
