/**
 * What the Redis store costs, on a server of this machine that flushes its append-only file at every write: inserts and
 * updates per second, and one page out of many tasks. Run with `bun bench/store-redis.ts [--tasks=N]`.
 */
import { openRedisStore } from "../src/store/redis/open.ts";
import type { Store } from "../src/store/store.ts";
import { noRedisReason, startRedis } from "../tests/support/redis.ts";
import { APART_MS, benchPages, benchWrites, sample, type StoreBench } from "./store.ts";

export async function benchRedisStore(taskCount: number): Promise<StoreBench> {
  const reason = noRedisReason();
  if (reason !== null) throw new TypeError(reason);
  const durable = await startRedis({ durable: true });
  const writing = await openRedisStore({ url: durable.url(), run: "bench/1", emit: () => {} });
  const writes = { ...(await benchWrites(writing, 1, 2_000)), ...(await benchWrites(writing, 64, 30_000)) };
  await writing.close();
  await durable.stop();
  // How a page is found does not depend on what the server writes to its disk.
  const large = await startRedis();
  const reading = await openRedisStore({ url: large.url(), run: "bench/1", emit: () => {} });
  await fill(reading, taskCount);
  const memory = /used_memory:(\d+)/.exec(await large.command("INFO", "memory"))?.[1];
  const pages = await benchPages(reading);
  await reading.close();
  await large.stop();
  return { ...writes, redis_used_mb: Math.round(Number(memory) / 1e6), ...pages };
}

async function fill({ tasks }: Store, count: number): Promise<void> {
  let next = 0;
  const writer = async (): Promise<void> => {
    while (next < count) {
      const n = next;
      next += 1;
      const isOpen = n > count - 50;
      const ended = isOpen
        ? {}
        : {
            status: n % 1000 === 3 ? "failed" : "succeeded",
            startedAt: n * APART_MS + 1,
            finishedAt: n * APART_MS + 2,
          };
      const type = n % 50 === 0 ? "settingsUpdate" : "documentAdditionOrUpdate";
      await tasks.insert({ ...sample(n), type, enqueuedAt: n * APART_MS, ...ended } as Parameters<
        typeof tasks.insert
      >[0]);
    }
  };
  await Promise.all(Array.from({ length: 128 }, writer));
}

if (import.meta.main) {
  const count = Number(process.argv.find((one) => one.startsWith("--tasks="))?.slice("--tasks=".length) ?? 1_000_000);
  process.stdout.write(`${JSON.stringify(await benchRedisStore(count), null, 2)}\n`);
}
