/** Old tasks go, batch after batch; young and open ones stay. */
import { expect, test } from "bun:test";
import { runCoordinator } from "../../../src/coordinators/run-coordinator.ts";
import { taskPrune } from "../../../src/coordinators/task-prune.ts";
import { openMemoryStore } from "../../../src/store/memory/open.ts";
import { newTask } from "../../contract/store/new-task.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { leasesFor } from "../../support/leases.ts";

test("ended tasks older than the limit are removed and the number of the rest is told", async () => {
  const clock = createFakeClock();
  const { tasks, leases: store } = openMemoryStore(clock);
  const leases = leasesFor(clock, store);
  const old = clock.nowMs() - 8 * 86_400_000;
  for (let n = 0; n < 25; n += 1) await tasks.insert(newTask({ status: "succeeded", finishedAt: old }));
  await tasks.insert(newTask({ status: "enqueued", enqueuedAt: old }));
  await tasks.insert(newTask({ status: "failed", finishedAt: clock.nowMs() }));
  const told: object[] = [];
  const emit = (_: unknown, fields: object): void => void told.push(fields);
  const limits = { ttlMs: 7 * 86_400_000, batchSize: 10, intervalMs: 300_000 };
  const running = runCoordinator(taskPrune({ store: tasks, clock, emit }, limits), { clock, emit, leases });
  await clock.advance(1_000);
  expect(await tasks.count()).toBe(17);
  await clock.advance(1_000);
  expect((await tasks.list({}, { limit: 10 })).tasks.map(({ status }) => status)).toEqual(["failed", "enqueued"]);
  expect(told.at(-1)).toEqual({ removed: 5, kept: 2 });
  await running.stop();
});
