/** Insertion order survives clocks that stand still, go back or are overrun, and several routers. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { decodeSequence, encodeSequence } from "../../../../src/core/markers/codec.ts";
import { createSequenceClock, sequenceTimeMs } from "../../../../src/core/markers/sequence-clock.ts";

test("sequences rise strictly whatever the time does, and fit the marker", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), fc.array(fc.integer({ min: 0, max: 2 ** 41 })), (router, times) => {
      const clock = createSequenceClock(router);
      let last = -1n;
      for (const time of times) {
        const seq = clock.next(time);
        expect(seq > last).toBe(true);
        expect(decodeSequence(encodeSequence(seq))).toBe(seq);
        last = seq;
      }
    }),
  );
});

test("forty thousand documents within one millisecond stay in order, and later time is caught up with", () => {
  const clock = createSequenceClock(7);
  let last = clock.next(1_000_000);
  for (let i = 0; i < 40_000; i += 1) {
    const seq = clock.next(1_000_000);
    expect(seq > last).toBe(true);
    last = seq;
  }
  expect(sequenceTimeMs(last)).toBe(1_000_002);
  expect(sequenceTimeMs(clock.next(1_000_010))).toBe(1_000_010);
});

test("two routers never give the same sequence", () => {
  const clocks = [createSequenceClock(0), createSequenceClock(1)];
  const given = clocks.flatMap((clock) => Array.from({ length: 20_000 }, () => clock.next(5)));
  expect(new Set(given).size).toBe(given.length);
});

test("an earlier millisecond of one router sorts before a later one of another", () => {
  expect(createSequenceClock(255).next(1000) < createSequenceClock(0).next(1001)).toBe(true);
});

test("a router number beyond eight bits is a mistake of ours", () => {
  for (const number of [-1, 256, 0.5]) expect(() => createSequenceClock(() => number).next(0)).toThrow("8 bits");
});

test("what another clock has given is never fallen behind once it was seen, however wrong that clock is", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }), fc.integer({ min: 0, max: 2 ** 41 }), (seen, nowMs) => {
      const clock = createSequenceClock(3);
      const before = clock.next(nowMs);
      clock.witness(seen);
      const after = clock.next(nowMs);
      expect(after > seen || after >> 8n > seen >> 8n).toBe(true);
      expect(after > before).toBe(true);
    }),
  );
});
