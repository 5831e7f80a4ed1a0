/** The page of guarantees names a test for every promise; the tests have to be there. */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..", "..");
const page = readFileSync(join(ROOT, "docs", "guarantees.md"), "utf8");

test("every file that the guarantees name is there", () => {
  const named = [...page.matchAll(/`((?:tests|docs|src)\/[^`]+)`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test("every promise names what proves it", () => {
  const rows = page.split("\n").filter((line) => /^\| (?:R\d)? *\| /.test(line));
  expect(rows.length).toBeGreaterThan(9);
  const unproven = rows.filter((row) => !/simulation|chaos|`tests\//.test(row.split("|").at(-2) ?? ""));
  expect(unproven).toEqual([]);
});
