/** `MovementStore` in Redis: `miroir:migrations_state:<id>`. */
import type { Movement, MovementStore } from "../movement-store.ts";
import type { RedisConnection } from "./connect.ts";
import { redisRecords } from "./records.ts";

export function redisMovementStore(redis: RedisConnection): MovementStore {
  const records = redisRecords<Movement>(redis, "miroir:migrations_state");
  return {
    all: async () => (await records.all()).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    save: async (movement, fence) => void (await records.save(movement.id, movement, { fence })),
    remove: async (id, fence) => void (await records.remove(id, { fence })),
  };
}
