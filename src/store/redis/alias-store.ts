/** `AliasStore` in Redis: `miroir:aliases:<name>`, whose version every change is compared with. */
import { type Alias, type AliasStore, withHistory } from "../alias-store.ts";
import type { RedisConnection } from "./connect.ts";
import { redisRecords } from "./records.ts";

export function redisAliasStore(redis: RedisConnection): AliasStore {
  const records = redisRecords<Alias>(redis, "miroir:aliases");
  return {
    all: async () => (await records.all()).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    get: (name) => records.get(name),
    save: (alias, { historyMax, ...change }) =>
      records.save(alias.name, withHistory(alias, historyMax), { ...change, version: alias.version }),
    remove: (name, change) => records.remove(name, change),
  };
}
