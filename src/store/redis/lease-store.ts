/** `LeaseStore` in Redis: `lease:<scope>` ends by itself, `fence:<scope>` counts the grants for ever. */
import type { LeaseStore } from "../lease-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import acquireText from "./scripts/acquire-lease.lua" with { type: "text" };
import renewText from "./scripts/renew-lease.lua" with { type: "text" };

const acquireScript = script(acquireText);
const renewScript = script(renewText);

export function redisLeaseStore(redis: RedisConnection): LeaseStore {
  return {
    acquire: async (scope, holder, ttlMs) => {
      const number = await runScript<number>(redis, acquireScript, scope, holder, ttlMs);
      return number === 0 ? undefined : { scope, holder, number };
    },
    renew: async ({ scope, holder, number }, ttlMs) =>
      (await runScript(redis, renewScript, scope, number, holder, ttlMs)) === 1,
    release: async ({ scope, holder, number }) => void (await runScript(redis, renewScript, scope, number, holder, 0)),
    current: async (scope) => {
      const text = await redis.command<string | null>("GET", `miroir:lease:${scope}`);
      const parts = text === null ? null : /^(\d+) (.*)$/.exec(text);
      return parts === null ? undefined : { scope, number: Number(parts[1]), holder: parts[2] as string };
    },
  };
}
