/**
 * Deleting what has expired: a deletion by filter like a client's, with a task that says why documents are gone. It goes to
 * the owners of the shards it names, and is not remembered for comparisons of replicas: a copy that missed it still says
 * itself that it has expired.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { quoteValue } from "../../core/filters/quote-value.ts";
import { writeTargets } from "../../core/routing/write-targets.ts";
import type { SweepPlan } from "../../core/ttl/plan-sweep.ts";
import { submitWrite, type Submitted } from "./submit-write.ts";
import { postRequest, writableIndex, type WriteDeps } from "./write-deps.ts";

/** null: the index is not the one that was looked at any more. */
export function deleteExpired(
  deps: WriteDeps,
  entry: IndexEntry,
  plan: SweepPlan,
  nowMs: number,
): Promise<Submitted | null> {
  const { uid: indexUid } = entry;
  return deps.turns.run([indexUid], async () => {
    const now = writableIndex(deps, indexUid);
    if (now?.createdAt !== entry.createdAt || now.state !== "ready" || now.frozen !== undefined) return null;
    const map = deps.fleet.shardMap(entry.shards);
    const nodeIds = [...new Set(plan.shards.flatMap((shard) => writeTargets(map, shard)))];
    const body = JSON.stringify({ filter: plan.filter });
    const field = deps.expiryField ?? "";
    const originalFilter = JSON.stringify(`${/^\w+$/.test(field) ? field : quoteValue(field)} <= ${nowMs}`);
    return submitWrite(deps, {
      indexUid,
      draft: {
        type: "documentDeletion",
        indexUid,
        details: { providedIds: 0, deletedDocuments: null, originalFilter },
      },
      map,
      shards: plan.shards,
      prepare: [],
      requests: (operationId) =>
        nodeIds.map((nodeId) => ({
          nodeId,
          request: postRequest(deps, indexUid, "/delete", operationId, body, "documents.delete"),
        })),
    });
  });
}
