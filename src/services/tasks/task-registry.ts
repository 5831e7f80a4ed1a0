/** The one namespace of tasks over all nodes: what other services need of it. `spec/tasks.md` says what must hold. */
import type { ErrorBody } from "../../core/errors/api-error.ts";
import type { NodeTask, Task, TaskFlowState, TaskType } from "../../core/tasks/task.ts";

export interface TaskDraft {
  readonly type: TaskType;
  readonly indexUid: string | null;
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly customMetadata?: string | null;
  /** `mtask-…`; default: a new one. */
  readonly miroirId?: string;
  readonly flow?: TaskFlowState;
}

export interface TaskRegistry {
  /** Creates the task durably, before any node is touched. Status `enqueued`, `dispatched` false. */
  register(draft: TaskDraft): Promise<Task>;
  /**
   * Attaches the node tasks that now carry it out and marks it dispatched: from here it is polled to its end. With no
   * node task that is still open, it ends at once (through its flow, if it has one).
   */
  dispatch(uid: number, nodeTasks: readonly NodeTask[], flow?: TaskFlowState): Promise<Task>;
  /** Ends a task without the nodes: refused, no quorum, `documents.validation: task`. */
  fail(uid: number, error: ErrorBody): Promise<Task>;
  /** Ends a task as succeeded without the nodes (task deletion, a cancelation, an empty batch). */
  succeed(uid: number, details?: Readonly<Record<string, unknown>>): Promise<Task>;
  /** A hinted node task has been handed to its node after all. */
  replayed(uid: number, nodeId: string, taskUid: number): Promise<void>;
  /** Resolves when the task has ended, or rejects with the signal's reason. Polls faster while somebody waits. */
  ended(uid: number, signal: AbortSignal): Promise<Task>;
  get(uid: number): Promise<Task | undefined>;
  /** Every task that has not ended, oldest first. */
  openTasks(): readonly Task[];
}

/**
 * Work that follows when all open node tasks of a task have ended: verify, commit, undo. `advance` is called with the
 * task as stored; it must be repeatable, since a crash may call it again for the same step.
 */
export interface TaskFlow {
  readonly kind: string;
  advance(task: Task): Promise<FlowStep>;
  /**
   * True when `advance` needs no node task to begin with: after a crash before `dispatch` it is simply called. Without
   * it such a task is looked for on the nodes.
   */
  readonly resumable?: boolean;
  /** Indexes on which it must be this router's turn while it advances; default: that of the task. */
  scopes?(task: Task): readonly string[];
  /** After a crash no node was found to have been told: takes back what was prepared; the task then ends as failed. */
  abandoned?(task: Task): Promise<void>;
}

export type FlowStep =
  /** The task ends: with `error` as failed, else by the outcome of its `main` node tasks, unless the flow has judged it. */
  | {
      readonly kind: "done";
      readonly error?: ErrorBody;
      readonly details?: Readonly<Record<string, unknown>>;
      /** It has succeeded, whatever has become of single node tasks on the way. */
      readonly succeeded?: true;
    }
  /** Further node tasks were enqueued; `advance` is called again when they have ended. */
  | { readonly kind: "more"; readonly nodeTasks: readonly NodeTask[]; readonly flow: TaskFlowState }
  /** The router was doing it by itself and has stopped, as `canceledBy` demanded. */
  | { readonly kind: "canceled" }
  /** Not now (a node is away): call `advance` again after `delayMs`. */
  | { readonly kind: "later"; readonly delayMs: number };
