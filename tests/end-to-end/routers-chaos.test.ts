/**
 * Two routers and a Redis server that are killed and stopped at random while clients write: nothing acknowledged is lost.
 * The suite writes a little; `ROUTERS_CHAOS_COUNT=20000` is the long form.
 */
import { describe, expect, test } from "bun:test";
import { noRedisReason } from "../support/redis.ts";
import { runRoutersChaos } from "../support/routers-chaos.ts";

const COUNT = Number(process.env["ROUTERS_CHAOS_COUNT"] ?? 600);
const SEED = Number(process.env["ROUTERS_CHAOS_SEED"] ?? Math.floor(Math.random() * 1_000_000));

describe.skipIf(noRedisReason() !== null)("two routers and Redis under faults", () => {
  test(
    `every acknowledged write is on both nodes, and every task has ended (ROUTERS_CHAOS_SEED=${SEED})`,
    async () => {
      const note = COUNT > 2_000 ? (text: string) => console.log(text) : () => {};
      const { violations, ...report } = await runRoutersChaos({ seed: SEED, count: COUNT, note });
      console.log(JSON.stringify(report));
      expect(violations).toEqual([]);
    },
    300_000 + COUNT * 100,
  );
});
