/** `TurnStore` in Redis: a key per scope with the run that has it; who lives is told by the heartbeats. */
import type { TurnStore } from "../turn-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import giveText from "./scripts/give-turns.lua" with { type: "text" };
import takeText from "./scripts/take-turn.lua" with { type: "text" };

const takeScript = script(takeText);
const giveScript = script(giveText);

export function redisTurnStore(redis: RedisConnection): TurnStore {
  return {
    take: async (scope, run) => {
      const clock = await runScript<string | null>(redis, takeScript, scope, run, PLACE_KEPT_MS);
      return clock === null ? undefined : { clock: BigInt(`0x${clock}`) };
    },
    give: async (scopes, run, clock) => {
      const text = clock.toString(16).padStart(CLOCK_DIGITS, "0");
      for (let start = 0; start < scopes.length; start += GIVEN_AT_ONCE) {
        await runScript(redis, giveScript, run, text, ...scopes.slice(start, start + GIVEN_AT_ONCE));
      }
    },
    listen: (run, listener) =>
      redis.subscribe("miroir:turns", (message) => {
        const [what, scope = "", holder] = message.split(" ");
        if (what === "free" && holder !== run) listener("free", scope);
        if (what === "wanted" && holder === run) listener("wanted", scope);
      }),
  };
}

const GIVEN_AT_ONCE = 500;
const CLOCK_DIGITS = 16;
/** Longer than a router that waits lets pass before it asks again. */
const PLACE_KEPT_MS = 500;
