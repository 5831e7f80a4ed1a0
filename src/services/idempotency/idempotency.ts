/**
 * A write that a client repeats under the same `Idempotency-Key` is done once: the repetition is answered with the first
 * one's task, also after a restart and also while the first is still under way. Keys are claimed durably before anything
 * is done; a write that was refused gives its key back.
 */
import { apiError } from "../../core/errors/api-error.ts";
import type { Task } from "../../core/tasks/task.ts";
import { namedAtMs, taskName } from "../../core/tasks/task-name.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import type { IdempotencyStore } from "../../store/idempotency-store.ts";
import type { TaskStore } from "../../store/task-store.ts";
import type { Emit } from "../../telemetry/event.ts";
import { idempotencyKeyUsed } from "../../telemetry/events/idempotency.ts";

export interface IdempotencyDeps {
  readonly store: Pick<IdempotencyStore, "claim" | "remove">;
  readonly tasks: Pick<TaskStore, "getByMiroirId">;
  readonly clock: Pick<Clock, "sleep" | "nowMs">;
  readonly random: Pick<Random, "uuidV7">;
  readonly emit: Emit;
  readonly ttlMs: number;
  /** Other routers claim keys in the same store. */
  readonly shared: boolean;
}

export interface Idempotency {
  /**
   * `digest`: 32 bytes of everything that makes the request what it is. `work` is given the name that its task has to
   * have. Throws 409 when the key stands for another request.
   */
  once<T>(key: string, digest: Uint8Array, work: (taskId: string) => Promise<T>): Promise<Once<T>>;
}

export type Once<T> =
  | { readonly kind: "done"; readonly result: T }
  /** It had been done before. */
  | { readonly kind: "known"; readonly task: Task };

export function createIdempotency(deps: IdempotencyDeps): Idempotency {
  /** What is under way here, by key. There are as many as requests that run, and the router limits those. */
  const running = new Map<string, { readonly digest: Uint8Array; readonly result: Promise<Once<unknown>> }>();

  const tell = (outcome: string): void => deps.emit(idempotencyKeyUsed, { outcome });

  const refuseOther = (known: Uint8Array, digest: Uint8Array): void => {
    if (Buffer.from(known).equals(digest)) return;
    tell("conflict");
    throw apiError(
      "miroir_idempotency_key_reused",
      "This idempotency key was used for another request. Use a new key for every write.",
    );
  };

  const begin = async <T>(key: string, digest: Uint8Array, work: (taskId: string) => Promise<T>): Promise<Once<T>> => {
    let taskId = taskName(deps.random.uuidV7());
    const taken = await deps.store.claim({ key, bodySha256: digest, taskId }, deps.ttlMs);
    if (taken !== undefined) {
      refuseOther(taken.bodySha256, digest);
      const task = await find(deps, taken.taskId);
      // A write that the router could not hand out to its end has to be made again.
      if (task !== undefined && task.error?.code !== INTERRUPTED) {
        tell("replayed");
        return { kind: "known", task };
      }
      if (task === undefined) taskId = taken.taskId;
      else {
        await deps.store.remove(key);
        await deps.store.claim({ key, bodySha256: digest, taskId }, deps.ttlMs);
      }
    }
    tell(taken === undefined ? "first" : "resumed");
    try {
      return { kind: "done", result: await work(taskId) };
    } catch (error) {
      // Should this fail too, the key stands for a task that does not exist, which the next request takes over.
      await deps.store.remove(key).catch(() => undefined);
      throw error;
    }
  };

  return {
    async once<T>(key: string, digest: Uint8Array, work: (taskId: string) => Promise<T>): Promise<Once<T>> {
      const other = running.get(key);
      if (other !== undefined) {
        refuseOther(other.digest, digest);
        tell("joined");
        return (await other.result) as Once<T>;
      }
      const result = begin(key, digest, work);
      running.set(key, { digest, result });
      try {
        return await result;
      } finally {
        running.delete(key);
      }
    },
  };
}

/**
 * The task that a claimed key stands for, once it is known what becomes of it; undefined: there is none and nobody is about
 * to make one. Throws 503 while another router, or what a former run has left, is still being waited for.
 */
async function find(deps: IdempotencyDeps, taskId: string): Promise<Task | undefined> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const task = await deps.tasks.getByMiroirId(taskId);
    if (task === undefined && !mayBeUnderWay(deps, taskId)) return undefined;
    // Until it has been handed out it may still be refused, or turn out to have been cut off.
    if (task !== undefined && (task.dispatched || task.error !== null || !OPEN.has(task.status))) return task;
    await deps.clock.sleep(PAUSE_MS);
  }
  throw apiError(
    "miroir_idempotency_key_busy",
    "The first request with this idempotency key is still being carried out. Send it again with the same key.",
    { retryAfterSeconds: 1 },
  );
}

/** Claimed by another router that may not have noted its task yet: it may have to wait for its turn on the index. */
function mayBeUnderWay({ shared, clock }: Pick<IdempotencyDeps, "shared" | "clock">, taskId: string): boolean {
  return shared && clock.nowMs() - namedAtMs(taskId) < UNDER_WAY_MAX_MS;
}

const OPEN: ReadonlySet<Task["status"]> = new Set(["enqueued", "processing"]);
const INTERRUPTED = "miroir_task_interrupted";
const LOOKS = 100;
const PAUSE_MS = 100;
/** Longer than a request may take. */
const UNDER_WAY_MAX_MS = 60_000;
