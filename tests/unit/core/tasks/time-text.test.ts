/** Times in the engine's forms. The accepted and refused texts were tried on the engine itself. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { iso8601Duration, parseDate, parseDateTime, rfc3339 } from "../../../../src/core/tasks/time-text.ts";

test("durations print three or six digits, days apart, and nothing for a negative one", () => {
  expect(iso8601Duration(0)).toBe("PT0S");
  expect(iso8601Duration(34.123)).toBe("PT0.034123S");
  expect(iso8601Duration(604)).toBe("PT0.604S");
  expect(iso8601Duration(2000)).toBe("PT2S");
  expect(iso8601Duration(86_400_000)).toBe("P1D");
  expect(iso8601Duration(2 * 86_400_000 + 61_500)).toBe("P2DT61.500S");
  expect(iso8601Duration(-1)).toBeNull();
});

test("moments print in UTC without trailing zeros", () => {
  expect(rfc3339(Date.UTC(2024, 7, 8, 9, 1, 13, 348))).toBe("2024-08-08T09:01:13.348Z");
  expect(rfc3339(Date.UTC(2024, 7, 8, 9, 1, 13, 340))).toBe("2024-08-08T09:01:13.34Z");
  expect(rfc3339(Date.UTC(2024, 7, 8, 9, 1, 10))).toBe("2024-08-08T09:01:10Z");
});

test("what is printed reads back as the same moment", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (timeMs) => {
      expect(parseDateTime(rfc3339(timeMs))).toBe(timeMs);
    }),
  );
});

test.each([
  ["2024-01-01T00:00:00Z", Date.UTC(2024, 0, 1)],
  ["2024-01-01 00:00:00Z", Date.UTC(2024, 0, 1)],
  ["2024-01-01_00:00:00Z", Date.UTC(2024, 0, 1)],
  ["2024-01-01t00:00:00z", Date.UTC(2024, 0, 1)],
  ["2024-01-01T00:00:00+02:00", Date.UTC(2023, 11, 31, 22)],
  ["2024-01-01T00:00:00-00:30", Date.UTC(2024, 0, 1, 0, 30)],
  ["2024-01-01T00:00:00.5Z", Date.UTC(2024, 0, 1) + 500],
  ["2024-01-01T00:00:00.1234567891Z", Date.UTC(2024, 0, 1) + 123.4567891],
  ["0001-02-03T00:00:00Z", Date.parse("0001-02-03T00:00:00Z")],
])("%s is a moment", (text, timeMs) => expect(parseDateTime(text)).toBeCloseTo(timeMs, 3));

test("the leap second ends a month and nothing else", () => {
  expect(parseDateTime("2016-12-31T23:59:60Z")).toBeDefined();
  expect(parseDateTime("2024-01-01T00:00:60Z")).toBeUndefined();
});

test.each([
  "yesterday",
  "",
  "2024-01-01T00:00:00",
  "2024-01-01T24:00:00Z",
  "2024-01-01T00:00:00+0200",
  "2024-01-01T00:00:00.Z",
  "2024-13-01T00:00:00Z",
  "2024-02-30T00:00:00Z",
])("%p is no moment", (text) => expect(parseDateTime(text)).toBeUndefined());

test("dates exist or they do not", () => {
  expect(parseDate("2024-02-29")).toBe(Date.UTC(2024, 1, 29));
  for (const text of ["2023-02-29", "2024-02-30", "2024-1-01", " 2024-01-01", "2024-13-01"]) {
    expect(parseDate(text)).toBeUndefined();
  }
});
