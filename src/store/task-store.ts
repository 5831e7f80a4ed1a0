/**
 * Durable tasks. A promise that has resolved has reached the disk (or the Redis server): a task that was answered to
 * a client survives `kill -9`. Every method rejects with `ApiError` `miroir_store_unavailable` when the store fails.
 */
import type { Task, TaskStatus, TaskType } from "../core/tasks/task.ts";
import type { Fence } from "./lease-store.ts";

/** Everything but the uid, which the store gives out: strictly increasing, never twice, also after a crash. */
export type NewTask = Omit<Task, "uid">;

/** What may change after creation; absent keys stay as they are. */
export type TaskChange = Partial<
  Pick<
    Task,
    | "status"
    | "nodeTasks"
    | "details"
    | "error"
    | "canceledBy"
    | "flow"
    | "dispatched"
    | "startedAt"
    | "finishedAt"
    | "indexUid"
  >
>;

/** All filters are ANDed; a list matches if one element does. Times in milliseconds, bounds exclusive. */
export interface TaskFilter {
  readonly uids?: readonly number[];
  readonly statuses?: readonly TaskStatus[];
  readonly types?: readonly TaskType[];
  readonly indexUids?: readonly string[];
  readonly canceledBy?: readonly number[];
  readonly beforeEnqueuedAt?: number;
  readonly afterEnqueuedAt?: number;
  readonly beforeStartedAt?: number;
  readonly afterStartedAt?: number;
  readonly beforeFinishedAt?: number;
  readonly afterFinishedAt?: number;
}

export interface TaskPage {
  readonly tasks: readonly Task[];
  /** How many match the filter, whatever `from` and `limit` are. */
  readonly total: number;
  /** uid of the first task that did not fit, or null. */
  readonly next: number | null;
}

export interface TaskStore {
  insert(task: NewTask): Promise<Task>;
  /**
   * Rejects with `miroir_taken_over` when another router follows the task by now; only who means to cancel it may be
   * noted by anybody.
   */
  update(uid: number, change: TaskChange): Promise<void>;
  get(uid: number): Promise<Task | undefined>;
  getByMiroirId(miroirId: string): Promise<Task | undefined>;
  /** Newest first, or oldest first when `reverse`; `from` is inclusive. */
  list(filter: TaskFilter, page: { limit: number; from?: number; reverse?: boolean }): Promise<TaskPage>;
  /** Every task that has not ended, oldest first, whoever follows it. */
  unfinished(): Promise<readonly Task[]>;
  /**
   * Takes over every unfinished task whose router is not believed to live any more, oldest first. Each is given to one
   * caller only. In a store of one router these are the tasks of earlier runs.
   */
  adopt(): Promise<readonly Task[]>;
  /** Takes over one open task, whoever follows it; undefined when there is no such task or it has ended. */
  takeOver(uid: number): Promise<Task | undefined>;
  /** Deletes the ended ones among `uids` and says how many that were. */
  deleteEnded(uids: readonly number[]): Promise<number>;
  /**
   * Deletes at most `limit` tasks that ended before `finishedBefore` (ms) and says how many. With a fence it rejects with
   * `miroir_taken_over` once the lease is no longer held.
   */
  prune(finishedBefore: number, limit: number, fence?: Fence): Promise<number>;
  count(): Promise<number>;
  /** No uid below this is given out from now on. */
  reserve(below: number): Promise<void>;
}
