/** `TombstoneStore` in Redis: a hash per deletion, a sorted set per index in the order of the ids, one by age. */
import type { Tombstone, TombstoneStore } from "../tombstone-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import putText from "./scripts/put-tombstone.lua" with { type: "text" };
import removeText from "./scripts/remove-tombstones.lua" with { type: "text" };

const putScript = script(putText);
const removeScript = script(removeText);

export function redisTombstoneStore(redis: RedisConnection): TombstoneStore {
  return {
    put: async ({ version, ...rest }) => {
      const text = JSON.stringify({ ...rest, version: version.toString(16) });
      const ordered = version.toString(16).padStart(16, "0");
      await runScript(redis, putScript, rest.id, rest.born, rest.createdAt, text, ordered);
    },
    remove: async (id) => void (await runScript(redis, removeScript, id)),
    ofIndex: async (born, { after, limit }) => {
      if (limit <= 0) return [];
      const from = after === "" ? "-" : `(${after}`;
      const set = `miroir:tombstones:_born:${born}`;
      const ids = await redis.command<readonly string[]>("ZRANGEBYLEX", set, from, "+", "LIMIT", 0, limit);
      const texts = await redis.commands(ids.map((id) => ["HGET", `miroir:tombstones:${id}`, "tombstone"] as const));
      return texts.flatMap((text) => (typeof text === "string" ? [toTombstone(text)] : []));
    },
    async newestVersion() {
      const newest = await redis.command<string | null>("GET", "miroir:tombstones:_newest");
      return newest === null ? null : BigInt(`0x${newest}`);
    },
    prune: async (createdBefore, limit) => {
      const set = "miroir:tombstones:_created";
      const end = `(${createdBefore}`;
      const ids = await redis.command<readonly string[]>("ZRANGEBYSCORE", set, "-inf", end, "LIMIT", 0, limit);
      return ids.length === 0 ? 0 : runScript<number>(redis, removeScript, ...ids);
    },
  };
}

function toTombstone(text: string): Tombstone {
  const { version, ...rest } = JSON.parse(text) as Omit<Tombstone, "version"> & { readonly version: string };
  return { ...rest, version: BigInt(`0x${version}`) };
}
