/** `IdempotencyStore` in Redis: a hash per key that ends by itself. */
import type { IdempotencyStore, IdempotentRequest } from "../idempotency-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import keepText from "./scripts/keep-idempotency-keys.lua" with { type: "text" };
import claimText from "./scripts/claim-idempotency-key.lua" with { type: "text" };

const keepScript = script(keepText);
const claimScript = script(claimText);

export function redisIdempotencyStore(redis: RedisConnection): IdempotencyStore {
  return {
    claim: async ({ key, bodySha256, taskId }, ttlMs) => {
      const hash = Buffer.from(bodySha256).toString("base64");
      return toRequest(key, await runScript<readonly (string | null)[]>(redis, claimScript, key, ttlMs, hash, taskId));
    },
    get: async (key) =>
      toRequest(
        key,
        await redis.command<readonly (string | null)[]>("HMGET", `miroir:idemp:${key}`, "sha256", "task_id"),
      ),
    remove: async (key) => {
      await redis.commands([
        ["DEL", `miroir:idemp:${key}`],
        ["ZREM", "miroir:idemp:_index", key],
      ]);
    },
    keep: (max) => runScript<number>(redis, keepScript, max),
  };
}

function toRequest(key: string, [hash, taskId]: readonly (string | null)[]): IdempotentRequest | undefined {
  if (hash === undefined || hash === null) return undefined;
  return { key, bodySha256: new Uint8Array(Buffer.from(hash, "base64")), taskId: taskId ?? "" };
}
