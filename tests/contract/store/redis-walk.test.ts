/**
 * Lists of more tasks than are looked at one by one: the walk by which Redis finds a page of a range of times begins where
 * the range can begin, also where clocks differ and tasks take long.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { TaskStatus } from "../../../src/core/tasks/task.ts";
import { memoryTaskStore } from "../../../src/store/memory/task-store.ts";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import type { Store } from "../../../src/store/store.ts";
import type { NewTask, TaskFilter } from "../../../src/store/task-store.ts";
import { noRedisReason, startRedis, type TestRedis } from "../../support/redis.ts";
import { newTask } from "./new-task.ts";

const TASKS = 5_000;
const APART_MS = 1_000;
const SPAN_MS = TASKS * APART_MS;
const TIMEOUT_MS = 120_000;

const spread = fc.integer({ min: -600_000, max: 600_000 });
const task: fc.Arbitrary<(n: number) => NewTask> = fc
  .record({
    late: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 20_000 }) }),
    waits: fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 5_000 }) }, { weight: 1, arbitrary: spread }),
    takes: fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 5_000 }) }, { weight: 1, arbitrary: spread }),
    status: fc.constantFrom<TaskStatus>("succeeded", "failed"),
  })
  .map(({ late, waits, takes, status }) => (n) => {
    const enqueuedAt = 1_000_000 + n * APART_MS + late;
    const startedAt = enqueuedAt + waits;
    return newTask({ status, enqueuedAt, startedAt, finishedAt: startedAt + takes });
  });
const moment = fc.integer({ min: 900_000, max: 1_100_000 + SPAN_MS });
const filters: fc.Arbitrary<TaskFilter> = fc.oneof(
  moment.map((at) => ({ beforeFinishedAt: at })),
  moment.map((at) => ({ afterFinishedAt: at })),
  moment.map((at) => ({ beforeStartedAt: at })),
  moment.map((at) => ({ afterStartedAt: at, statuses: ["failed" as const] })),
  moment.map((at) => ({ beforeEnqueuedAt: at })),
  moment.map((at) => ({ afterEnqueuedAt: at })),
  fc.tuple(moment, moment).map(([one, other]) => ({
    afterFinishedAt: Math.min(one, other),
    beforeFinishedAt: Math.max(one, other),
  })),
);
const pages = fc.record({ limit: fc.nat({ max: 25 }), reverse: fc.boolean() });

const reason = noRedisReason();
describe.skipIf(reason !== null)(`a long list in Redis${reason === null ? "" : ` (skipped: ${reason})`}`, () => {
  let redis: TestRedis;
  let store: Store;
  const model = memoryTaskStore();

  beforeAll(async () => {
    redis = await startRedis();
    store = await openRedisStore({ url: redis.url(), run: "run-1", emit: () => {} });
    const samples = fc.sample(task, { numRuns: TASKS, seed: 12 }).map((make, n) => make(n));
    for (let at = 0; at < samples.length; at += 500) {
      await Promise.all(samples.slice(at, at + 500).flatMap((one) => [model.insert(one), store.tasks.insert(one)]));
    }
  }, TIMEOUT_MS);
  afterAll(async () => {
    await store.close();
    await redis.stop();
  });

  test(
    "has the pages that looking at every task gives",
    async () => {
      await fc.assert(
        fc.asyncProperty(filters, pages, async (filter, page) => {
          expect(await store.tasks.list(filter, page)).toEqual(await model.list(filter, page));
        }),
        { numRuns: 200 },
      );
    },
    TIMEOUT_MS,
  );
});
