/** What a client asks of the tasks, with its names for them resolved; and what a client may see of them. */
import type { Task, TaskType } from "../../core/tasks/task.ts";
import type { TaskFilter, TaskStore } from "../../store/task-store.ts";

/** A task as clients name it: by number, or by its `mtask-…` name. */
export type TaskRef = number | string;

/** The filters of a request; an absent one filters nothing, an empty list matches nothing. */
export interface TaskSearch extends Omit<TaskFilter, "uids" | "canceledBy"> {
  readonly uids?: readonly TaskRef[];
  readonly batchUids?: readonly TaskRef[];
  readonly canceledBy?: readonly TaskRef[];
}

export interface Visibility {
  /** True for a credential that is limited to some indexes. */
  readonly restricted: boolean;
  readonly allows: (indexUid: string) => boolean;
}

export type NameLookup = Pick<TaskStore, "getByMiroirId">;

/** A name that nobody has matches nothing. */
export async function resolveRefs(store: NameLookup, refs: readonly TaskRef[]): Promise<readonly number[]> {
  const uids = await Promise.all(refs.map((ref) => resolveRef(store, ref)));
  return uids.filter((uid) => uid !== undefined);
}

export async function resolveRef(store: NameLookup, ref: TaskRef): Promise<number | undefined> {
  return typeof ref === "number" ? ref : (await store.getByMiroirId(ref))?.uid;
}

/** Every task is a batch of its own once work on it has begun, so a filter on batches is one on such tasks. */
export async function resolveSearch(store: NameLookup, search: TaskSearch): Promise<TaskFilter> {
  const { uids, batchUids, canceledBy, ...rest } = search;
  const wanted = uids === undefined ? undefined : await resolveRefs(store, uids);
  const batches = batchUids === undefined ? undefined : await resolveRefs(store, batchUids);
  const statuses = batches === undefined ? rest.statuses : begun(rest.statuses);
  const both = wanted === undefined || batches === undefined ? (wanted ?? batches) : common(wanted, batches);
  return {
    ...rest,
    ...(both === undefined ? {} : { uids: both }),
    ...(statuses === undefined ? {} : { statuses }),
    ...(canceledBy === undefined ? {} : { canceledBy: await resolveRefs(store, canceledBy) }),
  };
}

/** Without `enqueued`: such a task is in no batch yet. */
export function begun(statuses: TaskFilter["statuses"]): NonNullable<TaskFilter["statuses"]> {
  return (statuses ?? BEGUN).filter((status) => status !== "enqueued");
}

const BEGUN = ["processing", "succeeded", "failed", "canceled"] as const;

export function common(left: readonly number[], right: readonly number[]): readonly number[] {
  const wanted = new Set(right);
  return left.filter((uid) => wanted.has(uid));
}

/**
 * As the engine decides it: whoever names indexes or is limited to some sees no task that does not belong to exactly
 * one index, and the limited see only theirs.
 */
export function isVisible(task: Task, search: Pick<TaskSearch, "indexUids">, visibility: Visibility): boolean {
  if (search.indexUids === undefined && !visibility.restricted) return true;
  if (task.indexUid === null || !ONE_INDEX.has(task.type)) return false;
  return !visibility.restricted || visibility.allows(task.indexUid);
}

/** Types of tasks that belong to exactly one index. */
export const ONE_INDEX: ReadonlySet<TaskType> = new Set([
  "documentAdditionOrUpdate",
  "documentEdition",
  "documentDeletion",
  "settingsUpdate",
  "indexCreation",
  "indexDeletion",
  "indexUpdate",
  "indexCompaction",
  "dsrUpdate",
  "dsrClear",
]);
