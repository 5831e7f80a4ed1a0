/** Who waits for the end of which task. There are as many as requests that wait, and the router limits those. */
import { apiError, type ApiError } from "../../core/errors/api-error.ts";
import type { Task } from "../../core/tasks/task.ts";

export interface Waiters {
  /** Rejects with the signal's reason when that fires first. */
  wait(uid: number, signal: AbortSignal): Promise<Task>;
  resolve(task: Task): void;
  reject(uid: number, error: ApiError): void;
  readonly size: number;
  close(): void;
}

interface Waiter {
  readonly resolve: (task: Task) => void;
  readonly reject: (reason: ApiError) => void;
}

export function createWaiters(): Waiters {
  const byTask = new Map<number, Set<Waiter>>();

  const take = (uid: number): ReadonlySet<Waiter> => {
    const waiters = byTask.get(uid) ?? new Set<Waiter>();
    byTask.delete(uid);
    return waiters;
  };

  return {
    wait: (uid, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error);
        const waiters = byTask.get(uid) ?? new Set<Waiter>();
        byTask.set(uid, waiters);
        const onAbort = (): void => {
          waiters.delete(waiter);
          if (waiters.size === 0 && byTask.get(uid) === waiters) byTask.delete(uid);
          reject(signal.reason as Error);
        };
        const settled = (): void => signal.removeEventListener("abort", onAbort);
        const waiter: Waiter = {
          resolve: (task) => {
            settled();
            resolve(task);
          },
          reject: (reason) => {
            settled();
            reject(reason);
          },
        };
        waiters.add(waiter);
        signal.addEventListener("abort", onAbort, { once: true });
      }),
    resolve: (task) => {
      for (const waiter of take(task.uid)) waiter.resolve(task);
    },
    reject: (uid, error) => {
      for (const waiter of take(uid)) waiter.reject(error);
    },
    get size() {
      return byTask.size;
    },
    close: () => {
      const error = apiError("miroir_shutting_down", "The router is stopping; ask for the task again later.");
      for (const uid of byTask.keys()) for (const waiter of take(uid)) waiter.reject(error);
    },
  };
}
