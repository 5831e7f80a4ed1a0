/** Powers such as the clock, the network and the environment are taken only where they are kept. */
import { describe, expect, test } from "bun:test";
import { checkCapabilities } from "./check-capabilities.ts";
import { readSourceFiles } from "./source-files.ts";

test("no file of src takes a power that is kept elsewhere", () => {
  expect(checkCapabilities(readSourceFiles("src"))).toEqual([]);
});

describe("a planted violation is seen", () => {
  test.each([
    ["services/a.ts", "await fetch(url);", "outgoing fetch"],
    ["http/app.ts", "Bun.serve({});", "Bun.serve"],
    ["services/a.ts", 'import { Database } from "bun:sqlite";', "SQLite"],
    ["services/a.ts", 'import type { Redis } from "ioredis";', "Redis"],
    ["server/a.ts", 'const a = process.env["A"];', "the environment"],
    ["core/a.ts", "const a = Date.now();", "the clock"],
    ["core/a.ts", "const a = new Date();", "the clock"],
    ["nodes/http/a.ts", "const a = performance.now();", "the clock"],
    ["scatter/a.ts", "setTimeout(a, 5);", "timers"],
    ["scatter/a.ts", "await Bun.sleep(5);", "timers"],
    ["services/a.ts", "const a = Math.random();", "chance"],
    ["services/a.ts", "const a = crypto.randomUUID();", "chance"],
    ["services/a.ts", "console.log(1);", "standard output"],
    ["cli/serve.ts", 'process.stdout.write("a");', "standard output"],
    ["cli/serve.ts", "process.exit(1);", "ending the process"],
    ["server/a.ts", 'process.on("SIGTERM", a);', "ending the process"],
    ["core/a.ts", 'throw new Error("a");', "a bare Error"],
  ])("%s: %s", (path, line, what) => {
    const violations = checkCapabilities([{ path, text: `/** A file. */\n${line}\n` }]);
    expect(violations).toEqual([expect.stringContaining(`${path}:2 uses ${what}`)]);
  });

  test("not where it is kept, in the development node, in a comment or in a text", () => {
    const allowed = [
      { path: "nodes/http/a.ts", text: "await fetch(url);" },
      { path: "platform/system.ts", text: "setTimeout(a, Date.now());" },
      { path: "devnode/a.ts", text: "Bun.serve({}); Date.now();" },
      {
        path: "services/a.ts",
        text: "// fetch(url)\n/** Date.now() */\nconst a = \"fetch(url)\" + 'Date.now()' + `new Error()`;",
      },
      {
        path: "services/a.ts",
        text: 'client.fetch(a); prefetch(b); const c = new Date(0); const d = new ApiError("");',
      },
      { path: "services/a.ts", text: "const a = /\"/; const b = '// not a comment';" },
    ];
    expect(checkCapabilities(allowed)).toEqual([]);
  });

  test("code behind a regular expression with a quote in it is still code", () => {
    const text = "const a = /[\"']/.test(b);\nconst c = Date.now();\n";
    expect(checkCapabilities([{ path: "core/a.ts", text }])).toEqual([expect.stringContaining("core/a.ts:2")]);
  });
});
