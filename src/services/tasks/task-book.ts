/**
 * The open tasks and their durable record, changed together: first the store, then what everybody here sees. Changes
 * of one task are made in turn, each as a function of the newest state.
 */
import { apiError } from "../../core/errors/api-error.ts";
import type { Task } from "../../core/tasks/task.ts";
import { createInTurn } from "../../platform/in-turn.ts";
import { taskMoved } from "../../store/refusals.ts";
import type { NewTask, TaskChange, TaskStore } from "../../store/task-store.ts";
import type { Emit } from "../../telemetry/event.ts";
import { taskEnded } from "../../telemetry/events/tasks.ts";
import { isOthers } from "./late-ends.ts";
import { createOpenTasks, type OpenTasks } from "./open-tasks.ts";
import { hasEnded, hasOpenNodeTasks } from "./task-changes.ts";
import { createWaiters } from "./waiters.ts";

export interface TaskBook {
  readonly open: OpenTasks;
  /** The newest state, of an open task from memory. */
  get(uid: number): Promise<Task | undefined>;
  /** The same, after which this router is the one that follows it if it is open. Rejects while it is being handed out. */
  follow(uid: number): Promise<Task | undefined>;
  insert(task: NewTask): Promise<Task>;
  /** Takes up tasks of an earlier run. */
  resume(tasks: readonly Task[]): void;
  /** `change` gets the newest state and returns what to store, or undefined for nothing. Resolves to the state after. */
  change(uid: number, change: (task: Task) => TaskChange | undefined): Promise<Task>;
  /** Exclusive use of one task while `work` runs, which changes it through `store` and must not call `change`. */
  hold<T>(uid: number, work: (task: Task, store: (change: TaskChange) => Promise<Task>) => Promise<T>): Promise<T>;
  /** Keeps a newer state of the node tasks in memory alone: what a restart learns again by asking. */
  note(task: Task): void;
  /** Forgets an open task, also in the store. */
  withdraw(uid: number): Promise<void>;
  ended(uid: number, signal: AbortSignal): Promise<Task>;
  waiting(): boolean;
  /** Ends all waiting and lets the changes that have begun end. */
  close(): Promise<void>;
}

export interface TaskBookDeps {
  readonly store: TaskStore;
  readonly emit: Emit;
  /** More open tasks than this are refused. */
  readonly openTasksMax: number;
  /** The task has ended and no node has anything left to do for it. */
  readonly settled?: (task: Task) => void;
}

export function createTaskBook({ store, emit, openTasksMax, settled }: TaskBookDeps): TaskBook {
  const open = createOpenTasks();
  const waiters = createWaiters();
  const turns = createInTurn<number>();

  const get = async (uid: number): Promise<Task | undefined> => open.get(uid) ?? (await store.get(uid));

  const require = async (uid: number): Promise<Task> => {
    const task = await get(uid);
    if (task === undefined) throw apiError("task_not_found", `Task \`${uid}\` not found.`);
    return task;
  };

  const apply = async (task: Task, change: TaskChange): Promise<Task> => {
    const isMine = open.get(task.uid) !== undefined || hasEnded(task);
    try {
      await store.update(task.uid, change);
    } catch (error) {
      // Another router follows it by now: whatever is known of it here is out of date.
      if (isOthers(error)) open.delete(task.uid);
      throw error;
    }
    const next: Task = { ...task, ...change };
    if (!isMine) return next;
    const isOver = hasEnded(next);
    // A task that has ended is followed on while a node that was away works on what it had missed.
    if (!isOver || hasOpenNodeTasks(next)) open.set(next);
    else {
      open.delete(task.uid);
      settled?.(next);
    }
    if (isOver && !hasEnded(task)) {
      emit(taskEnded, { taskUid: next.uid, type: next.type, status: next.status, code: next.error?.code ?? null });
      waiters.resolve(next);
    }
    return next;
  };

  const hold: TaskBook["hold"] = (uid, work) =>
    turns.run(uid, async () => {
      let current = await require(uid);
      return work(current, async (change) => (current = await apply(current, change)));
    });

  return {
    open,
    get,
    follow: (uid) =>
      turns.run(uid, async () => {
        const known = await get(uid);
        if (known === undefined || open.get(uid) !== undefined || hasEnded(known)) return known;
        // Another router is still telling the nodes of it and has to note which of them have it.
        if (!known.dispatched) throw taskMoved(uid);
        const taken = await store.takeOver(uid);
        if (taken !== undefined) open.set(taken);
        return taken ?? get(uid);
      }),
    insert: async (task) => {
      if (open.size >= openTasksMax) {
        throw apiError("miroir_overloaded", `${openTasksMax} tasks have not ended yet; no more are taken for now.`);
      }
      const stored = await store.insert(task);
      open.set(stored);
      return stored;
    },
    resume: (tasks) => tasks.forEach((task) => open.set(task)),
    change: (uid, change) =>
      hold(uid, async (task, write) => {
        const wanted = change(task);
        return wanted === undefined ? task : write(wanted);
      }),
    hold,
    note: (task) => open.set(task),
    withdraw: (uid) =>
      turns.run(uid, async () => {
        const task = open.get(uid);
        if (task === undefined || task.dispatched) return;
        // Only ended tasks can be deleted, so that no task that somebody waits for ever vanishes.
        await store.update(uid, { status: "canceled", finishedAt: task.enqueuedAt });
        await store.deleteEnded([uid]);
        open.delete(uid);
        waiters.reject(uid, apiError("task_not_found", `Task \`${uid}\` not found.`));
      }),
    ended: async (uid, signal) => {
      const task = await require(uid);
      return hasEnded(task) ? task : waiters.wait(uid, signal);
    },
    waiting: () => waiters.size > 0,
    close: async () => {
      waiters.close();
      await turns.idle();
    },
  };
}
