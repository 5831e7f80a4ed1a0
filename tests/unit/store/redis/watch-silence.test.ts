/** A server with much to do is waited for; one that answers nothing is given up, and so is nothing else. */
import { expect, test } from "bun:test";
import { watchSilence } from "../../../../src/store/redis/watch-silence.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { rejectionOf } from "../../../support/rejection-of.ts";

const SILENT_MS = 4_000;

function rig(waitingMax = 100) {
  const clock = createFakeClock();
  let silences = 0;
  const watch = watchSilence({ clock, silentMs: SILENT_MS, waitingMax, silent: () => (silences += 1) });
  const ask = () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    return { answer: resolve, outcome: watch.run(() => promise) };
  };
  return { clock, watch, ask, silences: () => silences };
}

test("a command waits for as long as answers to others keep coming", async () => {
  const { clock, ask, silences } = rig();
  const last = ask();
  for (let second = 0; second < 60; second += 1) {
    const other = ask();
    await clock.advance(1_000);
    other.answer("done");
    await other.outcome;
  }
  last.answer("at last");
  expect(await last.outcome).toBe("at last");
  expect(silences()).toBe(0);
  await clock.advance(1_000);
  expect(clock.pendingTimers()).toBe(0);
});

test("when no answer has come for the whole time, everything that waits fails and the connection is given up once", async () => {
  const { clock, ask, silences } = rig();
  const outcomes = [ask(), ask()].map(({ outcome }) => rejectionOf(outcome));
  await clock.advance(SILENT_MS + 500);
  for (const outcome of outcomes) {
    expect(await outcome).toMatchObject({ code: "miroir_store_unavailable", status: 503 });
  }
  expect(silences()).toBe(1);
  const next = ask();
  next.answer("again");
  expect(await next.outcome).toBe("again");
});

test("time without any question is no silence", async () => {
  const { clock, ask, silences } = rig();
  ask().answer("first");
  await clock.advance(SILENT_MS * 10);
  const later = ask();
  await clock.advance(SILENT_MS - 500);
  later.answer("in time");
  expect(await later.outcome).toBe("in time");
  expect(silences()).toBe(0);
});

test("time in which the process itself stood still does not count against the server", async () => {
  let nowMs = 0;
  let due: (() => void) | undefined;
  let silences = 0;
  const watch = watchSilence({
    clock: { monotonicMs: () => nowMs, startTimer: (_, callback) => ((due = callback), { cancel: () => {} }) },
    silentMs: SILENT_MS,
    waitingMax: 1,
    silent: () => (silences += 1),
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  const outcome = watch.run(() => promise);
  // The timer fires an hour late, before the answer that came meanwhile is read.
  nowMs += 3_600_000;
  due?.();
  resolve("was there all the time");
  expect(await outcome).toBe("was there all the time");
  expect(silences).toBe(0);
});

test("more commands than may wait are refused as overload", async () => {
  const { ask } = rig(2);
  const waiting = [ask(), ask()];
  expect(await rejectionOf(ask().outcome)).toMatchObject({ code: "miroir_overloaded", status: 503 });
  waiting[0]?.answer("room");
  await waiting[0]?.outcome;
  const next = ask();
  next.answer("taken");
  expect(await next.outcome).toBe("taken");
});
