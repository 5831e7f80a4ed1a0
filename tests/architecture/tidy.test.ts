/** The repository stays tidy, and each of the rules would notice. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkLongFiles, checkTidy, LINES_MAX } from "./check-tidy.ts";
import { readSourceFiles, root } from "./source-files.ts";

const files = ["src", "tests", "bench", "scripts"].flatMap((folder) =>
  readSourceFiles(folder).map(({ path, text }) => ({ path: `${folder}/${path}`, text })),
);

test("no file is long, a bin, without a header, with leftovers or with an escape from the compiler", () => {
  expect(checkTidy(files)).toEqual([]);
});

test("exceptions for long files say how long they are today", () => {
  expect(checkLongFiles(files)).toEqual([]);
});

test("the lock file names no registry", () => {
  expect(readFileSync(join(root, "bun.lock"), "utf8")).not.toContain("http");
});

describe("a planted violation is seen", () => {
  const header = "/** A file. */\n";

  test.each([
    ["src/core/a.ts", header + "a;\n".repeat(LINES_MAX), "has 301 lines, more than 300"],
    ["src/core/utils.ts", header, "a bin is where ideas are lost"],
    ["src/core/index.ts", header, "a bin is where ideas are lost"],
    ["tests/support/helpers.ts", header, "a bin is where ideas are lost"],
    ["src/core/someThing.ts", header, "kebab-case"],
    ["src/core/a.ts", 'import { b } from "./b.ts";\n', "begin with a comment"],
    ["src/core/a.ts", `/**\n${" * A line.\n".repeat(6)} */\n`, "the header has 6 lines"],
    ["src/core/a.ts", `${header}// TODO: later\n`, "src/core/a.ts:2: finish it"],
    ["src/core/a.ts", `${header}/* FIXME */\n`, "src/core/a.ts:2: finish it"],
    ["src/core/a.ts", `${header}const a: any = 1;\n`, "`any` switches the compiler off"],
    ["src/core/a.ts", `${header}const a = b as any;\n`, "`any` switches the compiler off"],
    ["src/core/a.ts", `${header}const a: Map<string, any[]> = b;\n`, "`any` switches the compiler off"],
    ["src/core/a.ts", `${header}// @ts-expect-error\n`, "the compiler is right"],
    ["tests/a.test.ts", `${header}// @ts-ignore\n`, "the compiler is right"],
  ])("%s: %j", (path, text, message) => {
    expect(checkTidy([{ path, text }])).toEqual([expect.stringContaining(message)]);
  });

  test("not in what only looks like it", () => {
    const allowed = [
      { path: "src/core/a.ts", text: `${header}// any reason will do\nconst a = "XXX..." + "any";\nPromise.any(b);\n` },
      { path: "src/core/a.ts", text: header + "a;\n".repeat(LINES_MAX - 1) },
      { path: "src/core/errors/codes.ts", text: header + "a;\n".repeat(1000) },
      { path: "src/assets.d.ts", text: header },
      { path: "scripts/a.ts", text: `#!/usr/bin/env bun\n${header}` },
    ];
    expect(checkTidy(allowed)).toEqual([]);
  });

  test("an exception for a file that has become shorter or is gone", () => {
    const exceptions = { "src/a.ts": { lines: 400, reason: "a table" } };
    const shorter = { path: "src/a.ts", text: "a;\n".repeat(350) };
    expect(checkLongFiles([shorter], exceptions)).toEqual([expect.stringContaining("has 350 lines, not 400")]);
    expect(checkLongFiles([], exceptions)).toEqual([expect.stringContaining("has 0 lines, not 400")]);
  });
});
