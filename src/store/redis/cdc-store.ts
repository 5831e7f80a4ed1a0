/**
 * `CdcCursorStore` in Redis (`miroir:cdc_cursor:<sink>:<index>`, and a set of the indexes of each sink), and `CdcOverflow` in
 * the lists `miroir:cdc:overflow:<sink>`, which are cut at their beginning when they grow too long.
 */
import type { CdcCursorStore, CdcOverflow } from "../cdc-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import advanceText from "./scripts/advance-cursor.lua" with { type: "text" };
import overflowText from "./scripts/overflow-events.lua" with { type: "text" };
import removeText from "./scripts/remove-cursors.lua" with { type: "text" };

const advanceScript = script(advanceText);
const removeScript = script(removeText);
const overflowScript = script(overflowText);

export function redisCdcCursorStore(redis: RedisConnection): CdcCursorStore {
  const indexesOf = (sinkName: string): string => `miroir:cdc_cursors:${sinkName}`;
  const beginningOf = (sinkName: string): string => `miroir:cdc_cursor:${sinkName}:`;
  return {
    ofSink: async (sinkName) => {
      const uids = (await redis.command<string[]>("SMEMBERS", indexesOf(sinkName))).toSorted();
      const rows = await redis.commands(
        uids.map((uid) => ["HMGET", beginningOf(sinkName) + uid, "last_event_seq", "updated_at"] as const),
      );
      return uids.map((indexUid, place) => {
        const [seq, updatedAt] = rows[place] as readonly [string, string];
        return { sinkName, indexUid, lastEventSeq: Number(seq), updatedAt: Number(updatedAt) };
      });
    },
    advance: async ({ sinkName, indexUid, lastEventSeq, updatedAt }) => {
      const keys = [beginningOf(sinkName) + indexUid, indexesOf(sinkName)] as const;
      return (await runScript(redis, advanceScript, ...keys, indexUid, lastEventSeq, updatedAt)) === 1;
    },
    remove: async (sinkName) => void (await runScript(redis, removeScript, indexesOf(sinkName), beginningOf(sinkName))),
  };
}

export function redisCdcOverflow(redis: RedisConnection): CdcOverflow {
  const keysOf = (sinkName: string) =>
    [`miroir:cdc:overflow:${sinkName}`, `miroir:cdc:overflow_state:${sinkName}`] as const;
  return {
    append: (sinkName, events, bytesMax) =>
      runScript<number>(redis, overflowScript, "append", ...keysOf(sinkName), bytesMax, ...events),
    oldest: async (sinkName, limit) => {
      const answer = await runScript<readonly string[]>(redis, overflowScript, "oldest", ...keysOf(sinkName), limit);
      return { first: Number(answer[0]), events: limit > 0 ? answer.slice(1) : [] };
    },
    dropBefore: async (sinkName, place) => {
      await runScript(redis, overflowScript, "drop", ...keysOf(sinkName), place);
    },
    bytes: async (sinkName) => Number((await redis.command<string | null>("HGET", keysOf(sinkName)[1], "bytes")) ?? 0),
  };
}
