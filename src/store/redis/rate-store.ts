/** `RateStore` in Redis, so that a limit holds whichever router is asked: counters that end by themselves. */
import type { RateStore } from "../rate-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import hitText from "./scripts/count-hit.lua" with { type: "text" };

const hitScript = script(hitText);

export function redisRateStore(redis: RedisConnection): RateStore {
  const backoffKey = (address: string): string => `miroir:ratelimit:adminlogin:backoff:${address}`;
  return {
    hit: async (scope, address, windowMs) => {
      const key = `miroir:ratelimit:${scope}:${address}`;
      const [count, endsInMs] = await runScript<readonly [number, number]>(redis, hitScript, key, windowMs);
      return { count, endsInMs: Math.max(0, endsInMs) };
    },
    backoffMs: async (address) => Math.max(0, await redis.command<number>("PTTL", backoffKey(address))),
    setBackoff: async (address, durationMs) => {
      if (durationMs > 0) await redis.command("SET", backoffKey(address), 1, "PX", durationMs);
      else await redis.command("DEL", backoffKey(address));
    },
  };
}
