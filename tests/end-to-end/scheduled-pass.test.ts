/** The comparison of all replicas runs by itself, finds what was changed behind the router's back, and mends it. */
import { expect, test } from "bun:test";
import type { TestMiroir } from "../support/miroir.ts";
import { startMiroir } from "../support/miroir.ts";
import { nodeRequest, runTask, type TestNode } from "../support/nodes.ts";
import { noRedisReason } from "../support/redis.ts";
import { startRouters } from "../support/routers.ts";

const TIMEOUT_MS = 120_000;
const SHARDS = 4;
const config = `  anti_entropy: { schedule: "every 1s" }\n`;
const documents = Array.from({ length: 24 }, (_unused, id) => ({ id, title: `entry ${id}` }));

async function load(miroir: TestMiroir): Promise<void> {
  await miroir.write("POST", "/indexes", { uid: "entries", primaryKey: "id" });
  await miroir.write("POST", "/indexes/entries/documents", documents);
}

/** One document lost and one changed, on one of two copies that are trusted alike: any copy of it is right, but one. */
async function spoil(node: TestNode): Promise<void> {
  await runTask(node, "POST", "/indexes/entries/documents/delete-batch", [1]);
  await runTask(node, "PUT", "/indexes/entries/documents", [{ id: 2, title: `changed ${Math.random()}` }]);
}

async function title(node: TestNode, id: number): Promise<unknown> {
  return (await nodeRequest(node, "GET", `/indexes/entries/documents/${id}`)).body.title;
}

async function untilMended(nodes: readonly TestNode[], miroir: TestMiroir): Promise<void> {
  const [left, right] = nodes as [TestNode, TestNode];
  const isMended = async (): Promise<boolean> =>
    (await title(right, 1)) === "entry 1" && (await title(right, 2)) === (await title(left, 2));
  await until(isMended, miroir);
}

async function metric(miroir: TestMiroir, name: string): Promise<number> {
  const text = await (await fetch(miroir.metricsUrl)).text();
  return Number(new RegExp(`^miroir_${name} ([0-9.e+]+)$`, "m").exec(text)?.[1] ?? 0);
}

async function until(condition: () => Promise<boolean>, miroir: TestMiroir): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new TypeError(`it never came to that:\n${await miroir.told()}`);
    await Bun.sleep(100);
  }
}

test(
  "one router compares all shards by the clock, mends what differs, and says when it has",
  async () => {
    const miroir = await startMiroir({ nodes: 2, replicationFactor: 2, shards: SHARDS, config });
    try {
      await load(miroir);
      const right = miroir.nodes[1]!;
      await spoil(right);
      await untilMended(miroir.nodes, miroir);
      await until(async () => (await metric(miroir, "antientropy_last_scan_completed_seconds")) > 0, miroir);
      expect(await metric(miroir, "antientropy_docs_repaired_total")).toBe(2);
      expect(await metric(miroir, "antientropy_shards_scanned_total")).toBeGreaterThanOrEqual(SHARDS);
    } finally {
      await miroir.stop();
    }
  },
  TIMEOUT_MS,
);

test.skipIf(noRedisReason() !== null)(
  "two routers divide the shards between them, and one takes over all when the other dies",
  async () => {
    const world = await startRouters({ leaseS: 10, nodes: 2, replicationFactor: 2, shards: SHARDS, config });
    try {
      const [a, b] = world.routers;
      await load(a);
      const right = world.nodes[1]!;
      await spoil(right);
      await untilMended(world.nodes, a);
      for (const router of [a, b]) {
        await until(async () => (await metric(router, "antientropy_last_scan_completed_seconds")) > 0, router);
      }
      const finished = async (router: TestMiroir): Promise<readonly number[]> =>
        [...(await router.output()).matchAll(/"anti_entropy\.pass_finished".*?"shards":(\d+)/g)].map((m) =>
          Number(m[1]),
        );
      // Each its own share in every pass, both together all of them.
      await until(async () => {
        const [mine, theirs] = [(await finished(a)).at(-1), (await finished(b)).at(-1)];
        return mine !== undefined && theirs !== undefined && mine + theirs === SHARDS;
      }, a);
      await b.kill();
      await spoil(right);
      await untilMended(world.nodes, a);
      await until(async () => (await finished(a)).at(-1) === SHARDS, a);
    } finally {
      await world.stop();
    }
  },
  TIMEOUT_MS,
);
