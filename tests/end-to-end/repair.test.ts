/** Replicas that differ are found and made equal: edited behind the router's back, empty, or past what was kept for them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startMiroir, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest, runTask, type TestNode } from "../support/nodes.ts";

const TIMEOUT_MS = 120_000;
const documents = Array.from({ length: 300 }, (_unused, id) => ({ id, title: `entry ${id}`, n: id % 7 }));

async function loaded(options: Parameters<typeof startMiroir>[0]): Promise<TestMiroir> {
  const miroir = await startMiroir(options);
  await miroir.write("POST", "/indexes", { uid: "entries", primaryKey: "id" });
  await miroir.write("PATCH", "/indexes/entries/settings", { filterableAttributes: ["n"] });
  await miroir.write("POST", "/indexes/entries/documents", documents);
  return miroir;
}

/** What a node holds, as one text that does not depend on the order of documents and fields. */
async function stored(node: TestNode): Promise<string> {
  const page = await nodeRequest(node, "GET", "/indexes/entries/documents?limit=10000");
  const results = (page.body.results ?? []) as readonly Record<string, unknown>[];
  return JSON.stringify(
    results
      .map((one) => Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      .map(String)
      .toSorted(),
  );
}

async function verified(miroir: TestMiroir, request: object): Promise<Record<string, unknown>> {
  const admin = { "x-admin-key": miroir.adminKey };
  const started = await miroir.request("POST", "/_miroir/verify", request, admin);
  expect(started.status).toBe(202);
  for (;;) {
    const now = await miroir.request("GET", "/_miroir/verify", undefined, admin);
    if (now.body.state !== "running") return now.body as Record<string, unknown>;
    await Bun.sleep(50);
  }
}

async function untilSaid(miroir: TestMiroir, event: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await miroir.output()).includes(event)) {
    if (performance.now() > deadline) throw new TypeError(`the router has not told of ${event}`);
    await Bun.sleep(50);
  }
}

/** Every task has ended: both nodes have carried out all that was written. */
async function untilIdle(miroir: TestMiroir): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const open = await miroir.request("GET", "/tasks?statuses=enqueued,processing&limit=1");
    if (open.body.total === 0) return;
    if (performance.now() > deadline) throw new TypeError(`not done: ${open.text}`);
    await Bun.sleep(100);
  }
}

/** The states in which nodes were seen until then. */
async function untilEqual(miroir: TestMiroir): Promise<ReadonlySet<string>> {
  const deadline = performance.now() + 60_000;
  const seen = new Set<string>();
  for (;;) {
    const topology = await miroir.request("GET", "/_miroir/topology", undefined, { "x-admin-key": miroir.adminKey });
    const states = topology.body.nodes.map(({ status }: { status: string }) => status) as readonly string[];
    for (const state of states) seen.add(state);
    if (states.every((state) => state === "active")) return seen;
    if (performance.now() > deadline) throw new TypeError(`not well: ${topology.text}`);
    await Bun.sleep(100);
  }
}

