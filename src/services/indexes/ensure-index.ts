/**
 * For writers: an index that a write needs and that may not exist yet, and the primary key that its first documents
 * decide. Both give back the lane entries that must go before the write, so that every node has index, markers and key
 * before it sees a document and none ever infers alone.
 */
import { assert } from "../../core/assert.ts";
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { ErrorBody } from "../../core/errors/api-error.ts";
import type { TaskFlowState } from "../../core/tasks/task.ts";
import type { LaneEntry } from "../../scatter/lane.ts";
import { failureOf } from "../broadcast/advance-broadcast.ts";
import { type Audience, audience, type Order, recordMissed } from "../broadcast/broadcast.ts";
import { putNewEntry } from "../catalog/new-entry.ts";
import { markUsed } from "../catalog/used-entry.ts";
import type { TaskFlow } from "../tasks/task-registry.ts";
import { type LifecycleDeps, living, makeReady, newEntry, orders } from "./lifecycle-deps.ts";

export interface EnsuredIndex {
  readonly entry: IndexEntry;
  /** To be submitted in this order before the write, in role `prepare` with `PREPARE_TOLERATED`. Empty when ready. */
  readonly prepare: readonly Preparation[];
}

/** Made in the instant in which the lanes are entered: settings that are changed until then belong to it. */
export type Preparation = () => LaneEntry;

/** Error codes of a `prepare` node task that mean it was there already. */
export const PREPARE_TOLERATED: readonly string[] = ["index_already_exists", "index_primary_key_already_exists"];

/** The flow a writer names when it was given something to prepare; it makes the index visible at the end. */
export const ENSURE_INDEX_FLOW: TaskFlowState = { kind: "ensure-index", step: "apply", data: {} };

/**
 * Puts an entry into the catalog at once if there is none. Until it is ready every writer is given the same things to
 * prepare, since they may be done twice and the writer before may have failed. Throws 503 when a node is away and the
 * policy is to reach all.
 */
export async function ensureIndex(deps: LifecycleDeps, uid: string, primaryKey: string | null): Promise<EnsuredIndex> {
  const known = living(deps, uid);
  if (known?.state === "ready") return { entry: known, prepare: [] };
  return deps.gate.run(uid, async () => {
    const existing = living(deps, uid);
    if (existing?.state === "ready") return { entry: existing, prepare: [] };
    const who = audience(deps);
    if (existing === undefined) await putNewEntry(deps, newEntry(deps, uid, primaryKey));
    else {
      await markUsed(deps.catalog, uid, deps.clock.nowMs());
      if (existing.primaryKey === null && primaryKey !== null) await setPrimaryKey(deps, uid, primaryKey);
    }
    const entry = living(deps, uid);
    assert(entry !== undefined, "an index that was just put is in the catalog");
    const { primaryKey: decided } = entry;
    const needed = [
      () => orders.createIndex(uid, decided, "prepare"),
      () => orders.initialSettings(uid, deps.wantedSettings(uid), deps.form),
    ];
    if (existing !== undefined && decided !== null) {
      needed.push(() => orders.updateIndex(uid, { primaryKey: decided }, "prepare"));
    }
    return { entry, prepare: await prepareOn(deps, uid, who, needed) };
  });
}

/**
 * Records the key and gives back what sets it on the nodes; call it when the catalog has none. If another writer has
 * decided it in the meantime, that key is returned and the write has to be judged against it.
 */
export async function fixPrimaryKey(deps: LifecycleDeps, uid: string, primaryKey: string): Promise<EnsuredIndex> {
  if (living(deps, uid)?.state !== "ready") return ensureIndex(deps, uid, primaryKey);
  return deps.gate.run(uid, async () => {
    const who = audience(deps);
    const entry = await setPrimaryKey(deps, uid, primaryKey);
    assert(entry !== undefined, "an index does not vanish while its gate is held");
    if (entry.primaryKey !== primaryKey) return { entry, prepare: [] };
    const setKey = (): Order => orders.updateIndex(uid, { primaryKey }, "prepare");
    return { entry, prepare: await prepareOn(deps, uid, who, [setKey]) };
  });
}

/** A write that prepared its index has ended on all nodes: the index is there, whatever became of the documents. */
export function ensureIndexFlow(deps: LifecycleDeps): TaskFlow {
  return {
    kind: ENSURE_INDEX_FLOW.kind,
    advance: async (task) => {
      const preparing = task.nodeTasks.filter((one) => one.role === "prepare");
      const failure = failureOf({ ...task, nodeTasks: preparing });
      if (failure !== null) return { kind: "done", error: failure };
      const preparedFor = task.flow?.data["preparedFor"] as number | undefined;
      if (task.indexUid !== null) await makeReady(deps, task.indexUid, preparing, preparedFor);
      const failsWith = task.flow?.data["failsWith"] as ErrorBody | undefined;
      return failsWith === undefined ? { kind: "done" } : { kind: "done", error: failsWith };
    },
  };
}

/** The first key stays. */
function setPrimaryKey(deps: LifecycleDeps, uid: string, primaryKey: string): Promise<IndexEntry | undefined> {
  return deps.catalog.update(uid, (entry) => (entry.primaryKey === null ? { ...entry, primaryKey } : entry));
}

/** Lane entries for the nodes that are there; the others get theirs when they are back. */
async function prepareOn(
  deps: LifecycleDeps,
  uid: string,
  who: Audience,
  needed: readonly (() => Order)[],
): Promise<readonly Preparation[]> {
  for (const nodeId of who.absent) {
    for (const order of needed) await recordMissed(deps, uid, nodeId, order(), null);
  }
  return who.present.flatMap((nodeId) => needed.map((order) => () => ({ nodeId, request: order().request })));
}
