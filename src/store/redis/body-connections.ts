/**
 * Connections that carry bodies, one each at a time, so that what is small and urgent never waits behind what is large.
 * Opened when they are needed, up to a number, and closed when they have rested; whoever finds all of them in use waits.
 */
import type { Clock, Timer } from "../../platform/clock.ts";
import { storeUnavailable } from "../unavailable.ts";
import type { RedisConnection } from "./connect.ts";

export interface BodyConnectionsDeps {
  readonly open: () => Promise<RedisConnection>;
  /** Used by all when there may be no others. */
  readonly shared: RedisConnection;
  /** How many there are at most; 0: only the shared one. */
  readonly most: number;
  readonly clock: Pick<Clock, "startTimer">;
}

export interface BodyConnections {
  use<T>(work: (redis: RedisConnection) => Promise<T>): Promise<T>;
  /** Connections that are open or being opened. */
  count(): number;
  close(): Promise<void>;
}

interface Resting {
  readonly redis: RedisConnection;
  readonly end: Timer;
}

export function createBodyConnections({ open, shared, most, clock }: BodyConnectionsDeps): BodyConnections {
  const resting: Resting[] = [];
  const waiting: (() => void)[] = [];
  let count = 0;
  let closed = false;

  const take = async (): Promise<RedisConnection> => {
    for (;;) {
      const rested = resting.pop();
      if (rested !== undefined) {
        rested.end.cancel();
        return rested.redis;
      }
      if (count < most) return opened();
      await new Promise<void>((resolve) => void waiting.push(resolve));
    }
  };

  const opened = async (): Promise<RedisConnection> => {
    count += 1;
    try {
      return await open();
    } catch (cause) {
      count -= 1;
      waiting.shift()?.();
      throw storeUnavailable(cause);
    }
  };

  const end = async (redis: RedisConnection): Promise<void> => {
    count -= 1;
    await redis.close();
  };

  const giveBack = (redis: RedisConnection): void => {
    if (closed) return void end(redis);
    const one: Resting = {
      redis,
      end: clock.startTimer(REST_MS, () => {
        resting.splice(resting.indexOf(one), 1);
        void end(redis);
      }),
    };
    resting.push(one);
    waiting.shift()?.();
  };

  return {
    async use(work) {
      if (most === 0) return work(shared);
      const redis = await take();
      try {
        return await work(redis);
      } finally {
        giveBack(redis);
      }
    },
    count: () => count,
    async close() {
      closed = true;
      await Promise.all(
        resting.splice(0).map(({ redis, end: timer }) => {
          timer.cancel();
          return end(redis);
        }),
      );
    },
  };
}

const REST_MS = 30_000;
