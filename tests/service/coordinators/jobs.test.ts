/** The queue of heavy work as a router runs it: begun at once where it was put, soon elsewhere, left behind at a stop. */
import { expect, test } from "bun:test";
import { runCoordinator } from "../../../src/coordinators/run-coordinator.ts";
import { buildJobs } from "../../../src/server/build-jobs.ts";
import type { JobHandler } from "../../../src/services/routers/run-jobs.ts";
import { openMemoryStore } from "../../../src/store/memory/open.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { leasesFor } from "../../support/leases.ts";

function setUp() {
  const clock = createFakeClock();
  const store = openMemoryStore(clock);
  const depths: number[] = [];
  const router = (run: string, handler: JobHandler) => {
    const emit = (_: unknown, fields: object) => {
      if ("jobs" in fields) depths.push(fields.jobs as number);
    };
    const jobs = buildJobs({ store: store.jobs, run, clock, emit });
    const leases = leasesFor(clock, store.leases);
    const running = runCoordinator(jobs.coordinator(new Map([["copy", handler]])), { clock, emit, leases });
    return { queue: jobs.queue, running };
  };
  return { clock, store, router, depths };
}

const job = (id: string) => ({ id, type: "copy", params: {} });

test("a job is begun at once by the router that put it there, and the next as soon as there is room", async () => {
  const { clock, router, depths } = setUp();
  const begun: string[] = [];
  const a = router("a/1", async ({ id }) => {
    begun.push(id);
    await clock.sleep(10);
  });
  for (const id of ["1", "2", "3", "4", "5"]) await a.queue.enqueue(job(id));
  await clock.advance(0);
  expect(begun).toEqual(["1", "2"]);
  await clock.advance(30);
  expect(begun).toEqual(["1", "2", "3", "4", "5"]);
  await clock.advance(2_000);
  expect(depths.at(-1)).toBe(0);
  await a.running.stop();
  expect(clock.pendingTimers()).toBe(0);
});

test("what one router puts there another finds within seconds", async () => {
  const { clock, store, router } = setUp();
  const begun: string[] = [];
  const b = router("b/1", async ({ id }) => void begun.push(id));
  await store.jobs.enqueue(job("1"));
  await clock.advance(2_000);
  expect(begun).toEqual(["1"]);
  await b.running.stop();
});

test("a router that stops tells its work to stop, waits for that, and leaves the job to others", async () => {
  const { clock, store, router } = setUp();
  const a = router("a/1", async (_, work) => {
    await work.progress({ done: 3 });
    await clock.sleep(60_000, work.signal);
  });
  await a.queue.enqueue(job("1"));
  await clock.advance(10);
  await a.running.stop();
  expect(clock.pendingTimers()).toBe(0);
  expect(await store.jobs.get("1")).toMatchObject({ state: "in_progress", claimedBy: "a/1", progress: { done: 3 } });
});