describe("two copies", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    miroir = await loaded({ nodes: 2, replicationFactor: 2, shards: 4 });
  }, TIMEOUT_MS);
  afterAll(() => miroir.stop());

  test(
    "of which one was edited behind the router's back are reported, and made equal when that is asked for",
    async () => {
      const [left, right] = miroir.nodes as [TestNode, TestNode];
      await miroir.write("POST", "/indexes/entries/documents/delete-batch", ["7"]);
      const before = await stored(left);
      const copy = (await nodeRequest(right, "GET", "/indexes/entries/documents/7?fields=*")).status;
      expect(copy).toBe(404);
      await runTask(right, "POST", "/indexes/entries/documents/delete-batch", [1, 2]);
      await runTask(right, "PUT", "/indexes/entries/documents", [{ id: 3, title: "changed" }]);

      expect(await verified(miroir, {})).toMatchObject({
        state: "finished",
        indexes: [{ index: "entries", shards: 4, differing: 3, repaired: 0, open: 0, absent: 0 }],
      });
      expect(await stored(right)).not.toBe(before);

      expect(await verified(miroir, { index: "entries", repair: true })).toMatchObject({
        indexes: [{ different: 0, equal: 4, differing: 3, repaired: 3, documents: expect.any(Number) }],
      });
      expect(await stored(left)).toBe(await stored(right));
      expect(JSON.parse(before)).toHaveLength(299);
    },
    TIMEOUT_MS,
  );

  test(
    "that are equal are told of by the command, with 0",
    async () => {
      const verify = Bun.spawn([process.execPath, "src/main.ts", "ctl", "verify", "--url", miroir.url], {
        env: { ...process.env, MIROIR_ADMIN_API_KEY: miroir.adminKey },
        stdout: "pipe",
      });
      const table = await new Response(verify.stdout).text();
      expect(await verify.exited).toBe(0);
      expect(table).toMatch(/entries\s+4\s+4\s+0\s+0\s+0\s+0\s+299\s+0\s+0/);
    },
    TIMEOUT_MS,
  );

  test(
    "a node that comes back empty is filled before it answers reads",
    async () => {
      const [left, right] = miroir.nodes as [TestNode, TestNode];
      const before = await stored(left);
      await right.loseDisk();
      await right.restart();
      await untilSaid(miroir, "anti_entropy.disk_lost");
      await untilEqual(miroir);
      expect(await stored(right)).toBe(before);
      const settings = await nodeRequest(right, "GET", "/indexes/entries/settings");
      const expected = await nodeRequest(left, "GET", "/indexes/entries/settings");
      expect(settings.body).toEqual(expected.body);
    },
    TIMEOUT_MS,
  );

  test(
    "an empty node is noticed by the first write that it takes, if it was back too fast for the probes",
    async () => {
      const [left, right] = miroir.nodes as [TestNode, TestNode];
      await right.loseDisk();
      await right.restart();
      await miroir.request("POST", "/indexes/entries/documents", [{ id: 1_000, title: "after" }]);
      await untilEqual(miroir);
      expect(await stored(right)).toBe(await stored(left));
    },
    TIMEOUT_MS,
  );
});

test(
  "a node that missed more than is kept for it is made equal as a whole while clients go on writing",
  async () => {
    const miroir = await loaded({ nodes: 2, replicaGroups: 2, shards: 4, hintBytesMax: 1_048_576 });
    try {
      const [left, right] = miroir.nodes as [TestNode, TestNode];
      await right.kill();
      await Bun.sleep(2_000);
      for (let turn = 0; turn < 10; turn += 1) {
        await miroir.write(
          "POST",
          "/indexes/entries/documents",
          documents.slice(0, 50).map((one) => ({ ...one, turn, filler: "x".repeat(5_000) })),
        );
      }
      await miroir.write("POST", "/indexes/entries/documents/delete", { filter: "n = 3" });
      await miroir.write("POST", "/indexes/entries/documents/delete-batch", ["200", "201"]);
      await untilSaid(miroir, "hints.given_up");
      await right.restart();
      const stopped = new AbortController();
      let turns = 0;
      const writer = (async () => {
        for (let turn = 0; !stopped.signal.aborted; turn += 1, turns += 1) {
          await Bun.sleep(100);
          const some = documents.filter(({ id }) => id % 20 === turn % 20).map((one) => ({ ...one, late: turn }));
          await miroir.request("POST", "/indexes/entries/documents", some);
          if (turn % 5 === 0) await miroir.request("DELETE", `/indexes/entries/documents/${100 + turn}`);
        }
      })();
      const seen = await untilEqual(miroir);
      // It ended while the writer went on.
      const late = turns;
      stopped.abort();
      await writer;
      expect(late).toBeGreaterThan(0);
      expect(seen).toContain("catching_up");
      await untilIdle(miroir);
      expect(await stored(right)).toBe(await stored(left));
    } finally {
      await miroir.stop();
    }
  },
  TIMEOUT_MS,
);
