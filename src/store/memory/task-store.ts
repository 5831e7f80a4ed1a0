/** `TaskStore` in a map in uid order. Filters by looking at every task, which is the plainest statement of what a filter means. */
import type { Task } from "../../core/tasks/task.ts";
import type { LeaseStore } from "../lease-store.ts";
import { leaseLost } from "../refusals.ts";
import type { TaskChange, TaskFilter, TaskStore } from "../task-store.ts";

export function memoryTaskStore(
  leases?: Pick<LeaseStore, "current">,
  noteEnd: (uid: number) => void = () => {},
): TaskStore {
  const tasks = new Map<number, Task>();
  let nextUid = 0;

  const removeEnded = (uids: readonly number[]): number => {
    const ended = new Set(uids.filter((uid) => isEnded(tasks.get(uid))));
    for (const uid of ended) tasks.delete(uid);
    return ended.size;
  };

  return {
    insert: async (task) => {
      const stored: Task = { ...structuredClone(task), uid: nextUid };
      nextUid += 1;
      tasks.set(stored.uid, stored);
      return stored;
    },
    update: async (uid, change) => {
      const task = tasks.get(uid);
      if (task === undefined) return;
      tasks.set(uid, { ...task, ...structuredClone(definedOf(change)) });
      if (!isEnded(task) && isEnded(tasks.get(uid))) noteEnd(uid);
    },
    get: async (uid) => tasks.get(uid),
    getByMiroirId: async (miroirId) => [...tasks.values()].find((task) => task.miroirId === miroirId),
    list: async (filter, { limit, from, reverse }) => {
      const matching = [...tasks.values()].filter((task) => matches(task, filter));
      const ordered = reverse === true ? matching : matching.toReversed();
      const reached = ordered.filter(({ uid }) => from === undefined || (reverse === true ? uid >= from : uid <= from));
      return { tasks: reached.slice(0, limit), total: matching.length, next: reached[limit]?.uid ?? null };
    },
    unfinished: async () => [...tasks.values()].filter((task) => !isEnded(task)),
    // There are no earlier runs.
    adopt: async () => [],
    takeOver: async (uid) => (isEnded(tasks.get(uid)) ? undefined : tasks.get(uid)),
    deleteEnded: async (uids) => removeEnded(uids),
    prune: async (finishedBefore, limit, fence) => {
      const lease = fence === undefined ? undefined : await leases?.current(fence.scope);
      if (fence !== undefined && lease?.number !== fence.number) throw leaseLost(fence.scope);
      const old = [...tasks.values()]
        .filter((task) => isEnded(task) && task.finishedAt !== null && task.finishedAt < finishedBefore)
        .toSorted((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0));
      return removeEnded(old.slice(0, limit).map(({ uid }) => uid));
    },
    count: async () => tasks.size,
    reserve: async (below) => {
      nextUid = Math.max(nextUid, below);
    },
  };
}

function isEnded(task: Task | undefined): boolean {
  return task !== undefined && task.status !== "enqueued" && task.status !== "processing";
}

function definedOf(change: TaskChange): TaskChange {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function matches(task: Task, filter: TaskFilter): boolean {
  return (
    among(filter.uids, task.uid) &&
    among(filter.statuses, task.status) &&
    among(filter.types, task.type) &&
    among(filter.indexUids, task.indexUid) &&
    among(filter.canceledBy, task.canceledBy) &&
    between(filter.afterEnqueuedAt, task.enqueuedAt, filter.beforeEnqueuedAt) &&
    between(filter.afterStartedAt, task.startedAt, filter.beforeStartedAt) &&
    between(filter.afterFinishedAt, task.finishedAt, filter.beforeFinishedAt)
  );
}

function among<T>(wanted: readonly T[] | undefined, value: T | null): boolean {
  return wanted === undefined || (value !== null && wanted.includes(value));
}

function between(after: number | undefined, value: number | null, before: number | undefined): boolean {
  if (after === undefined && before === undefined) return true;
  return value !== null && value > (after ?? -Infinity) && value < (before ?? Infinity);
}
