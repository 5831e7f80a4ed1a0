/** What a repair must not overwrite is noted in the instant in which it enters the lanes. */
import { expect, test } from "bun:test";
import type { LaneEntry } from "../../../src/scatter/lane.ts";
import { createWriteWatch, REPAIR_OPERATION } from "../../../src/services/documents/write-watch.ts";

function entry(operation: string, keys?: readonly string[]): LaneEntry {
  const request = { method: "POST", path: "/x", operation, timeoutMs: 1, repeat: "once" } as const;
  return { nodeId: "a", request, ...(keys === undefined ? {} : { keys }) };
}

test("a watched index notes the keys that are written to it, and nothing that happened before or elsewhere", () => {
  const watch = createWriteWatch();
  watch.entered("films", [entry("documents.add", ["0"])]);
  const watched = watch.watch("films");
  watch.entered("films", [entry("documents.add", ["1"]), entry("documents.add", ["1"])]);
  watch.entered("books", [entry("documents.add", ["2"])]);
  watch.entered("books", [entry("documents.delete")]);
  watch.entered("films", [entry(REPAIR_OPERATION, ["3"])]);
  expect(["0", "1", "2", "3"].map((key) => watched.untouched(key))).toEqual([true, false, true, true]);
});

test("a deletion by filter concerns every document of its index", () => {
  const watch = createWriteWatch();
  const watched = watch.watch("films");
  watch.entered("films", [entry("documents.delete")]);
  expect(watched.untouched("9")).toBe(false);
});

test.each(["indexes.swap", "indexes.delete", "settings.update"])(
  "%s concerns every document of every index",
  (operation) => {
    const watch = createWriteWatch();
    const watched = watch.watch("films");
    watch.entered("books", [entry(operation)]);
    expect(watched.untouched("9")).toBe(false);
  },
);

test("an ended watch notes nothing more", () => {
  const watch = createWriteWatch();
  const watched = watch.watch("films");
  watched.end();
  watch.entered("films", [entry("documents.add", ["1"])]);
  expect(watched.untouched("1")).toBe(true);
});
