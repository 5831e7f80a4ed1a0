/**
 * The bodies of hints in Redis, where every router can read them: the one that kept a write may be gone. A body is one
 * value, written and read in parts, so that the server is never kept from others by a large one. It ends by itself when
 * its hint would be worthless in any case: a body whose router died before its row was kept takes no room for ever.
 */
import { assert } from "../../core/assert.ts";
import { bodyBytes, type RequestBody } from "../../core/documents/body-stream.ts";
import type { HintSpool } from "../hint-spool.ts";
import type { BodyConnections } from "./body-connections.ts";
import type { RedisConnection } from "./connect.ts";
import type { MemoryRoom } from "./memory-room.ts";

export interface RedisHintSpoolParts {
  readonly connections: Pick<BodyConnections, "use">;
  readonly room: MemoryRoom;
  /** Longer than any hint is kept. */
  readonly keptMs: number;
}

export function redisHintSpool({ connections, room, keptMs }: RedisHintSpoolParts): HintSpool {
  return {
    write: async (name, body) => {
      const bytes = bodyBytes(body);
      await room.hold(bytes, () =>
        connections.use(async (redis) => {
          const key = keyOf(name);
          await redis.command("UNLINK", key);
          if (bytes === 0) return void (await redis.command("SET", key, "", "PX", keptMs));
          // The whole length at once: a value that grows part by part is given twice the room.
          await redis.command("SETRANGE", key, bytes - 1, "\0");
          await redis.command("PEXPIRE", key, keptMs);
          let at = 0;
          for (const part of partsOf(body)) {
            const value = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
            await redis.command("SETRANGE", key, at, value);
            at += part.byteLength;
          }
          assert(at === bytes, "a body is as long as it says");
        }),
      );
    },
    read: (name) => connections.use((redis) => readWhole(redis, keyOf(name))),
    remove: (name) => connections.use(async (redis) => void (await redis.command("UNLINK", keyOf(name)))),
  };
}

async function readWhole(redis: RedisConnection, key: string): Promise<Uint8Array | undefined> {
  const [bytes, exists] = (await redis.commands([
    ["STRLEN", key],
    ["EXISTS", key],
  ])) as readonly [number, number];
  if (exists === 0) return undefined;
  const whole = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += PART_BYTES) {
    const part = await redis.bytes("GETRANGE", key, at, Math.min(at + PART_BYTES, bytes) - 1);
    // Gone since: it has been removed by whoever brought it.
    if (part === null || part.byteLength === 0) return undefined;
    whole.set(part, at);
  }
  return whole;
}

function* partsOf(body: RequestBody): Generator<Uint8Array> {
  if (typeof body !== "string" && !(body instanceof Uint8Array)) return yield* body.chunks();
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  for (let at = 0; at < bytes.byteLength; at += PART_BYTES) yield bytes.subarray(at, at + PART_BYTES);
}

function keyOf(name: string): string {
  assert(/^[A-Za-z0-9-]+$/.test(name), "a name in the spool is made of letters, digits and hyphens");
  return `miroir:hint_body:${name}`;
}

const PART_BYTES = 1_048_576;
