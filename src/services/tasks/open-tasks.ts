/**
 * The tasks that have not ended, in memory: what is asked of which node, and the newest state of each. Bounded by the
 * limit that `register` keeps.
 */
import { isOpen } from "../../core/tasks/fold-status.ts";
import type { Task } from "../../core/tasks/task.ts";

export interface OpenTasks {
  get(uid: number): Task | undefined;
  /** Adds a task or replaces what was known of it. */
  set(task: Task): void;
  delete(uid: number): void;
  /** Oldest first. */
  all(): IterableIterator<Task>;
  readonly size: number;
  /** Nodes that something is outstanding on. */
  nodeIds(): readonly string[];
  /**
   * The node's task uids that are waited for, in the order in which the node got them, each with the uids of ours that
   * wait for it: one node task may prepare the way for several.
   */
  outstanding(nodeId: string): ReadonlyMap<number, ReadonlySet<number>>;
}

export function createOpenTasks(): OpenTasks {
  const tasks = new Map<number, Task>();
  const byNode = new Map<string, Map<number, Set<number>>>();

  const follow = (nodeId: string, nodeTaskUid: number, uid: number): void => {
    const waited = byNode.get(nodeId) ?? new Map<number, Set<number>>();
    byNode.set(nodeId, waited);
    waited.set(nodeTaskUid, (waited.get(nodeTaskUid) ?? new Set()).add(uid));
  };

  const leave = (nodeId: string, nodeTaskUid: number, uid: number): void => {
    const waited = byNode.get(nodeId);
    const waiting = waited?.get(nodeTaskUid);
    if (waited === undefined || waiting?.delete(uid) !== true) return;
    if (waiting.size === 0) waited.delete(nodeTaskUid);
    if (waited.size === 0) byNode.delete(nodeId);
  };

  return {
    get: (uid) => tasks.get(uid),
    set: (task) => {
      tasks.set(task.uid, task);
      for (const nodeTask of task.nodeTasks) {
        if (nodeTask.taskUid === null) continue;
        (isOpen(nodeTask) ? follow : leave)(nodeTask.nodeId, nodeTask.taskUid, task.uid);
      }
    },
    delete: (uid) => {
      for (const { nodeId, taskUid } of tasks.get(uid)?.nodeTasks ?? []) {
        if (taskUid !== null) leave(nodeId, taskUid, uid);
      }
      tasks.delete(uid);
    },
    all: () => tasks.values(),
    get size() {
      return tasks.size;
    },
    nodeIds: () => [...byNode.keys()],
    outstanding: (nodeId) => byNode.get(nodeId) ?? NOTHING,
  };
}

const NOTHING: ReadonlyMap<number, ReadonlySet<number>> = new Map();
