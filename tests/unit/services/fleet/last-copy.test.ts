/** A node that counts as unwell is asked for what nobody else has, if it is complete, and without holding readers up. */
import { expect, test } from "bun:test";
import type { DiskState } from "../../../../src/services/fleet/disk-doubts.ts";
import { createLastCopy } from "../../../../src/services/fleet/last-copy.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";

function scene(disk: () => DiskState, tookMs = 0) {
  const clock = createFakeClock();
  const state = { complete: true, checks: 0 };
  const isLastCopy = createLastCopy({
    complete: () => state.complete,
    checkDisk: async () => {
      state.checks += 1;
      if (tookMs > 0) await clock.sleep(tookMs);
      return disk();
    },
    monotonicMs: () => clock.monotonicMs(),
  });
  return { clock, state, isLastCopy };
}

test("only a node that holds what it held is worth trying", async () => {
  expect(await scene(() => "same").isLastCopy("a")).toBe(true);
  expect(await scene(() => "lost").isLastCopy("a")).toBe(false);
  expect(await scene(() => "unknown").isLastCopy("a")).toBe(false);
});

test("one that has missed something is not even asked, and one that misses it meanwhile does not count", async () => {
  const { state, isLastCopy } = scene(() => {
    state.complete = false;
    return "same";
  });
  expect(await isLastCopy("a")).toBe(false);
  expect(await isLastCopy("a")).toBe(false);
  expect(state.checks).toBe(1);
});

test("readers at one time share one question, and a silent node is asked again only after as long as it was waited for", async () => {
  const { clock, state, isLastCopy } = scene(() => "unknown", 2_000);
  const readers = [isLastCopy("a"), isLastCopy("a"), isLastCopy("a")];
  await clock.advance(2_000);
  expect(await Promise.all(readers)).toEqual([false, false, false]);
  expect(state.checks).toBe(1);
  expect(await isLastCopy("a")).toBe(false);
  await clock.advance(1_999);
  expect(await isLastCopy("a")).toBe(false);
  expect(state.checks).toBe(1);
  await clock.advance(1);
  void isLastCopy("a");
  expect(state.checks).toBe(2);
});

test("a closed port, which costs nothing, is tried every time", async () => {
  const { state, isLastCopy } = scene(() => "unknown");
  for (let i = 0; i < 5; i += 1) expect(await isLastCopy("a")).toBe(false);
  expect(state.checks).toBe(5);
});
