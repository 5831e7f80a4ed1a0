/**
 * How much of the server's memory bodies may fill. What every router needs to work at all (tasks, leases, heartbeats)
 * lives in the same memory, so bodies are refused while there is still room for that.
 */
import { SpoolFullError } from "../hint-spool.ts";
import type { RedisConnection } from "./connect.ts";

export interface MemoryRoom {
  /** Rejects with `SpoolFullError`, and `work` is not begun, when so many more bytes would take too much. */
  hold<T>(bytes: number, work: () => Promise<T>): Promise<T>;
}

export function createMemoryRoom(redis: RedisConnection): MemoryRoom {
  /** Of what is being written now, so that many at once are counted too. */
  let heldBytes = 0;
  return {
    async hold(bytes, work) {
      heldBytes += bytes;
      try {
        const { usedBytes, mostBytes } = await look(redis);
        if (mostBytes !== null && usedBytes + heldBytes > mostBytes) throw full(usedBytes, mostBytes);
        return await work();
      } finally {
        heldBytes -= bytes;
      }
    },
  };
}

/** `mostBytes` null: the server does not say how much it may use. */
async function look(
  redis: RedisConnection,
): Promise<{ readonly usedBytes: number; readonly mostBytes: number | null }> {
  const info = await redis.command<string>("INFO", "memory");
  const of = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
  const [limit, machine] = [of("maxmemory"), of("total_system_memory")];
  const mostBytes = limit > 0 ? limit * OF_LIMIT : machine > 0 ? machine * OF_MACHINE : null;
  return { usedBytes: of("used_memory"), mostBytes };
}

function full(usedBytes: number, mostBytes: number): Error {
  return new SpoolFullError(
    `The Redis server uses ${usedBytes} bytes; bodies of kept writes may fill it up to ${Math.floor(mostBytes)}.`,
  );
}

const OF_LIMIT = 0.75;
/** A server without a limit shares its machine with others, and doubles while it rewrites its file. */
const OF_MACHINE = 0.4;
