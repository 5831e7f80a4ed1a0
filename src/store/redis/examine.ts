/** What there is to know of a Redis server before a router relies on it; nothing is changed. For `miroir doctor`. */
import { redisRouterStore } from "./router-store.ts";
import { connectRedis } from "./connect.ts";

export interface RedisFacts {
  readonly version: string;
  /** Does a crash of the server keep what it has answered for? null: it does not say. */
  readonly appendOnly: boolean | null;
  /** Empty: it does not say. */
  readonly evictionPolicy: string;
  /** Of the layout of keys; null: no router has used it yet. */
  readonly schemaVersion: number | null;
  /** Names of the routers that live. */
  readonly routers: readonly string[];
}

/** Rejects with `StoreRefused` when the server cannot be used. */
export async function examineRedis(url: string): Promise<RedisFacts> {
  const redis = await connectRedis(url, () => {});
  try {
    const info = await redis.command<string>("INFO");
    const of = (name: string): string => new RegExp(`^${name}:(.*)$`, "m").exec(info)?.[1]?.trim() ?? "";
    const schema = await redis.command<string | null>("GET", "miroir:schema_version");
    const aof = of("aof_enabled");
    return {
      version: of("redis_version"),
      appendOnly: aof === "" ? null : aof === "1",
      evictionPolicy: of("maxmemory_policy"),
      schemaVersion: schema === null ? null : Number(schema),
      routers: (await redisRouterStore(redis).living()).map(({ name }) => name),
    };
  } finally {
    await redis.close();
  }
}
