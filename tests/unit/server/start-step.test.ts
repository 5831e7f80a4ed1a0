/** A step of the start waits for what passes, and for nothing else. */
import { expect, test } from "bun:test";
import { apiError } from "../../../src/core/errors/api-error.ts";
import { createStartSteps, letArrive } from "../../../src/server/start-step.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { rejectionOf } from "../../support/rejection-of.ts";

function failing(times: number, failure: Error) {
  let tries = 0;
  const step = async (): Promise<string> => {
    tries += 1;
    if (tries <= times) throw failure;
    return "done";
  };
  return { step, tries: () => tries };
}

test("a step that another router or the store is in the way of is tried again until it is done", async () => {
  const clock = createFakeClock();
  const { step, tries } = failing(20, apiError("miroir_taken_over", "cut off"));
  const done = createStartSteps(clock)(step);
  await clock.advance(10_000);
  expect(await done).toBe("done");
  expect(tries()).toBe(21);
});

test("what does not pass fails the start, in the end with the reason", async () => {
  const clock = createFakeClock();
  const away = rejectionOf(
    createStartSteps(clock)(failing(Infinity, apiError("miroir_store_unavailable", "away")).step),
  );
  await clock.advance(61_000);
  expect(await away).toMatchObject({ code: "miroir_store_unavailable" });
  const { step, tries } = failing(1, new TypeError("a mistake"));
  expect(await rejectionOf(createStartSteps(clock)(step))).toBeInstanceOf(TypeError);
  expect(tries()).toBe(1);
  expect(clock.pendingTimers()).toBe(0);
});

test("all steps of a start share one minute", async () => {
  const clock = createFakeClock();
  const startStep = createStartSteps(clock);
  const first = startStep(failing(200, apiError("miroir_overloaded", "another router writes")).step);
  await clock.advance(50_000);
  expect(await first).toBe("done");
  const second = rejectionOf(startStep(failing(Infinity, apiError("miroir_overloaded", "still")).step));
  await clock.advance(11_000);
  expect(await second).toMatchObject({ code: "miroir_overloaded" });
  expect(clock.pendingTimers()).toBe(0);
});

test("what an earlier run has sent is waited for where it has left something, and nowhere else", async () => {
  const clock = createFakeClock();
  const left = (total: number) => ({ list: async () => ({ tasks: [], total, next: null }) });
  await letArrive(left(0), clock);
  let isOver = false;
  const waiting = letArrive(left(1), clock).then(() => (isOver = true));
  await clock.advance(499);
  expect(isOver).toBe(false);
  await clock.advance(1);
  await waiting;
});
