/** `CanaryStore` in Redis: `miroir:canary:<id>`, and its runs in the sorted set `miroir:canary_runs:<id>` by their times. */
import type { Canary, CanaryRun, CanaryStore } from "../canary-store.ts";
import type { RedisConnection } from "./connect.ts";
import { redisRecords } from "./records.ts";
import { runScript, script } from "./run-script.ts";
import addRunText from "./scripts/add-canary-run.lua" with { type: "text" };

const addRunScript = script(addRunText);

export function redisCanaryStore(redis: RedisConnection): CanaryStore {
  const records = redisRecords<Canary>(redis, "miroir:canary");
  const runsOf = (id: string): string => `miroir:canary_runs:${id}`;
  return {
    all: async () => (await records.all()).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    put: async (canary) => void (await records.save(canary.id, canary)),
    remove: (id) => records.remove(id, {}, [runsOf(id)]),
    addRun: async (run, keepMax) => {
      const keys = [records.keyOf(run.canaryId), runsOf(run.canaryId)] as const;
      return (await runScript(redis, addRunScript, ...keys, run.ranAt, JSON.stringify(run), keepMax)) === 1;
    },
    runs: async (canaryId, limit) => {
      if (limit <= 0) return [];
      const texts = await redis.command<readonly string[]>("ZRANGE", runsOf(canaryId), 0, limit - 1, "REV");
      return texts.map((text) => JSON.parse(text) as CanaryRun);
    },
  };
}
