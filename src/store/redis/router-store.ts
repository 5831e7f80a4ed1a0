/** `RouterStore` in Redis: a hash per router that ends by itself, and the set of their names. */
import type { Router, RouterStore } from "../router-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import joinText from "./scripts/join-router.lua" with { type: "text" };
import leaveText from "./scripts/leave-router.lua" with { type: "text" };

const joinScript = script(joinText);
const leaveScript = script(leaveText);

export function redisRouterStore(redis: RedisConnection): RouterStore {
  const announce = (router: Router, ttlMs: number, takes: 0 | 1): Promise<readonly [number, number]> =>
    runScript(redis, joinScript, router.name, router.run, JSON.stringify(router), ttlMs, takes);
  return {
    join: async (router, ttlMs) => (await announce(router, ttlMs, 1))[0],
    beat: async (router, ttlMs) => {
      const [number, wasGone] = await announce(router, ttlMs, 0);
      return number < 0 ? undefined : { number, wasGone: wasGone === 1 };
    },
    living: async () => {
      const names = await redis.command<string[]>("SMEMBERS", "miroir:routers:_index");
      const texts = await redis.commands(
        names.toSorted().map((name) => ["HGET", `miroir:router:${name}`, "router"] as const),
      );
      return texts.flatMap((text) => (typeof text === "string" ? [JSON.parse(text) as Router] : []));
    },
    leave: async ({ name, run }) => void (await runScript(redis, leaveScript, name, run)),
  };
}
