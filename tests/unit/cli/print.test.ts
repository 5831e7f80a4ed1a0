/** Tables: aligned, and never wider than the terminal. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { renderTable } from "../../../src/cli/print.ts";

test("columns are aligned, numbers to the right", () => {
  const table = renderTable(
    ["node", "shards"],
    [
      ["node-0", "22"],
      ["n", "7"],
    ],
    null,
  );
  expect(table.split("\n")).toEqual(["NODE    SHARDS", "node-0      22", "n            7"]);
});

test("wide characters count as two columns", () => {
  const [, first, second] = renderTable(
    ["a", "b"],
    [
      ["日本", "x"],
      ["abcd", "y"],
    ],
    null,
  ).split("\n");
  expect([first, second]).toEqual(["日本  x", "abcd  y"]);
});

test("a table without rows is its headers", () => {
  expect(renderTable(["uid", "status"], [], 80)).toBe("UID  STATUS");
});

test("the widest columns are cut, and the narrow ones stay whole", () => {
  const table = renderTable(["id", "text"], [["7", "x".repeat(100)]], 40);
  expect(table.split("\n")[1]).toBe(` 7  ${"x".repeat(35)}…`);
});

test("no line is wider than the terminal while every column has its least width", () => {
  const cell = fc.string({ maxLength: 60, unit: "grapheme-ascii" });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
      fc.integer({ min: 22, max: 120 }),
      (rows, width) => {
        const table = renderTable(["a", "b", "c"], rows, width);
        for (const line of table.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
      },
    ),
  );
});
