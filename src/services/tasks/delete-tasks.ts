/**
 * Deletes the records of ended tasks. The deletion is a task itself and runs page by page in the background; the nodes
 * keep their own records, which nobody sees and which they clear away by themselves.
 */
import type { Task } from "../../core/tasks/task.ts";
import type { TaskFilter, TaskStore } from "../../store/task-store.ts";
import type { TaskSelection } from "./cancel-tasks.ts";
import { countMatching, matchingOf, matchingTasks, type Matching } from "./matching-tasks.ts";
import type { Visibility } from "./task-query.ts";
import type { FlowStep, TaskFlow, TaskRegistry } from "./task-registry.ts";

export interface DeleteTasksDeps {
  readonly store: Pick<TaskStore, "list" | "getByMiroirId">;
  readonly registry: Pick<TaskRegistry, "register" | "dispatch">;
}

const DELETE_FLOW = "task-deletion";

interface DeletionData {
  readonly filter: TaskFilter;
  /** Only tasks older than the deletion itself. */
  readonly below: number;
  /** Set when the credential sees only some indexes: exactly these tasks. */
  readonly uids: readonly number[] | null;
  readonly deleted: number;
  readonly from: number;
}

export async function deleteTasks(
  deps: DeleteTasksDeps,
  { search, originalFilter }: TaskSelection,
  visibility: Visibility,
): Promise<Task> {
  const matching = await matchingOf(deps.store, search, visibility);
  const uids = visibility.restricted ? await firstUids(deps.store, matching) : null;
  const matchedTasks = uids?.length ?? (await countMatching(deps.store, matching));
  const [newest] = (await deps.store.list(matching.filter, { limit: 1 })).tasks;
  const data: DeletionData = { filter: matching.filter, below: (newest?.uid ?? -1) + 1, uids, deleted: 0, from: 0 };
  const task = await deps.registry.register({
    type: "taskDeletion",
    indexUid: null,
    details: { matchedTasks, deletedTasks: null, originalFilter },
    flow: { kind: DELETE_FLOW, step: "delete", data: { ...data } },
  });
  return deps.registry.dispatch(task.uid, []);
}

/** Deletes one page per step, so that nothing else waits long, and goes on there after a crash. */
export function deleteFlow(deps: { store: Pick<TaskStore, "list" | "deleteEnded"> }): TaskFlow {
  return {
    kind: DELETE_FLOW,
    resumable: true,
    advance: async (task): Promise<FlowStep> => {
      const data = task.flow?.data as unknown as DeletionData;
      const page = await nextPage(deps.store, data);
      const deleted = data.deleted + (await deps.store.deleteEnded(page.uids));
      if (page.next === null) {
        return { kind: "done", details: { ...task.details, deletedTasks: deleted } };
      }
      const next: DeletionData = { ...data, deleted, from: page.next };
      return { kind: "more", nodeTasks: [], flow: { kind: DELETE_FLOW, step: "delete", data: { ...next } } };
    },
  };
}

async function nextPage(
  store: Pick<TaskStore, "list">,
  data: DeletionData,
): Promise<{ readonly uids: readonly number[]; readonly next: number | null }> {
  if (data.uids !== null) {
    const end = data.from + PAGE_SIZE;
    return { uids: data.uids.slice(data.from, end), next: end < data.uids.length ? end : null };
  }
  const page = await store.list(data.filter, { limit: PAGE_SIZE, from: data.from, reverse: true });
  const uids = page.tasks.map(({ uid }) => uid).filter((uid) => uid < data.below);
  return { uids, next: page.next !== null && page.next < data.below ? page.next : null };
}

/** What a limited credential may see has to be looked at one by one; so many at most are deleted at a time. */
async function firstUids(store: Pick<TaskStore, "list">, matching: Matching): Promise<readonly number[]> {
  const uids: number[] = [];
  for await (const page of matchingTasks(store, matching)) {
    uids.push(...page.map(({ uid }) => uid));
    if (uids.length >= UIDS_MAX) break;
  }
  return uids.slice(0, UIDS_MAX);
}

const PAGE_SIZE = 1_000;
const UIDS_MAX = 100_000;
