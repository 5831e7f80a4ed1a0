/** Background loops: one run at a time, at the right moments, and none after the stop. */
import { expect, test } from "bun:test";
import { apiError } from "../../../src/core/errors/api-error.ts";
import type { Coordinator } from "../../../src/coordinators/coordinator.ts";
import { runCoordinator } from "../../../src/coordinators/run-coordinator.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { leasesFor } from "../../support/leases.ts";

function setUp(coordinator: Partial<Coordinator>) {
  const clock = createFakeClock();
  const startMs = clock.monotonicMs();
  const runs: number[] = [];
  const events: object[] = [];
  const running = runCoordinator(
    {
      name: "test",
      intervalMs: 100,
      ...coordinator,
      tick: async (signal) => {
        runs.push(clock.monotonicMs() - startMs);
        return coordinator.tick?.(signal);
      },
    },
    { clock, emit: (_, fields) => void events.push(fields), leases: leasesFor(clock) },
  );
  return { clock, runs, events, running };
}

test("runs at its interval, counted from the end of the run before", async () => {
  const world = setUp({});
  const { clock, runs } = world;
  await clock.advance(350);
  expect(runs).toEqual([100, 200, 300]);
  await world.running.stop();
});

test("runs again when the run itself says", async () => {
  const { clock, runs, running } = setUp({ tick: async () => 30 });
  await clock.advance(200);
  expect(runs).toEqual([100, 130, 160, 190]);
  await running.stop();
});

test("never begins a run while one is on its way", async () => {
  let active = 0;
  let most = 0;
  let release: () => void = () => {};
  let hurry: (delayMs: number) => void = () => {};
  const { clock, runs, running } = setUp({
    onStart: (given) => {
      hurry = given;
    },
    tick: async () => {
      active += 1;
      most = Math.max(most, active);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      active -= 1;
    },
  });
  await clock.advance(100);
  hurry(0);
  await clock.advance(1000);
  expect(runs).toEqual([100]);
  release();
  await clock.settle();
  await clock.advance(0);
  // The hurry that came meanwhile is not forgotten.
  expect(runs).toEqual([100, 1100]);
  expect(most).toBe(1);
  const stopped = running.stop();
  release();
  await stopped;
});

test("a hurry brings the next run forward and never puts it off", async () => {
  let hurry: (delayMs: number) => void = () => {};
  const { clock, runs, running } = setUp({
    onStart: (given) => {
      hurry = given;
    },
  });
  hurry(500);
  await clock.advance(10);
  hurry(25);
  hurry(40);
  await clock.advance(100);
  expect(runs).toEqual([35]);
  await running.stop();
});

test("survives a run that throws, tells it, and pauses ever longer", async () => {
  let failing = true;
  const { clock, runs, events, running } = setUp({
    tick: async () => {
      if (failing) throw new TypeError("no");
    },
  });
  await clock.advance(100 + 250 + 500 + 1000);
  expect(runs).toEqual([100, 350, 850, 1850]);
  expect(events[2]).toMatchObject({ coordinator: "test", failures: 3, retryMs: 1000, detail: "no" });
  failing = false;
  await clock.advance(2100);
  expect(runs.slice(4)).toEqual([3850, 3950]);
  await running.stop();
});

test("while the store is away it is tried every two seconds, however long that lasts, and told ever more seldom", async () => {
  let away = true;
  const { clock, runs, events, running } = setUp({
    tick: async () => {
      if (away) throw apiError("miroir_store_unavailable", "away");
    },
  });
  await clock.advance(120_000);
  const tries = runs.length;
  const gaps = runs.slice(5).map((atMs, place) => atMs - (runs[place + 4] ?? 0));
  expect(new Set(gaps)).toEqual(new Set([2_000]));
  expect(events.length).toBeLessThan(tries / 3);
  away = false;
  await clock.advance(2_000);
  expect(runs.length).toBeGreaterThan(tries + 1);
  await running.stop();
});

test("after the stop nothing runs, no timer is left, and the run on its way was told and awaited", async () => {
  let told = false;
  const { clock, runs, running } = setUp({
    tick: (signal) =>
      new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          told = true;
          resolve();
        });
      }),
  });
  await clock.advance(100);
  await running.stop();
  expect(told).toBe(true);
  await clock.advance(10_000);
  expect(runs).toEqual([100]);
  expect(clock.pendingTimers()).toBe(0);
});
