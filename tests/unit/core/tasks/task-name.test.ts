import { expect, test } from "bun:test";
import { namedAtMs, taskName } from "../../../../src/core/tasks/task-name.ts";

test("a name tells when it was given", () => {
  expect(namedAtMs(taskName(Bun.randomUUIDv7("hex", 1_790_000_000_123)))).toBe(1_790_000_000_123);
  expect(namedAtMs("mtask-0193e5a0-1234-7000-8000-000000000000")).toBe(0x0193e5a01234);
});

test.each(["mtask-lost", "0193e5a0-1234-7000-8000-000000000000", "mtask-0193e5a0-1234-4000-8000-000000000000", ""])(
  "what no version 7 name begins with says nothing: %p",
  (name) => {
    expect(namedAtMs(name)).toBeNaN();
  },
);
