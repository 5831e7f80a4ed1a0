/** What the commands of `miroir ctl` make of the router's answers, and of none. */
import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { indexRows } from "../../../src/cli/ctl-index.ts";
import { reportRows, reportsFrom } from "../../../src/cli/ctl-settings.ts";
import { reasonIn, statusLines } from "../../../src/cli/ctl-status.ts";
import { shardRows } from "../../../src/cli/ctl-shards.ts";
import type { TopologyAnswer } from "../../../src/cli/topology-answer.ts";

const MAIN = join(import.meta.dir, "..", "..", "..", "src", "main.ts");
const KEY = "admin-key-of-the-test";

const topology: TopologyAnswer = {
  shards: 64,
  replication_factor: 2,
  replica_groups: 1,
  epoch: 3,
  degraded_node_count: 1,
  rebalance_in_progress: false,
  fully_covered: true,
  nodes: [
    {
      id: "a",
      address: "http://a",
      replica_group: 0,
      status: "active",
      shard_count: 30,
      last_seen_ms: 400,
      version: "1.50.0",
    },
    {
      id: "b",
      address: "http://b",
      replica_group: 0,
      status: "failed",
      shard_count: 34,
      last_seen_ms: null,
      version: null,
      error: "connection refused",
    },
  ],
};
const tasks = [
  {
    uid: 2,
    status: "failed",
    type: "indexCreation",
    indexUid: "films",
    enqueuedAt: "t",
    duration: null,
    error: { message: "taken" },
  },
  {
    uid: 1,
    status: "succeeded",
    type: "indexCreation",
    indexUid: "films",
    enqueuedAt: "t",
    duration: "PT1S",
    error: null,
  },
];

