/** `RepairStore` in Redis: one hash of suspects, one of marks, one of passes. */
import type { NodeMark, RepairPass, RepairStore, Suspect } from "../repair-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import putText from "./scripts/put-suspect.lua" with { type: "text" };
import clearText from "./scripts/clear-suspect.lua" with { type: "text" };
import { fieldsOf } from "./task-hash.ts";

const putScript = script(putText);
const clearScript = script(clearText);
const SUSPECTS = "miroir:suspects";
const MARKS = "miroir:node_marks";
const PASSES = "miroir:repair_passes";

export function redisRepairStore(redis: RedisConnection): RepairStore {
  const valuesOf = async (key: string): Promise<readonly string[]> =>
    Object.values(fieldsOf(await redis.command("HGETALL", key)));
  return {
    suspects: async () =>
      (await valuesOf(SUSPECTS)).map((text) => JSON.parse(text) as Suspect).toSorted((a, b) => a.since - b.since),
    suspect: async (suspect) => void (await runScript(redis, putScript, fieldOf(suspect), JSON.stringify(suspect))),
    clear: async (suspect) => void (await runScript(redis, clearScript, fieldOf(suspect), suspect.since)),
    marks: async () =>
      (await valuesOf(MARKS))
        .map((text) => JSON.parse(text) as NodeMark)
        .toSorted((a, b) => (a.nodeId < b.nodeId ? -1 : 1)),
    mark: async (marks) => {
      await redis.commands(marks.map((one) => ["HSET", MARKS, one.nodeId, JSON.stringify(one)] as const));
    },
    passes: async () => {
      const rows = Object.entries(fieldsOf(await redis.command("HGETALL", PASSES)));
      return new Map(rows.map(([router, text]) => [router, JSON.parse(text) as RepairPass]));
    },
    savePass: async (router, pass) => void (await redis.command("HSET", PASSES, router, JSON.stringify(pass))),
    forgetPass: async (router) => void (await redis.command("HDEL", PASSES, router)),
  };
}

/** Index uids contain no line break. */
function fieldOf({ nodeId, indexUid }: Suspect): string {
  return `${indexUid}\n${nodeId}`;
}
