/** Nodes and routers die, stall and come back; clients keep their answers and their tasks. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { get } from "node:http";
import { shardOf } from "../../src/core/routing/shard-of.ts";
import { startMiroir, waitForEnd, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest } from "../support/nodes.ts";

const documents = Array.from({ length: 600 }, (_unused, id) => ({
  id,
  title: `entry ${id}`,
  parity: id % 2 ? "odd" : "even",
}));

async function loaded(options: Parameters<typeof startMiroir>[0]): Promise<TestMiroir> {
  const miroir = await startMiroir(options);
  await miroir.write("POST", "/indexes", { uid: "entries", primaryKey: "id" });
  await miroir.write("PATCH", "/indexes/entries/settings", { filterableAttributes: ["parity"] });
  await miroir.write("POST", "/indexes/entries/documents", documents);
  return miroir;
}

describe("without a second copy", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    miroir = await loaded({ nodes: 3, replicationFactor: 1 });
  });
  afterAll(() => miroir.stop());

  test("a search with a node down says which shards are missing and answers with the rest", async () => {
    await miroir.nodes[2]?.kill();
    const answer = await miroir.request("POST", "/indexes/entries/search", { limit: 1_000 });
    expect(answer.status).toBe(200);
    const missing = answer.headers.get("x-miroir-degraded") ?? "";
    expect(missing).toMatch(/^shards=\d+(,\d+)*$/);
    const shards = await miroir.request("GET", "/_miroir/shards?index=entries", undefined, {
      "x-admin-key": miroir.adminKey,
    });
    expect(shards.status).toBe(200);
    expect(answer.body.hits.length).toBeLessThan(600);
    expect(answer.body.hits.length).toBe(answer.body.estimatedTotalHits);
  });

  test("a write that needs the dead node is refused with 503 and names the shards", async () => {
    const answer = await miroir.request("POST", "/indexes/entries/documents", documents);
    expect([answer.status, answer.body.code]).toEqual([503, "miroir_no_quorum"]);
    expect(answer.headers.get("retry-after")).not.toBeNull();
    expect(answer.body.message).toMatch(/shards? \d+/);
  });

  test("when the node is back, everything is whole again", async () => {
    await miroir.nodes[2]?.restart();
    await untilHealthy(miroir);
    const answer = await miroir.request("POST", "/indexes/entries/search", { limit: 1_000 });
    expect(answer.headers.get("x-miroir-degraded")).toBeNull();
    expect(answer.body.hits).toHaveLength(600);
  });
});

describe("with a second copy", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    miroir = await loaded({ nodes: 3, replicationFactor: 2 });
  });
  afterAll(() => miroir.stop());

  test("a node is killed under search load and no search fails or loses a hit", async () => {
    const expected = (await miroir.request("POST", "/indexes/entries/search", { limit: 600 })).text;
    const ids = (text: string): string => JSON.stringify(JSON.parse(text).hits);
    const stopped = new AbortController();
    const failures: string[] = [];
    const client = async (): Promise<number> => {
      let done = 0;
      while (!stopped.signal.aborted) {
        const answer = await miroir.request("POST", "/indexes/entries/search", { limit: 600 });
        done += 1;
        if (answer.status !== 200 || answer.headers.has("x-miroir-degraded") || ids(answer.text) !== ids(expected)) {
          failures.push(`${answer.status} ${answer.text.slice(0, 200)}`);
        }
      }
      return done;
    };
    const clients = Array.from({ length: 4 }, client);
    await Bun.sleep(300);
    await miroir.nodes[0]?.kill();
    await Bun.sleep(1_000);
    stopped.abort();
    const done = await Promise.all(clients);
    expect(Math.min(...done)).toBeGreaterThan(0);
    expect(failures).toEqual([]);
    await miroir.nodes[0]?.restart();
    await untilHealthy(miroir);
  });

  test("a search that loses its node to a stall is answered by the other owners", async () => {
    const one = miroir.nodes[1];
    one?.stall();
    try {
      const search = await miroir.request("POST", "/indexes/entries/search", { limit: 600 });
      expect(search.status).toBe(200);
      expect(search.body.hits).toHaveLength(600);
      expect(search.headers.get("x-miroir-degraded")).toBeNull();
    } finally {
      one?.resume();
      await untilHealthy(miroir);
    }
  });
});

describe("one stalled node", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    // A long patience and wide limits, so that nothing but the runtime's own queue could hold the others up.
    const config = "  scatter: { node_timeout_ms: 20000 }\n  connection_pool_per_node: { max_total: 1000 }\n";
    miroir = await loaded({ nodes: 3, replicationFactor: 1, config });
  });
  afterAll(() => miroir.stop());

  test("holds up its own documents and not those of the others, also beyond the runtime's 256 parallel requests", async () => {
    const owners = await miroir.request("GET", "/_miroir/shards?index=entries", undefined, {
      "x-admin-key": miroir.adminKey,
    });
    const stalledShards = new Set<number>(
      owners.body.shards.length > 0
        ? owners.body.shards
            .filter((row: ShardRow) => row.groups[0]?.[0] === "node-0")
            .map((row: ShardRow) => row.shard)
        : [],
    );
    const onStalled = documents.filter(({ id }) => stalledShards.has(shardOf(String(id), 16)));
    const elsewhere = documents.filter(({ id }) => !stalledShards.has(shardOf(String(id), 16))).slice(0, 150);
    expect(onStalled.length).toBeGreaterThan(50);

    miroir.nodes[0]?.stall();
    let ended = 0;
    const hanging = Array.from({ length: 300 }, async (_unused, n) => {
      await plainGet(miroir, `/indexes/entries/documents/${onStalled[n % onStalled.length]?.id}`);
      ended += 1;
    });
    try {
      await untilInFlight(miroir, 300);
      const answers = await Promise.all(
        elsewhere.map(({ id }) => miroir.request("GET", `/indexes/entries/documents/${id}`)),
      );
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      expect(ended).toBe(0);
    } finally {
      miroir.nodes[0]?.resume();
    }
    await Promise.all(hanging);
  });
});

async function untilInFlight(target: TestMiroir, count: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    const text = await (await fetch(target.metricsUrl)).text();
    if (Number(/^miroir_requests_in_flight (\d+)$/m.exec(text)?.[1]) >= count) return;
    await Bun.sleep(20);
  }
  throw new TypeError(`the router never worked on ${count} requests at once`);
}

/** Past the limit of this test's own `fetch`, which would queue its requests like the router must not. */
function plainGet(target: TestMiroir, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(target.url + path, { agent: false, headers: { authorization: `Bearer ${target.masterKey}` } });
    request.on("response", (response) => response.resume().on("end", resolve));
    request.on("error", reject);
  });
}

