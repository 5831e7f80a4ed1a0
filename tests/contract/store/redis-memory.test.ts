/** The budget of the Redis layout: 10,000 tasks, 1,000 sessions and 1,000 idempotency keys within 20 MB of the server. */
import { describe, expect, test } from "bun:test";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import { noRedisReason, startRedis } from "../../support/redis.ts";
import { newTask } from "./new-task.ts";

const reason = noRedisReason();
const BUDGET_BYTES = 20_000_000;

describe.skipIf(reason !== null)("memory of the Redis store", () => {
  test("10,000 tasks, 1,000 sessions and 1,000 keys fit into 20 MB", async () => {
    const redis = await startRedis();
    const usedBytes = async () => Number(/used_memory:(\d+)/.exec(await redis.command("INFO", "memory"))?.[1]);
    const store = await openRedisStore({ url: redis.url(), run: "router-0:0198f0aa", emit: () => {} });
    const before = await usedBytes();
    const ttlMs = 3_600_000;
    await inChunks(10_000, async (n) => {
      const { uid } = await store.tasks.insert({ ...task(n), miroirId: `mtask-${Bun.randomUUIDv7()}` });
      await store.tasks.update(uid, { status: "succeeded", startedAt: NOW + n + 20, finishedAt: NOW + n + 120 });
    });
    await inChunks(1_000, (n) =>
      store.sessions.put(
        { id: crypto.randomUUID(), lastWriteTask: n, lastWriteAt: NOW, pinnedGroup: 1, minSettingsVersion: 3 },
        ttlMs,
      ),
    );
    await inChunks(1_000, async (n) => {
      const bodySha256 = new Uint8Array(32).fill(n);
      await store.idempotency.claim(
        { key: crypto.randomUUID(), bodySha256, taskId: `mtask-${Bun.randomUUIDv7()}` },
        ttlMs,
      );
    });
    const grown = (await usedBytes()) - before;
    console.log(`grown by ${(grown / 1e6).toFixed(1)} MB`);
    expect(grown).toBeLessThan(BUDGET_BYTES);
    expect(await store.tasks.count()).toBe(10_000);
    await store.close();
    await redis.stop();
    // Measured is memory; a busy machine may take its time for it.
  }, 120_000);
});

const NOW = 1_760_000_000_000;

/** As large as that of a write of 1,000 documents to three nodes. */
function task(n: number) {
  return newTask({
    indexUid: `index-${n % 20}`,
    nodeTasks: [0, 1, 2].map((node) => ({
      nodeId: `node-${node}`,
      taskUid: n,
      role: "main" as const,
      status: "succeeded" as const,
      enqueuedAt: NOW + n,
      startedAt: NOW + n + 20,
      finishedAt: NOW + n + 120,
    })),
    details: { receivedDocuments: 1000, indexedDocuments: 1000 },
    dispatched: true,
    enqueuedAt: NOW + n,
  });
}

async function inChunks(count: number, work: (n: number) => Promise<void>): Promise<void> {
  for (let start = 0; start < count; start += 500) {
    await Promise.all(Array.from({ length: Math.min(500, count - start) }, (_, place) => work(start + place)));
  }
}
