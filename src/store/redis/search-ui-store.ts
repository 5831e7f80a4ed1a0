/**
 * `SearchUiStore` in Redis: `miroir:search_ui_config:<index>`, `miroir:search_ui_scoped_key:<index>`, and what each router is
 * believed to use under `miroir:search_ui_scoped_key_observed:<router>:<index>`, which ends by itself.
 */
import type { ScopedKey, SearchUiConfig, SearchUiStore } from "../search-ui-store.ts";
import type { RedisConnection } from "./connect.ts";
import { redisRecords } from "./records.ts";

export function redisSearchUiStore(redis: RedisConnection): SearchUiStore {
  const configs = redisRecords<SearchUiConfig>(redis, "miroir:search_ui_config");
  const keys = redisRecords<ScopedKey>(redis, "miroir:search_ui_scoped_key");
  const observedKey = (router: string, indexUid: string): string =>
    `miroir:search_ui_scoped_key_observed:${router}:${indexUid}`;
  return {
    configs: async () => (await configs.all()).toSorted((a, b) => (a.indexUid < b.indexUid ? -1 : 1)),
    config: (indexUid) => configs.get(indexUid),
    putConfig: async (config) => void (await configs.save(config.indexUid, config)),
    removeConfig: (indexUid) => configs.remove(indexUid),
    scopedKey: (indexUid) => keys.get(indexUid),
    saveScopedKey: (key, expectedVersion, fence) =>
      keys.save(key.indexUid, key, { expectedVersion, fence, version: key.generation }),
    removeScopedKey: async (indexUid) => void (await keys.remove(indexUid)),
    observeScopedKey: async (router, indexUid, generation, ttlMs) => {
      await redis.command("SET", observedKey(router, indexUid), generation, "PX", ttlMs);
    },
    observedScopedKeys: async (routers, indexUid) => {
      const seen = await redis.commands(routers.map((router) => ["GET", observedKey(router, indexUid)] as const));
      return new Map(
        routers.flatMap((router, place) => {
          const generation = seen[place];
          return typeof generation === "string" ? [[router, Number(generation)] as const] : [];
        }),
      );
    },
  };
}
