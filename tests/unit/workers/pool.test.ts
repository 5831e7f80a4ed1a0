import { describe, expect, test } from "bun:test";
import { createSplitter } from "../../../src/workers/create-splitter.ts";
import { createWorkerPool, workerCount } from "../../../src/workers/pool.ts";
import type { WorkerJob } from "../../../src/workers/worker-message.ts";

const JOB = {
  kind: "plan",
  job: {
    body: new TextEncoder().encode('[{"id":1}]'),
    format: { kind: "json" },
    primaryKey: "id",
    reservedFields: [],
    geo: false,
    embedders: [],
    partial: false,
    shards: 8,
  },
} as const satisfies WorkerJob;

describe("the pool", () => {
  test("leaves one core to the event loop and has one to four workers", () => {
    expect([1, 2, 4, 64].map((cores) => workerCount("auto", cores))).toEqual([1, 1, 3, 4]);
    expect([workerCount(0, 8), workerCount(7, 2)]).toEqual([1, 7]);
  });

  test("starts no worker before the first job", () => {
    let started = 0;
    createWorkerPool({ count: 2, queueMax: 1, start: () => fakeWorker(() => (started += 1)) });
    expect(started).toBe(0);
  });

  test("refuses at once when its queue is full", async () => {
    const pool = createWorkerPool({ count: 1, queueMax: 1, start: () => fakeWorker() });
    const running = pool.run(JOB, []).catch((error: unknown) => error);
    const waiting = pool.run(JOB, []).catch((error: unknown) => error);
    expect(pool.depth()).toBe(1);
    const refused: unknown = await pool.run(JOB, []).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "miroir_overloaded", status: 503 });
    pool.close();
    expect(await running).toMatchObject({ code: "internal" });
    expect(await waiting).toMatchObject({ code: "miroir_shutting_down" });
  });

  test("fails the job of a worker that crashes and goes on with another worker", async () => {
    const workers: FakeWorker[] = [];
    const pool = createWorkerPool({ count: 1, queueMax: 4, start: () => fakeWorker((worker) => workers.push(worker)) });
    const lost = pool.run(JOB, []).catch((error: unknown) => error);
    const next = pool.run(JOB, []);
    workers[0]?.dispatchEvent(new ErrorEvent("error", { message: "out of memory" }));
    expect(await lost).toMatchObject({ code: "internal" });
    expect(workers).toHaveLength(2);
    workers[1]?.dispatchEvent(new MessageEvent("message", { data: { kind: "broken", message: "" } }));
    expect(await next).toEqual({ kind: "broken", message: "" });
    pool.close();
  });

  test("takes bodies by transfer: what was handed over is gone here", async () => {
    const pool = createWorkerPool({ count: 1, queueMax: 4 });
    const body = new TextEncoder().encode('[{"id":1}]');
    const plan = await createSplitter(pool, { minBytes: 0 }).plan({ ...JOB.job, body });
    expect(plan).toMatchObject({ kind: "planned", ids: ["1"] });
    expect(body.byteLength).toBe(0);
    pool.close();
  });
});

type FakeWorker = EventTarget & { postMessage(): void };

/** Takes jobs and never answers, unless the test does so in its name. */
function fakeWorker(started: (worker: FakeWorker) => unknown = () => undefined): Worker {
  const target = Object.assign(new EventTarget(), {
    postMessage: () => undefined,
    terminate: () => undefined,
    ref: () => undefined,
    unref: () => undefined,
  });
  started(target);
  return target as unknown as Worker;
}