interface ShardRow {
  readonly shard: number;
  readonly groups: readonly (readonly string[])[];
}

describe("two groups", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    miroir = await loaded({ nodes: 2, replicaGroups: 2 });
  });
  afterAll(() => miroir.stop());

  test("a write while one group is away is accepted as degraded, kept, and delivered when it is back", async () => {
    await miroir.nodes[1]?.kill();
    const accepted = await miroir.request("POST", "/indexes/entries/documents", [{ id: 9_999, title: "missed" }]);
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get("x-miroir-degraded")).toMatch(/groups=1/);
    await waitForEnd(miroir, accepted.body.taskUid);
    expect((await miroir.request("GET", "/indexes/entries/documents/9999")).status).toBe(200);

    await miroir.nodes[1]?.restart();
    await untilHealthy(miroir);
    const node = miroir.nodes[1];
    if (node === undefined) throw new TypeError("the fleet has two nodes");
    const deadline = performance.now() + 20_000;
    let there = 0;
    while (performance.now() < deadline && there !== 200) {
      there = (await nodeRequest(node, "GET", "/indexes/entries/documents/9999")).status;
      await Bun.sleep(50);
    }
    expect(there).toBe(200);
  });
});

describe("the router itself", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    miroir = await startMiroir({ nodes: 2, replicationFactor: 1 });
  });
  afterAll(() => miroir.stop());

  test("kill -9 right after an accepted write: the task is known after the restart and ends", async () => {
    for (let round = 0; round < 5; round += 1) {
      const batch = Array.from({ length: 50 }, (_unused, n) => ({ id: round * 50 + n, title: "x" }));
      const accepted = await miroir.request("POST", "/indexes/crash/documents?primaryKey=id", batch);
      expect(accepted.status).toBe(202);
      await miroir.kill();
      await miroir.start();
      const task = await waitForEnd(miroir, accepted.body.taskUid);
      expect(task).toMatchObject({
        uid: accepted.body.taskUid,
        status: "succeeded",
        details: { indexedDocuments: 50 },
      });
    }
    const stats = await miroir.request("GET", "/indexes/crash/stats");
    expect(stats.body.numberOfDocuments).toBe(250);
  });

  test("SIGTERM lets running requests finish and ends with exit code 0", async () => {
    const running = Array.from({ length: 20 }, () => miroir.request("POST", "/indexes/crash/search", { q: "x" }));
    await Bun.sleep(5);
    const [code, answers] = await Promise.all([miroir.terminate(), Promise.allSettled(running)]);
    expect(code).toBe(0);
    for (const answer of answers) if (answer.status === "fulfilled") expect([200, 503]).toContain(answer.value.status);
    await miroir.start();
  });
});

async function untilHealthy(miroir: TestMiroir): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    const answer = await miroir.request("GET", "/_miroir/topology", undefined, { "x-admin-key": miroir.adminKey });
    if (answer.status === 200 && answer.body.degraded_node_count === 0) return;
    await Bun.sleep(50);
  }
  throw new TypeError("the fleet did not become whole again");
}
