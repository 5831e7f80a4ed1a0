/** Leases as their holder sees them: renewed while the store answers, lost at once when it is, never held past the end. */
import { expect, test } from "bun:test";
import type { Fence } from "../../../src/store/lease-store.ts";
import { openMemoryStore } from "../../../src/store/memory/open.ts";
import { createLeaseKeeper } from "../../../src/services/routers/lease-keeper.ts";
import { runCoordinator } from "../../../src/coordinators/run-coordinator.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { storeUnavailable } from "../../../src/store/unavailable.ts";

function setUp() {
  const clock = createFakeClock();
  const store = openMemoryStore(clock);
  let isAway = false;
  const leases = {
    ...store.leases,
    renew: async (...args: Parameters<typeof store.leases.renew>) => {
      if (isAway) throw storeUnavailable("away");
      return store.leases.renew(...args);
    },
  };
  const keeper = (holder: string) =>
    createLeaseKeeper({ leases, clock, emit: () => {}, holder, ttlMs: 10_000, renewMs: 3_000, enabled: true });
  return { clock, store, keeper, away: (value: boolean) => void (isAway = value) };
}

test("a lease is renewed for as long as it is held, and free as soon as it is given back", async () => {
  const { clock, keeper } = setUp();
  const held = await keeper("a").acquire("prune");
  await clock.advance(60_000);
  expect(held?.signal.aborted).toBe(false);
  expect(await keeper("b").acquire("prune")).toBeUndefined();
  await held?.release();
  expect(held?.signal.aborted).toBe(true);
  const next = await keeper("b").acquire("prune");
  expect(next?.fence.number).toBeGreaterThan(held?.fence.number as number);
  await next?.release();
  expect(clock.pendingTimers()).toBe(0);
});

test("a store that is away for a moment costs nothing; one that stays away ends the lease before another may have it", async () => {
  const { clock, keeper, away, store } = setUp();
  const held = await keeper("a").acquire("prune");
  away(true);
  await clock.advance(5_000);
  away(false);
  await clock.advance(5_000);
  expect(held?.signal.aborted).toBe(false);
  away(true);
  let lostWhileOurs: boolean | undefined;
  held?.signal.addEventListener("abort", () => {
    void store.leases.current("prune").then((now) => (lostWhileOurs = now?.number === held.fence.number));
  });
  await clock.advance(11_000);
  expect(lostWhileOurs).toBe(true);
  expect(clock.pendingTimers()).toBe(0);
});

test("a lease that went to another is noticed at the next renewal", async () => {
  const { clock, keeper, store } = setUp();
  const held = await keeper("a").acquire("prune");
  await store.leases.release({ ...(held?.fence as Fence), holder: "a" });
  await store.leases.acquire("prune", "b", 60_000);
  await clock.advance(3_000);
  expect(held?.signal.aborted).toBe(true);
});

test("a router that takes no part in the election asks for nothing", async () => {
  const { clock, store } = setUp();
  const keeper = createLeaseKeeper({
    leases: store.leases,
    clock,
    emit: () => {},
    holder: "a",
    ttlMs: 10_000,
    renewMs: 3_000,
    enabled: false,
  });
  expect(await keeper.acquire("prune")).toBeUndefined();
  expect(await store.leases.current("prune")).toBeUndefined();
});

test("of two routers one runs a coordinator, under one fence; when it stops the other one goes on at once", async () => {
  const { clock, keeper } = setUp();
  const runs: string[] = [];
  const run = (name: string) =>
    runCoordinator(
      {
        name: "only-one",
        lease: "only-one",
        intervalMs: 1_000,
        tick: async (_, fence) => void runs.push(`${name}${fence?.number}`),
      },
      { clock, emit: () => {}, leases: keeper(name) },
    );
  const first = run("a");
  const second = run("b");
  await clock.advance(4_500);
  expect(runs).toEqual(["a1", "a1", "a1", "a1"]);
  await first.stop();
  await clock.advance(4_000);
  expect(new Set(runs.slice(4))).toEqual(new Set(["b2"]));
  await second.stop();
  expect(clock.pendingTimers()).toBe(0);
});

test("a run on its way is told when its lease is lost", async () => {
  const { clock, keeper, away } = setUp();
  const why: unknown[] = [];
  const running = runCoordinator(
    {
      name: "long",
      lease: "long",
      intervalMs: 1_000,
      tick: (signal) =>
        new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => {
            why.push((signal.reason as { code?: string }).code);
            resolve();
          });
        }),
    },
    { clock, emit: () => {}, leases: keeper("a") },
  );
  await clock.advance(1_000);
  away(true);
  await clock.advance(10_000);
  expect(why).toEqual(["miroir_taken_over"]);
  await running.stop();
});
