/** The queue of one node: tasks run one after another in the order of their numbers, cancelations and deletions first. */
import { NodeError } from "../node-error.ts";
import { fruitlessDetails, initialDetails, timestamp, type Task, type TaskContent } from "./task.ts";

export interface TaskJournal {
  readonly enqueued: (task: Task) => void;
  readonly finished: (task: Task) => void;
}

/** Does the work of a task and gives the details to add; throws a `NodeError` when the task fails. */
export type TaskRunner = (task: Task, queue: TaskQueue) => Readonly<Record<string, unknown>>;

export class TaskQueue {
  readonly tasks = new Map<number, Task>();
  private readonly run: TaskRunner;
  private readonly journal: TaskJournal;
  private nextUid = 0;
  private nextBatchUid = 0;
  private isRunning = false;
  private isStopped = false;

  constructor(run: TaskRunner, journal: TaskJournal) {
    this.run = run;
    this.journal = journal;
  }

  enqueue(indexUid: string | null, content: TaskContent, customMetadata: string | null): Task {
    const task: Task = {
      uid: this.nextUid,
      batchUid: null,
      indexUid,
      status: "enqueued",
      content,
      canceledBy: null,
      details: initialDetails(content, indexUid),
      error: null,
      enqueuedAt: timestamp(),
      startedAt: null,
      finishedAt: null,
      customMetadata,
    };
    this.nextUid += 1;
    this.tasks.set(task.uid, task);
    this.journal.enqueued(task);
    void this.drain();
    return task;
  }

  /** Takes over a task from the journal; one that had finished is done again with its outcome already known. */
  restore(task: Task): void {
    this.nextUid = Math.max(this.nextUid, task.uid + 1);
    this.tasks.set(task.uid, task);
  }

  restoreOutcome(outcome: Task): void {
    const task = this.tasks.get(outcome.uid);
    if (task === undefined) return;
    this.nextBatchUid = Math.max(this.nextBatchUid, (outcome.batchUid ?? -1) + 1);
    if (outcome.status !== "canceled") {
      try {
        this.run(task, this);
      } catch (error) {
        if (!(error instanceof NodeError)) throw error;
      }
    }
    Object.assign(task, outcome);
  }

  /** Runs what the journal left unfinished. */
  resume(): void {
    void this.drain();
  }

  stop(): void {
    this.isStopped = true;
  }

  /** Earlier tasks are listed under the new names of their indexes. */
  followIndexes(renamed: ReadonlyMap<string, string>, before: number): void {
    for (const task of this.tasks.values()) {
      if (task.uid < before && task.indexUid !== null) task.indexUid = renamed.get(task.indexUid) ?? task.indexUid;
    }
  }

  cancel(uids: readonly number[], by: number): number {
    let count = 0;
    for (const uid of uids) {
      const task = this.tasks.get(uid);
      if (task?.status !== "enqueued") continue;
      task.canceledBy = by;
      task.startedAt = timestamp();
      this.finish(task, "canceled", fruitlessDetails(task.details));
      count += 1;
    }
    return count;
  }

  delete(uids: readonly number[]): number {
    let count = 0;
    for (const uid of uids) {
      const status = this.tasks.get(uid)?.status;
      if (status === undefined || status === "enqueued" || status === "processing") continue;
      this.tasks.delete(uid);
      count += 1;
    }
    return count;
  }

  private async drain(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    await pause();
    for (let task = this.next(); task !== undefined && !this.isStopped; task = this.next()) {
      task.status = "processing";
      task.batchUid = this.nextBatchUid;
      this.nextBatchUid += 1;
      task.startedAt = timestamp();
      await pause();
      this.execute(task);
      await pause();
    }
    this.isRunning = false;
  }

  private execute(task: Task): void {
    try {
      const details = this.run(task, this);
      this.finish(task, "succeeded", { ...task.details, ...details });
    } catch (error) {
      task.error =
        error instanceof NodeError
          ? error.view()
          : new NodeError("internal", `An unexpected crash occurred: ${String(error)}`).view();
      this.finish(task, "failed", fruitlessDetails(task.details));
    }
  }

  private finish(
    task: Task,
    status: "succeeded" | "failed" | "canceled",
    details: Readonly<Record<string, unknown>>,
  ): void {
    task.status = status;
    task.details = details;
    task.finishedAt = timestamp();
    this.journal.finished(task);
  }

  private next(): Task | undefined {
    const waiting = [...this.tasks.values()].filter(({ status }) => status === "enqueued");
    return (
      waiting.find(({ content }) => content.type === "taskCancelation") ??
      waiting.find(({ content }) => content.type === "taskDeletion") ??
      waiting[0]
    );
  }
}

/** Lets waiting requests be answered between two tasks. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
