/**
 * A few workers behind a bounded queue. They are started when first needed; one that crashes fails its job, never the
 * process, and is replaced by the next job. A full queue refuses at once instead of holding bodies in memory.
 */
import { assert } from "../core/assert.ts";
import { apiError } from "../core/errors/api-error.ts";
import type { WorkerAnswer, WorkerJob } from "./worker-message.ts";

export interface WorkerPool {
  /** Rejects with 503 `miroir_overloaded` when the queue is full, with `internal` when the worker crashed. */
  run(job: WorkerJob, transfer: readonly ArrayBufferLike[]): Promise<WorkerAnswer>;
  /** Jobs waiting for a worker, for `miroir_worker_queue_depth`. */
  depth(): number;
  /** Ends all workers; jobs that are under way fail. */
  close(): void;
}

export interface PoolOptions {
  /** How many workers; at least 1. */
  readonly count: number;
  readonly queueMax: number;
  /** Starts a worker; replaced in tests. */
  readonly start?: () => Worker;
}

/** `auto`: leave one core to the event loop, and never more than four. */
export function workerCount(configured: number | "auto", cores: number): number {
  return configured === "auto" ? Math.max(1, Math.min(4, cores - 1)) : Math.max(1, configured);
}

export function createWorkerPool(options: PoolOptions): WorkerPool {
  const start = options.start ?? startWorker;
  const idle: Worker[] = [];
  const queue: Pending[] = [];
  const busy = new Map<Worker, Pending>();
  let closed = false;

  function next(): void {
    const pending = queue.shift();
    if (pending === undefined) return;
    const worker = idle.pop() ?? launch();
    busy.set(worker, pending);
    worker.ref();
    worker.postMessage(pending.job, pending.transfer as ArrayBuffer[]);
  }

  function launch(): Worker {
    const worker = start();
    worker.addEventListener("message", (event: MessageEvent<WorkerAnswer>) => {
      busy.get(worker)?.resolve(event.data);
      free(worker, true);
    });
    worker.addEventListener("error", (event: ErrorEvent) => fail(worker, event.message));
    worker.addEventListener("close", () => fail(worker, "the worker has ended"));
    return worker;
  }

  function fail(worker: Worker, message: string): void {
    const pending = busy.get(worker);
    const place = idle.indexOf(worker);
    if (place >= 0) idle.splice(place, 1);
    if (pending === undefined) return;
    pending.reject(apiError("internal", `A worker ended while it read a batch: ${message}`));
    worker.terminate();
    free(worker, false);
  }

  function free(worker: Worker, reusable: boolean): void {
    busy.delete(worker);
    if (reusable) {
      // An idle worker must not keep the process alive.
      worker.unref();
      idle.push(worker);
    }
    if (!closed) next();
  }

  return {
    run(job, transfer) {
      if (closed) return Promise.reject(apiError("miroir_shutting_down", "The router is stopping."));
      if (busy.size >= options.count && queue.length >= options.queueMax) {
        return Promise.reject(
          apiError("miroir_overloaded", "Too many large batches are waiting to be read. Send this one again later."),
        );
      }
      const { promise, resolve, reject } = Promise.withResolvers<WorkerAnswer>();
      queue.push({ job, transfer, resolve, reject });
      if (busy.size < options.count) next();
      return promise;
    },
    depth: () => queue.length,
    close() {
      closed = true;
      for (const pending of queue.splice(0))
        pending.reject(apiError("miroir_shutting_down", "The router is stopping."));
      for (const worker of busy.keys()) fail(worker, "the router is stopping");
      for (const worker of idle.splice(0)) worker.terminate();
      assert(busy.size === 0, "a closed pool has no job");
    },
  };
}

interface Pending {
  readonly job: WorkerJob;
  readonly transfer: readonly ArrayBufferLike[];
  resolve(answer: WorkerAnswer): void;
  reject(error: unknown): void;
}

/**
 * In the executable all modules are one file at the root of the embedded files, and the worker's entry lies below it
 * under its path in the source; from source it lies beside this file. Always a URL: a plain string that is not
 * embedded would be looked up in the working directory.
 */
function startWorker(): Worker {
  const embedded = import.meta.url.includes("/$bunfs/");
  return new Worker(new URL(embedded ? "./workers/worker.ts" : "./worker.ts", import.meta.url));
}
