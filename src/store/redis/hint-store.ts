/** `HintStore` in Redis: a hash per hint, a sorted set per node in the order of the places, and kept totals. */
import type { Hint, HintStore } from "../hint-store.ts";
import { storeLost, turnLost } from "../refusals.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import knownText from "./scripts/known-store.lua" with { type: "text" };
import appendText from "./scripts/append-hint.lua" with { type: "text" };
import removeText from "./scripts/remove-hint.lua" with { type: "text" };
import { fieldsOf } from "./task-hash.ts";

const appendScript = script(knownText, appendText);
const removeScript = script(removeText);

/** `run`: whoever keeps hints through this store. `known`: the name of the store that it has begun with; empty: none yet. */
export function redisHintStore(redis: RedisConnection, run: string, known: () => string): HintStore {
  return {
    append: async (hint) => {
      const text = JSON.stringify(hint);
      const { id, nodeId, bytes, indexUid } = hint;
      const seq = await runScript<number>(redis, appendScript, known(), id, nodeId, bytes, text, run, indexUid);
      if (seq === -2) throw storeLost();
      if (seq < 0) throw turnLost(indexUid);
      return { ...hint, seq };
    },
    oldest: async (nodeId, limit) => {
      if (limit <= 0) return [];
      const ids = await redis.command<readonly string[]>("ZRANGE", `miroir:hints:_node:${nodeId}`, 0, limit - 1);
      const rows = await redis.commands(ids.map((id) => ["HGETALL", `miroir:hints:${id}`] as const));
      return rows.flatMap((row) => {
        const { hint, seq } = fieldsOf(row);
        return hint === undefined ? [] : [{ ...(JSON.parse(hint) as Omit<Hint, "seq">), seq: Number(seq) }];
      });
    },
    remove: async (id) => void (await runScript(redis, removeScript, id)),
    totals: async () => {
      const [counts, bytes] = await redis.commands([
        ["HGETALL", "miroir:hints:_counts"],
        ["HGETALL", "miroir:hints:_bytes"],
      ]);
      const bytesOf = fieldsOf(bytes);
      return new Map(
        Object.entries(fieldsOf(counts)).map(([nodeId, count]) => [
          nodeId,
          { count: Number(count), bytes: Number(bytesOf[nodeId] ?? 0) },
        ]),
      );
    },
  };
}
