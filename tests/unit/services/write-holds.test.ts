/** Writes of an index wait while it is held, in order and no longer than allowed; whoever holds knows that none is under way. */
import { expect, test } from "bun:test";
import { createWriteHolds } from "../../../src/services/documents/write-holds.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

function scene() {
  const clock = createFakeClock();
  const holds = createWriteHolds(clock);
  const through: number[] = [];
  const write = async (n: number, indexUid = "films"): Promise<() => void> => {
    const { left } = await holds.enter(indexUid);
    through.push(n);
    return left;
  };
  return { clock, holds, through, write };
}

test("without a hold writes go on at once, and a hold waits for those that have not entered the lanes", async () => {
  const { clock, holds, through, write } = scene();
  const first = await write(1);
  const second = await write(2);
  let held = false;
  const holding = holds.hold("films", 1_000).then((hold) => ((held = true), hold));
  void write(3);
  first();
  await clock.settle();
  expect([held, through]).toEqual([false, [1, 2]]);
  second();
  await clock.settle();
  expect([held, through]).toEqual([true, [1, 2]]);
  (await holding).release();
  await clock.settle();
  expect(through).toEqual([1, 2, 3]);
});

test("held writes go on in the order in which they came, also over a second hold, and other indexes do not wait", async () => {
  const { clock, holds, through, write } = scene();
  const hold = await holds.hold("films", 1_000);
  for (const n of [1, 2, 3]) void write(n).then((left) => left());
  void write(9, "books");
  await clock.settle();
  expect(through).toEqual([9]);
  const again = holds.hold("films", 1_000);
  hold.release();
  await clock.settle();
  expect(through).toEqual([9]);
  (await again).release();
  await clock.settle();
  expect(through).toEqual([9, 1, 2, 3]);
});

test("a hold ends by itself, says so, and leaves no timer behind when it is released before", async () => {
  const { clock, holds, through, write } = scene();
  const hold = await holds.hold("films", 1_000);
  void write(1);
  await clock.advance(999);
  expect([hold.holds(), through]).toEqual([true, []]);
  await clock.advance(1);
  expect([hold.holds(), through]).toEqual([false, [1]]);
  const next = holds.hold("films", 1_000);
  await clock.settle();
  await clock.advance(1_000);
  expect((await next).holds()).toBe(false);
  expect(clock.pendingTimers()).toBe(0);
});
