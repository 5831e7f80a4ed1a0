/** Imports go down, adapters stay behind their ports, no file is dead; and a violation would be seen. */
import { describe, expect, test } from "bun:test";
import { checkDeadFiles, checkLayers } from "./check-layers.ts";
import { entryPoints, layers, orders } from "./layers.ts";
import { importsOf, readSourceFiles } from "./source-files.ts";

const files = readSourceFiles("src");

describe("in src", () => {
  test("every import follows the layers", () => {
    expect(checkLayers(files)).toEqual([]);
  });

  test("every file is used or is an entry point", () => {
    expect(checkDeadFiles(files)).toEqual([]);
  });
});

describe("the data", () => {
  test("arrows between rooms go down only: no room reaches itself", () => {
    const reach = (room: string, seen: Set<string>): Set<string> => {
      for (const next of layers[room]?.mayImport ?? []) {
        if (!seen.has(next)) {
          seen.add(next);
          reach(next, seen);
        }
      }
      return seen;
    };
    for (const room of Object.keys(layers)) expect(reach(room, new Set()).has(room)).toBe(false);
  });

  test("names a folder once in an order, and entry points that exist", () => {
    for (const order of Object.values(orders)) expect(new Set(order.flat()).size).toBe(order.flat().length);
    const paths = new Set(files.map(({ path }) => path));
    expect(Object.keys(entryPoints).filter((path) => !paths.has(path))).toEqual([]);
  });
});

describe("a planted violation is seen", () => {
  const planted: readonly (readonly [path: string, line: string, message: string])[] = [
    ["core/merge/a.ts", 'import { b } from "../../platform/clock.ts";', "core is pure"],
    ["core/merge/a.ts", 'import type { B } from "../../platform/clock.ts";', "core is pure"],
    ["core/merge/a.ts", 'import { z } from "zod";', "core is pure"],
    ["core/merge/a.ts", 'import { hash } from "node:crypto";', "core is pure"],
    ["core/topology/a.ts", 'import { b } from "../search/b.ts";', "search does not stand before topology"],
    ["core/new/a.ts", 'import { b } from "../errors/b.ts";', "new has no place in the order of core"],
    ["http/routes/a.ts", 'import { b } from "../../store/store.ts";', "services' business"],
    ["http/routes/a.ts", 'import type {\n  B,\n  C,\n} from "../../nodes/node-client.ts";', "services' business"],
    ["services/a/a.ts", 'export { b } from "../../http/b.ts";', "services are use cases"],
    ["services/a/a.ts", 'const b = await import("../../config/b.ts");', "services are use cases"],
    ["services/a/a.ts", 'import "../../server/b.ts";', "services are use cases"],
    ["services/fleet/a.ts", 'import { b } from "../documents/b.ts";', "documents does not stand before fleet"],
    ["services/a/a.ts", 'import { b } from "../../store/sqlite/b.ts";', "an adapter is named only where"],
    ["services/a/a.ts", 'import { b } from "../../nodes/http/b.ts";', "an adapter is named only where"],
    ["scatter/a.ts", 'import { b } from "../store/store.ts";', "scatter sends and collects"],
    ["nodes/a.ts", 'import { b } from "../scatter/b.ts";', "nodes talk to one"],
    ["devnode/a/a.ts", 'import { b } from "../../core/assert.ts";', "a room of its own"],
    ["server/a.ts", 'import { b } from "../devnode/b.ts";', "server constructs"],
    ["cli/serve.ts", 'import { b } from "../devnode/b.ts";', "only the commands that start"],
    ["cli/a.ts", 'import { b } from "../services/b.ts";', "cli reaches"],
    ["main.ts", 'import { b } from "./server/b.ts";', "main.ts makes the process"],
    ["cellar/a.ts", 'import { b } from "../core/b.ts";', "the room cellar has no row"],
  ];

  test.each(planted)("%s: %s", (path, line, message) => {
    const violations = checkLayers([{ path, text: `/** A file. */\n${line}\n` }]);
    expect(violations).toHaveLength(1);
    expect(violations[0]).toContain(message);
    expect(violations[0]).toContain(path);
  });

  test("what is allowed stays allowed", () => {
    const allowed = [
      { path: "core/search/a.ts", text: 'import { b } from "../merge/b.ts";\nimport { c } from "./c.ts";' },
      {
        path: "services/a/a.ts",
        text: '// import { b } from "../../http/b.ts";\nimport { c } from "../../core/c.ts";',
      },
      { path: "store/sqlite/a.ts", text: 'import { b } from "bun:sqlite";\nimport { c } from "./c.ts";' },
      { path: "server/a.ts", text: 'import { b } from "../store/sqlite/b.ts";' },
      { path: "cli/demo.ts", text: 'const b = await import("../devnode/b.ts");' },
    ];
    expect(checkLayers(allowed)).toEqual([]);
  });

  test("a file that nothing imports", () => {
    const scene = [
      { path: "main.ts", text: 'import { a } from "./cli/a.ts";' },
      { path: "cli/a.ts", text: "" },
      { path: "cli/b.ts", text: "" },
    ];
    expect(checkDeadFiles(scene)).toEqual([expect.stringContaining("cli/b.ts: nothing in src imports it")]);
  });
});

test("imports are read from every form, and from nothing else", () => {
  const text = [
    'import a from "a";',
    'import { b1,\n  b2 } from "b";',
    'import type { C } from "c";',
    'export * from "d";',
    'import "e";',
    'const f = import("f");',
    'type G = import("g").G;',
    '// import x from "x1";',
    '/* import x from "x2"; */',
    'const text = "from \\"x3\\"";',
    'import h from "h.json" with { type: "json" };',
  ].join("\n");
  expect([...importsOf({ path: "a.ts", text })].sort()).toEqual(["a", "b", "c", "d", "e", "f", "g", "h.json"]);
});
