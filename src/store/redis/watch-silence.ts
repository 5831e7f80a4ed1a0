/**
 * Tells a server that answers nothing from one that has much to do. A command waits as long as answers to others keep
 * coming; when none has come for a while, everything that waits fails and the connection is made anew. Time in which
 * this process stood still does not count: it could not have heard anything. Bounded in what may wait.
 */
import { type ApiError, apiError } from "../../core/errors/api-error.ts";
import type { Clock, Timer } from "../../platform/clock.ts";

export interface SilenceWatchDeps {
  readonly clock: Pick<Clock, "monotonicMs" | "startTimer">;
  /** No answer for so long means that none will come. */
  readonly silentMs: number;
  /** Commands that may wait at a time; more are refused as overload. */
  readonly waitingMax: number;
  /** The server is silent: whatever is still on its way counts as lost. */
  readonly silent: () => void;
}

export interface SilenceWatch {
  /** Resolves and rejects as `send` does, or rejects with `miroir_store_unavailable` when the server falls silent. */
  run<T>(send: () => Promise<T>): Promise<T>;
  close(): void;
}

export function watchSilence({ clock, silentMs, waitingMax, silent }: SilenceWatchDeps): SilenceWatch {
  const waiting = new Set<(reason: ApiError) => void>();
  let heardMs = 0;
  let dueMs = 0;
  let timer: Timer | undefined;

  const arm = (): void => {
    dueMs = clock.monotonicMs() + LOOK_MS;
    timer = clock.startTimer(LOOK_MS, look);
  };

  function look(): void {
    timer = undefined;
    if (waiting.size === 0) return;
    const nowMs = clock.monotonicMs();
    heardMs += Math.max(0, nowMs - dueMs);
    if (nowMs - heardMs < silentMs) return arm();
    const lost = [...waiting];
    waiting.clear();
    silent();
    for (const reject of lost) reject(silence(silentMs));
  }

  return {
    run<T>(send: () => Promise<T>): Promise<T> {
      if (waiting.size >= waitingMax) {
        return Promise.reject(apiError("miroir_overloaded", "Too many commands wait for the Redis server."));
      }
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      if (waiting.size === 0) heardMs = clock.monotonicMs();
      waiting.add(reject);
      if (timer === undefined) arm();
      const heard = (): void => {
        waiting.delete(reject);
        heardMs = clock.monotonicMs();
      };
      send().then(
        (value) => {
          heard();
          resolve(value);
        },
        (cause: unknown) => {
          heard();
          reject(cause);
        },
      );
      return promise;
    },
    close: () => {
      timer?.cancel();
      timer = undefined;
    },
  };
}

function silence(silentMs: number): ApiError {
  return apiError(
    "miroir_store_unavailable",
    `The store of the router does not work: the Redis server has answered nothing for ${silentMs / 1_000} s.`,
  );
}

const LOOK_MS = 250;
