/**
 * Gives every new document its place in insertion order, and every write its version: 42 bits of milliseconds, 14 of a
 * counter, 8 of the router's number. One clock's numbers are strictly increasing whatever the time does, and two routers
 * never give the same one, so no coordination is needed. When a millisecond's counter is used up the clock runs ahead of
 * the time; a number that another clock has given and that was seen here is never fallen behind (a hybrid logical clock).
 */
import { assert } from "../assert.ts";

export interface SequenceClock {
  /** `nowMs`: milliseconds since the epoch; may stand still or go back. */
  next(nowMs: number): bigint;
  /** Everything that is given out from now on is higher than `seen`. */
  witness(seen: bigint): void;
}

/** Routers that write at the same time must have different numbers. */
export function createSequenceClock(routerNumber: number | (() => number)): SequenceClock {
  let lastMs = -1;
  let counter = 0;
  return {
    next(nowMs) {
      const ms = Math.trunc(nowMs);
      if (ms > lastMs) {
        lastMs = ms;
        counter = 0;
      } else if (counter + 1 < PER_MS_MAX) {
        counter += 1;
      } else {
        lastMs += 1;
        counter = 0;
      }
      const router = typeof routerNumber === "number" ? routerNumber : routerNumber();
      assert(Number.isInteger(router) && router >= 0 && router < ROUTERS_MAX, "a router number has 8 bits");
      assert(lastMs < MS_MAX, "a sequence has room for times up to the year 2109");
      return (BigInt(lastMs) << BELOW_MS_BITS) | BigInt(counter * ROUTERS_MAX + router);
    },
    witness(seen) {
      const ms = sequenceTimeMs(seen);
      const seenCounter = Number((seen & BELOW_MS_MASK) >> ROUTER_BITS);
      if (ms < lastMs || (ms === lastMs && seenCounter <= counter)) return;
      lastMs = ms;
      counter = seenCounter;
    },
  };
}

/** The millisecond in which a sequence was given out, for people who look at one. */
export function sequenceTimeMs(seq: bigint): number {
  return Number(seq >> BELOW_MS_BITS);
}

export const ROUTERS_MAX = 256;
const PER_MS_MAX = 16384;
const MS_MAX = 2 ** 42;
const BELOW_MS_BITS = 22n;
const BELOW_MS_MASK = (1n << BELOW_MS_BITS) - 1n;
const ROUTER_BITS = 8n;
