/** The bodies of hints in Redis, where every router can read them: the one that kept a write may be gone. */
import { assert } from "../../core/assert.ts";
import { wholeBody } from "../../core/documents/body-stream.ts";
import type { HintSpool } from "../hint-spool.ts";
import type { RedisConnection } from "./connect.ts";

export function redisHintSpool(redis: RedisConnection): HintSpool {
  return {
    write: async (name, body) => {
      const whole = wholeBody(body);
      await redis.command("SET", keyOf(name), typeof whole === "string" ? whole : Buffer.from(whole));
    },
    read: async (name) => {
      const body = await redis.bytes("GET", keyOf(name));
      return body === null ? undefined : new Uint8Array(body);
    },
    remove: async (name) => void (await redis.command("DEL", keyOf(name))),
  };
}

function keyOf(name: string): string {
  assert(/^[A-Za-z0-9-]+$/.test(name), "a name in the spool is made of letters, digits and hyphens");
  return `miroir:hint_body:${name}`;
}