const asked: string[] = [];
let ready = true;
const router = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request) {
    const { pathname, search } = new URL(request.url);
    asked.push(pathname + search);
    if (pathname === "/_miroir/ready") {
      return ready
        ? Response.json({ status: "ready" })
        : Response.json({ ready: false, reasons: ["shard 3 has no owner"] }, { status: 503 });
    }
    if (request.headers.get("authorization") !== `Bearer ${KEY}`) {
      return Response.json({ message: "no", code: "miroir_invalid_auth", type: "auth", link: "" }, { status: 401 });
    }
    if (pathname === "/_miroir/topology") return Response.json(topology);
    if (pathname === "/_miroir/shards") return Response.json({ shards: [{ shard: 0, groups: [["a", "b"]] }] });
    if (pathname === "/_miroir/tasks") return Response.json({ results: tasks });
    if (pathname === "/_miroir/tasks/2") return Response.json(tasks[0]);
    return Response.json({ message: "not found", code: "not_found", type: "", link: "" }, { status: 404 });
  },
});
afterAll(() => router.stop(true));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function ctl(
  words: readonly string[],
  env: Record<string, string> = { MIROIR_ADMIN_API_KEY: KEY },
): Promise<Ran> {
  const child = Bun.spawn([process.execPath, MAIN, "ctl", ...words], {
    env: { MIROIR_URL: router.url.origin, ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, out, err };
}

describe("ctl against a router", () => {
  test("status is a few lines, and its exit code tells whether the router is ready", async () => {
    const good = await ctl(["status"]);
    expect([good.code, good.err]).toEqual([0, ""]);
    expect(good.out).toContain("not active: b failed");
    ready = false;
    try {
      const bad = await ctl(["status", "--json"]);
      expect(bad.code).toBe(6);
      expect(JSON.parse(bad.out)).toEqual({ ready: false, reason: "shard 3 has no owner", topology });
      const check = await ctl(["ready"], {});
      expect([check.code, check.err]).toEqual([6, "not ready: shard 3 has no owner\n"]);
    } finally {
      ready = true;
    }
  });

  test("topology is a table with the error of a node that has one", async () => {
    const { code, out } = await ctl(["topology"]);
    expect(code).toBe(0);
    expect(out.split("\n")[0]).toMatch(/^NODE\s+GROUP\s+STATE\s+SHARDS\s+VERSION\s+SEEN\s+ADDRESS\s+ERROR$/);
    expect(out).toMatch(/^b\s+0\s+failed\s+34\s+\?\s+never\s+http:\/\/b\s+connection refused$/m);
  });

  test("tasks are listed with the filters of the engine and shown one by one", async () => {
    const list = await ctl(["task", "list", "--status", "failed,canceled", "--limit", "5"]);
    expect(list.out).toMatch(/^\s*2\s+failed\s+indexCreation\s+films\s+t\s+-\s+taken$/m);
    expect(asked.at(-1)).toBe("/_miroir/tasks?limit=5&statuses=failed%2Ccanceled");
    const one = await ctl(["task", "get", "2", "--json"]);
    expect(JSON.parse(one.out)).toEqual(tasks[0]);
    const none = await ctl(["task", "get", "9"]);
    expect([none.code, none.err.includes("not found (not_found)")]).toEqual([1, true]);
  });

  test("shards are one line each", async () => {
    expect((await ctl(["shards", "--index", "a b"])).out).toBe("SHARD  GROUP 0\n    0  a, b\n");
    expect(asked.at(-1)).toBe("/_miroir/shards?index=a%20b");
  });

  test("a missing and a wrong key are told apart, and neither is shown", async () => {
    const missing = await ctl(["topology"], {});
    expect([missing.code, missing.err.includes("wants the admin key")]).toEqual([5, true]);
    const wrong = await ctl(["topology"], { MIROIR_ADMIN_API_KEY: "wrong-key" });
    expect([wrong.code, wrong.err.includes("does not accept"), wrong.err.includes("wrong-key")]).toEqual([
      5,
      true,
      false,
    ]);
  });

  test("no router at all has an exit code of its own", async () => {
    const { code, err } = await ctl(["status", "--url", "http://127.0.0.1:1"]);
    expect([code, err.includes("No router answers at http://127.0.0.1:1")]).toEqual([4, true]);
  });

  test("a command of a later version says so, whatever follows it", async () => {
    const { code, err } = await ctl(["reshard", "films", "--shards", "128"]);
    expect([code, err.includes("a later version brings this command")]).toEqual([8, true]);
  });
});

describe("answers", () => {
  test("the settings of an index are one line for each node, with what differs", () => {
    const report = {
      index: "films",
      settings_version: 3,
      in_sync: false,
      changing: false,
      frozen: null,
      nodes: [
        { node: "a", version: 3, hash: "0123456789abcdef", in_sync: true, differs: [] },
        { node: "b", version: null, hash: "f", in_sync: false, differs: ["stopWords", "synonyms"] },
        { node: "c", version: 2, hash: null, in_sync: false, differs: [] },
      ],
    };
    expect(reportRows(report)).toEqual([
      ["films", "a", "3 of 3", "0123456789ab", "as meant"],
      ["films", "b", "? of 3", "f", "differ: stopWords, synonyms"],
      ["films", "c", "2 of 3", "no answer", "?"],
    ]);
    expect(reportsFrom([report])).toEqual([report]);
    expect([reportsFrom(null), reportsFrom([1]), reportsFrom([{ index: "a", nodes: [{}] }])]).toEqual([
      null,
      null,
      null,
    ]);
  });

  test("an index says whether it takes writes", () => {
    const index = { uid: "films", primary_key: null, shards: 16, state: "ready", settings_version: 2, frozen: null };
    expect(indexRows({ results: [index, { ...index, frozen: "The nodes differ." }] })).toEqual([
      ["films", "-", "16", "ready", "2", "taken"],
      ["films", "-", "16", "ready", "2", "refused: The nodes differ."],
    ]);
    expect([indexRows(null), indexRows({ results: 1 }), indexRows({ results: [1] })]).toEqual([null, null, null]);
  });

  test("a router that is not ready says why in its own words, whatever their form", () => {
    expect(reasonIn({ reasons: ["r", "s"], message: "m" })).toBe("r; s");
    expect(reasonIn({ message: "m" })).toBe("m");
    expect(reasonIn({ status: "x" })).toBe('{"status":"x"}');
    expect(reasonIn("")).toBe("the router gives no reason");
  });

  test("status says plainly that shards cannot be reached", () => {
    const lines = statusLines("http://r", null, { ...topology, fully_covered: false, nodes: [] }).join("\n");
    expect(lines).toContain("2 copies each, NOT all reachable");
  });

  test("an answer of another form is not forced into a table", () => {
    expect([shardRows(null), shardRows({ shards: {} }), shardRows({ shards: [1] })]).toEqual([null, null, null]);
  });
});
