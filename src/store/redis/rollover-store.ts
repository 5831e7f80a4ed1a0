/** `RolloverStore` in Redis: `miroir:rollover:<name>`. */
import type { RolloverPolicy, RolloverStore } from "../rollover-store.ts";
import type { RedisConnection } from "./connect.ts";
import { redisRecords } from "./records.ts";

export function redisRolloverStore(redis: RedisConnection): RolloverStore {
  const records = redisRecords<RolloverPolicy>(redis, "miroir:rollover");
  return {
    all: async () => (await records.all()).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    get: (name) => records.get(name),
    put: async (policy) => void (await records.save(policy.name, policy)),
    remove: (name) => records.remove(name),
  };
}
