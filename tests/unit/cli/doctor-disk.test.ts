/** What the doctor concludes from the disk. */
import { expect, test } from "bun:test";
import { examineDisk, type DiskReaders } from "../../../src/cli/doctor-disk.ts";
import { configFrom } from "../../../src/config/config.ts";

const healthy: DiskReaders = { whyNotWritable: () => null, freeBytes: () => 50 * 1024 ** 3 };

function levels(config: Parameters<typeof configFrom>[0], readers: Partial<DiskReaders> = {}): string[] {
  return examineDisk(configFrom(config), { ...healthy, ...readers }).map(({ level, subject }) => `${level} ${subject}`);
}

test("the store and the kept writes need a place that can be written and has room", () => {
  expect(levels({})).toEqual(["ok task_store.path", "ok hints.path"]);
  expect(levels({}, { whyNotWritable: () => "/var is read-only" })).toEqual([
    "problem task_store.path",
    "problem hints.path",
  ]);
  expect(levels({}, { freeBytes: () => 1024 ** 3 - 1 })).toEqual(["problem task_store.path", "problem hints.path"]);
  expect(levels({}, { freeBytes: () => null })).toEqual(["ok task_store.path", "ok hints.path"]);
});

test("what is not in use needs no place", () => {
  expect(levels({ hints: { enabled: false }, task_store: { backend: "redis", url: "redis://r" } })).toEqual([]);
});
