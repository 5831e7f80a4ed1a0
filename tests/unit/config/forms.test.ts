/** Rates, windows and periods. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { inWindow, parsePeriodSeconds, parseRate, parseWindow } from "../../../src/config/forms.ts";

test("rates are a count and a span", () => {
  expect(parseRate("10/second")).toEqual({ count: 10, perSeconds: 1 });
  expect(parseRate("60/minute")).toEqual({ count: 60, perSeconds: 60 });
  expect(parseRate("5/hour")).toEqual({ count: 5, perSeconds: 3600 });
  for (const wrong of ["", "10", "0/minute", "10/day", "-1/second", "1.5/hour"]) expect(parseRate(wrong)).toBeNull();
});

test("periods have one of four units", () => {
  expect(["every 30s", "every 6h", "every 2d", "every 5m"].map(parsePeriodSeconds)).toEqual([30, 21600, 172800, 300]);
  expect(["6h", "every 0h", "every 6", "every hour"].map(parsePeriodSeconds)).toEqual([null, null, null, null]);
});

test("a window and its complement, also across midnight, never both hold a minute", () => {
  const time = fc.integer({ min: 0, max: 1439 });
  const clock = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  fc.assert(
    fc.property(time, time, time, (from, to, minute) => {
      fc.pre(from !== to);
      const window = parseWindow(`${clock(from)}-${clock(to)} UTC`);
      const rest = parseWindow(`${clock(to)}-${clock(from)} UTC`);
      if (window === null || rest === null) throw new RangeError("both are windows");
      expect(window).toEqual({ fromMinute: from, toMinute: to });
      expect(inWindow(window, minute)).toBe(!inWindow(rest, minute));
      expect(inWindow(window, from)).toBe(true);
    }),
  );
});
