/** What there is to know of a Redis server before a router relies on it; nothing is changed. For `miroir doctor`. */
import { redisRouterStore } from "./router-store.ts";
import { connectRedis } from "./connect.ts";
import { findRisks, type RedisRisk } from "./find-risks.ts";

export interface RedisFacts {
  readonly version: string;
  /** Of the layout of keys; null: no router has used it yet. */
  readonly schemaVersion: number | null;
  /** Names of the routers that live. */
  readonly routers: readonly string[];
  readonly risks: readonly RedisRisk[];
}

/** Rejects with `StoreRefused` when the server cannot be used. */
export async function examineRedis(url: string, nowMs: () => number): Promise<RedisFacts> {
  const redis = await connectRedis(url, () => {});
  try {
    const info = await redis.command<string>("INFO", "server");
    const schema = await redis.command<string | null>("GET", "miroir:schema_version");
    return {
      version: /^redis_version:(.*)$/m.exec(info)?.[1]?.trim() ?? "",
      schemaVersion: schema === null ? null : Number(schema),
      routers: (await redisRouterStore(redis).living()).map(({ name }) => name),
      risks: await findRisks(redis, nowMs),
    };
  } finally {
    await redis.close();
  }
}
