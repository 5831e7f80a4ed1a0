/** A node that is back gets few reads at first and all of them in the end; which ones it gets only ever grows. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  createGentleStart,
  GENTLE_START_MS,
  SHARE_FIRST,
  takesShare,
} from "../../../../src/services/fleet/gentle-start.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";

test("a node that never went away gets everything", () => {
  const gentle = createGentleStart(() => 0);
  expect(gentle.share("a", () => true)).toBe(1);
});

test("the share grows from the first read after the return on, however long that took, and ends at all of them", async () => {
  const clock = createFakeClock();
  const gentle = createGentleStart(() => clock.monotonicMs());
  gentle.away("a");
  expect(gentle.share("a", () => false)).toBe(0);
  await clock.advance(10 * GENTLE_START_MS);
  const shares: number[] = [];
  for (let step = 0; step <= 10; step += 1) {
    shares.push(gentle.share("a", () => true));
    await clock.advance(GENTLE_START_MS / 10);
  }
  expect(shares[0]).toBe(SHARE_FIRST);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares.at(-1)).toBe(1);
  gentle.away("a");
  expect(gentle.share("a", () => true)).toBe(SHARE_FIRST);
});

test("a read that a node is given it keeps while its share grows", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (print, a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(takesShare(less, print) && !takesShare(more, print)).toBe(false);
      },
    ),
  );
});
