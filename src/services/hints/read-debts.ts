/** What every node still has to get, as the rows of the hints say it: the same for all routers. */
import type { Hint, HintStore } from "../../store/hint-store.ts";

export interface NodeDebt {
  /** Writes to bring, without the rows that only say something. */
  readonly count: number;
  readonly bytes: number;
  /** More than its hints would mend. */
  readonly needsRepair: boolean;
  /** It has been brought writes late and may not have carried them out. */
  readonly settling: boolean;
}

/** The operation of the row that says that the node needs a repair instead of its hints. */
export const REPAIR_NEEDED = "repair_needed";
/** The operation of the row that stands while a node has not carried out what it was brought late. */
export const SETTLING = "settling";

export function isNote({ request }: Pick<Hint, "request">): boolean {
  return request.operation === REPAIR_NEEDED || request.operation === SETTLING;
}

/** Nodes that owe nothing are absent. */
export async function readDebts(hints: Pick<HintStore, "totals" | "oldest">): Promise<ReadonlyMap<string, NodeDebt>> {
  const debts = new Map<string, NodeDebt>();
  for (const [nodeId, { count, bytes }] of await hints.totals()) {
    // A note behind more writes than this is not seen yet; those writes say enough of the node.
    const notes = (await hints.oldest(nodeId, ROWS_LOOKED_AT)).filter(isNote).map((row) => row.request.operation);
    const needsRepair = notes.includes(REPAIR_NEEDED);
    debts.set(nodeId, {
      count: needsRepair ? 0 : count - notes.length,
      bytes,
      needsRepair,
      settling: notes.includes(SETTLING),
    });
  }
  return debts;
}

const ROWS_LOOKED_AT = 100;
