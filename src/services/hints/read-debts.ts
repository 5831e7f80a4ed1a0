/** What every node still has to get, as the rows of the hints say it: the same for all routers. */
import type { Hint, HintStore, NewHint } from "../../store/hint-store.ts";

export interface NodeDebt {
  /** Writes to bring, without the rows that only say something. */
  readonly count: number;
  readonly bytes: number;
  /** It has been brought writes late and may not have carried them out. */
  readonly settling: boolean;
}

/** The operation of the row that stands while a node has not carried out what it was brought late. */
const SETTLING = "settling";

export function isNote({ request }: Pick<Hint, "request">): boolean {
  return request.operation === SETTLING;
}

/**
 * That the node has not carried out what it is brought late. All that it is brought has node tasks from `from` on; those
 * of a former version, which had no such number, are looked at from the first.
 */
export function noteOfSettling(nodeId: string, id: string, createdAt: number, from: number): NewHint {
  const request = { method: "POST", path: "", operation: SETTLING } as const;
  return {
    id,
    nodeId,
    indexUid: "",
    request,
    taskUid: from,
    operationId: null,
    spoolRef: null,
    bytes: 0,
    createdAt,
  };
}

/** The first node task that any of the notes speaks of. */
export function lateSince(notes: readonly Pick<Hint, "taskUid">[]): number {
  return Math.min(...notes.map(({ taskUid }) => taskUid ?? 0));
}

/** Nodes that owe nothing are absent. */
export async function readDebts(hints: Pick<HintStore, "totals" | "oldest">): Promise<ReadonlyMap<string, NodeDebt>> {
  const debts = new Map<string, NodeDebt>();
  for (const [nodeId, { count, bytes }] of await hints.totals()) {
    // A note behind more writes than this is not seen yet; those writes say enough of the node.
    const notes = (await hints.oldest(nodeId, ROWS_LOOKED_AT)).filter(isNote);
    debts.set(nodeId, { count: count - notes.length, bytes, settling: notes.length > 0 });
  }
  return debts;
}

const ROWS_LOOKED_AT = 100;
