/** Jobs in chunks: each is one router's at a time, goes on where another stopped, and is never finished by a former one. */
import { expect, test } from "bun:test";
import { CLAIM_TTL_MS, createJobRunner, type JobHandler } from "../../../src/services/routers/run-jobs.ts";
import { openMemoryStore } from "../../../src/store/memory/open.ts";
import { storeUnavailable } from "../../../src/store/unavailable.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

function setUp() {
  const clock = createFakeClock();
  const { jobs } = openMemoryStore(clock);
  let isAway = false;
  const seen: typeof jobs = {
    ...jobs,
    renew: (...args) => (isAway ? Promise.reject(storeUnavailable("away")) : jobs.renew(...args)),
    finish: (...args) => (isAway ? Promise.reject(storeUnavailable("away")) : jobs.finish(...args)),
  };
  const runner = (run: string, handler: JobHandler, concurrencyMax = 2) =>
    createJobRunner({
      jobs: seen,
      run,
      handlers: new Map([["copy", handler]]),
      clock,
      emit: () => {},
      concurrencyMax,
    });
  return { clock, jobs, runner, away: (value: boolean) => void (isAway = value) };
}

const signal = new AbortController().signal;

test("a job that takes longer than a claim is kept and done once", async () => {
  const { clock, jobs, runner } = setUp();
  await jobs.enqueue({ id: "1", type: "copy", params: { from: 0 } });
  const did: string[] = [];
  const handler =
    (name: string): JobHandler =>
    async (job) => {
      await clock.sleep(3 * CLAIM_TTL_MS);
      did.push(`${name} ${job.id}`);
    };
  const [a, b] = [runner("a", handler("a")), runner("b", handler("b"))];
  await a.claim(signal);
  for (let n = 0; n < 9; n += 1) {
    await clock.advance(CLAIM_TTL_MS / 3);
    await b.claim(signal);
  }
  await clock.advance(10);
  await a.idle();
  expect(did).toEqual(["a 1"]);
  expect((await jobs.get("1"))?.state).toBe("completed");
  expect(clock.pendingTimers()).toBe(0);
});

test("a router that can no longer renew is told to stop, and another goes on from what it had done", async () => {
  const { clock, jobs, runner, away } = setUp();
  await jobs.enqueue({ id: "1", type: "copy", params: {} });
  const stopped: boolean[] = [];
  const a = runner("a", async (_, work) => {
    expect(await work.progress({ done: 40 })).toBe(true);
    await clock.sleep(2 * CLAIM_TTL_MS);
    stopped.push(work.signal.aborted, await work.progress({ done: 99 }));
  });
  await a.claim(signal);
  await clock.advance(1);
  away(true);
  await clock.advance(CLAIM_TTL_MS);
  away(false);
  const from: unknown[] = [];
  const b = runner("b", async (job, work) => {
    from.push(job.progress);
    await work.progress({ done: 100 });
  });
  await b.claim(signal);
  await clock.advance(2 * CLAIM_TTL_MS);
  await Promise.all([a.idle(), b.idle()]);
  expect(from).toEqual([{ done: 40 }]);
  expect(stopped).toEqual([true, false]);
  expect(await jobs.get("1")).toMatchObject({ state: "completed", progress: { done: 100 } });
});

test("a job whose work fails is failed; one that is interrupted by a stop is left for another router", async () => {
  const { clock, jobs, runner } = setUp();
  await jobs.enqueue({ id: "bad", type: "copy", params: {} });
  const a = runner("a", async () => {
    throw new TypeError("no");
  });
  await a.claim(signal);
  await a.idle();
  expect((await jobs.get("bad"))?.state).toBe("failed");

  await jobs.enqueue({ id: "long", type: "copy", params: {} });
  const stopping = new AbortController();
  const b = runner("b", (_, work) => clock.sleep(1_000, work.signal));
  await b.claim(stopping.signal);
  stopping.abort();
  await b.idle();
  expect((await jobs.get("long"))?.state).toBe("in_progress");
  await clock.advance(CLAIM_TTL_MS);
  const did: string[] = [];
  const c = runner("c", async (job) => void did.push(job.id));
  await c.claim(signal);
  await c.idle();
  expect(did).toEqual(["long"]);
});

test("no more is claimed than there is room for", async () => {
  const { clock, jobs, runner } = setUp();
  for (let n = 0; n < 5; n += 1) await jobs.enqueue({ id: `${n}`, type: "copy", params: {} });
  let most = 0;
  let active = 0;
  const a = runner("a", async () => {
    active += 1;
    most = Math.max(most, active);
    await clock.sleep(10);
    active -= 1;
  });
  for (let n = 0; n < 5; n += 1) {
    await a.claim(signal);
    await clock.advance(10);
  }
  await a.idle();
  expect(most).toBe(2);
  expect([...(await jobs.pending()).values()]).toEqual([]);
});
