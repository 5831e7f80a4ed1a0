/**
 * One node after the other fails in every way a network or a process can, under load: with a second copy no read fails,
 * and none is answered with less. Without one, the only copy is asked as long as it lives.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { behindProxy, type Fault, type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { startMiroir, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest, startNode, startNodes, type TestNode } from "../support/nodes.ts";

const TIMEOUT_MS = 60_000;
const COUNT = 200;
const NODE_TIMEOUT_MS = 1_000;
/** Longer than a request may wait, so that requests end in the fault as well as behind it. */
const FAULT_MS = 1_600;
const documents = Array.from({ length: COUNT }, (_unused, id) => ({ id, title: `entry ${id}`, parity: id % 2 }));

interface Proxied {
  readonly miroir: TestMiroir;
  readonly proxies: readonly FaultProxy[];
  stop(): Promise<void>;
}

async function proxied(count: number, replicationFactor: number, healthIntervalMs = 500): Promise<Proxied> {
  const nodes = await startNodes(count);
  const proxies = await Promise.all(nodes.map((node) => startFaultProxy(node)));
  const use = nodes.map((node, i) => behindProxy(node, proxies[i]!));
  const config = `  scatter: { node_timeout_ms: ${NODE_TIMEOUT_MS} }\n`;
  const miroir = await startMiroir({ use, replicationFactor, healthIntervalMs, config });
  await load(miroir);
  return {
    miroir,
    proxies,
    stop: async () => {
      await miroir.stop();
      await Promise.all(proxies.map((proxy) => proxy.stop()));
    },
  };
}

async function load(miroir: TestMiroir): Promise<void> {
  await miroir.write("POST", "/indexes", { uid: "entries", primaryKey: "id" });
  await miroir.write("PATCH", "/indexes/entries/settings", { filterableAttributes: ["parity"] });
  await miroir.write("POST", "/indexes/entries/documents", documents);
}

/** Every kind of read, each with a way to see that nothing of `documents` is missing. */
const READS: readonly ((miroir: TestMiroir, turn: number) => Promise<string | null>)[] = [
  async (miroir, turn) => {
    const answer = await miroir.request("POST", "/indexes/entries/search", {
      q: turn % 2 ? "" : "entry",
      limit: COUNT,
    });
    return verdict(answer, answer.body.hits?.length === COUNT);
  },
  async (miroir) => {
    const search = { indexUid: "entries", q: "entry", facets: ["parity"], hitsPerPage: 10 };
    const answer = await miroir.request("POST", "/multi-search", { queries: [search] });
    const counts = answer.body.results?.[0]?.facetDistribution?.parity;
    return verdict(answer, counts?.["0"] === COUNT / 2 && counts?.["1"] === COUNT / 2);
  },
  async (miroir) => {
    const answer = await miroir.request("POST", "/indexes/entries/documents/fetch", { limit: COUNT });
    return verdict(answer, answer.body.results?.length === COUNT);
  },
  async (miroir, turn) => {
    const answer = await miroir.request("GET", `/indexes/entries/documents/${turn % COUNT}`);
    return verdict(answer, answer.body.title === `entry ${turn % COUNT}`);
  },
  async (miroir) => {
    const answer = await miroir.request("POST", "/indexes/entries/facet-search", {
      facetName: "parity",
      facetQuery: "",
    });
    return verdict(answer, answer.status === 200);
  },
];

function verdict(
  answer: { readonly status: number; readonly text: string; readonly headers: Headers },
  isWhole: boolean,
): string | null {
  if (answer.status === 200 && isWhole && !answer.headers.has("x-miroir-degraded")) return null;
  return `${answer.status} ${answer.headers.get("x-miroir-degraded") ?? ""} ${answer.text.slice(0, 200)}`;
}

interface Reading {
  /** What failed, in words, and how often each kind of read was carried out. */
  stop(): Promise<{ readonly failures: readonly string[]; readonly turns: readonly number[] }>;
}

/** One client for every kind of read, each without a pause. */
function keepReading(miroir: TestMiroir): Reading {
  const stopped = new AbortController();
  const failures: string[] = [];
  const turns = READS.map(() => 0);
  const clients = READS.map(async (read, kind) => {
    for (let turn = 0; !stopped.signal.aborted; turn += 1) {
      const failure = await read(miroir, turn);
      if (failure !== null) failures.push(`read ${kind}: ${failure}`);
      turns[kind]! += 1;
    }
  });
  return {
    async stop() {
      stopped.abort();
      await Promise.all(clients);
      return { failures, turns };
    },
  };
}

async function untilWhole({ miroir }: Proxied): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    const answer = await miroir.request("GET", "/_miroir/topology", undefined, { "x-admin-key": miroir.adminKey });
    if (answer.status === 200 && answer.body.degraded_node_count === 0) return;
    await Bun.sleep(50);
  }
  throw new TypeError(`the fleet did not become whole again:\n${await miroir.told()}`);
}

describe("two copies", () => {
  let fleet: Proxied;
  beforeAll(async () => {
    fleet = await proxied(3, 2);
  }, TIMEOUT_MS);
  afterAll(() => fleet.stop());

  const faults: readonly Fault[] = [
    { kind: "latency", ms: 200 },
    { kind: "stall" },
    { kind: "reset_request" },
    { kind: "reset_answer" },
    { kind: "truncate", bytes: 300 },
    { kind: "drip", bytes: 64, everyMs: 100 },
    { kind: "refuse" },
  ];
  test.each(faults.map((fault, i) => [fault.kind, fault, i % 3] as const))(
    "no read fails or loses anything while one node has the fault `%s`, and the node serves again behind it",
    async (_kind, fault, at) => {
      const { miroir, proxies } = fleet;
      const proxy = proxies[at]!;
      const reading = keepReading(miroir);
      await Bun.sleep(200);
      const hitsBefore = proxy.hits();
      proxy.set(fault);
      await Bun.sleep(FAULT_MS);
      proxy.heal();
      await Bun.sleep(300);
      const { failures, turns } = await reading.stop();
      expect(failures).toEqual([]);
      expect(Math.min(...turns)).toBeGreaterThan(0);
      if (fault.kind !== "refuse") expect(proxy.hits()).toBeGreaterThan(hitsBefore);
      await untilWhole(fleet);
    },
    TIMEOUT_MS,
  );
});

describe("one copy", () => {
  let fleet: Proxied;
  beforeAll(async () => {
    // Within the test no probe tells that the node is well.
    fleet = await proxied(1, 1, 600_000);
  }, TIMEOUT_MS);
  afterAll(() => fleet.stop());

  test(
    "is asked at once when it answers again, although it still counts as unwell and its breaker is open",
    async () => {
      const { miroir, proxies } = fleet;
      const proxy = proxies[0]!;
      const admin = { "x-admin-key": miroir.adminKey };
      proxy.set({ kind: "refuse" });
      // Enough failures in a row for both.
      for (let i = 0; i < 8; i += 1) {
        expect((await miroir.request("POST", "/indexes/entries/search", { q: "entry" })).status).toBe(503);
      }
      const topology = await miroir.request("GET", "/_miroir/topology", undefined, admin);
      expect(topology.body.nodes[0].status).toBe("failed");
      proxy.heal();
      const failures = await Promise.all(READS.map((read) => read(miroir, 1)));
      expect(failures).toEqual(READS.map(() => null));
      const after = await miroir.request("GET", "/_miroir/topology", undefined, admin);
      expect(after.body.nodes[0].status).toBe("failed");
    },
    TIMEOUT_MS,
  );
});

describe("a disk that is lost between two requests", () => {
  let miroir: TestMiroir;
  let spare: TestNode;
  let proxy: FaultProxy;
  /** Where the proxy of the second node leads. */
  let target: { port: number };
  beforeAll(async () => {
    const nodes = await startNodes(2);
    spare = await startNode({ masterKey: nodes[0]!.masterKey });
    target = { port: nodes[1]!.port };
    proxy = await startFaultProxy(target);
    const use = [nodes[0]!, behindProxy(nodes[1]!, proxy)];
    // Within the test no probe tells that the node is another.
    miroir = await startMiroir({ use, replicaGroups: 2, replicationFactor: 1, healthIntervalMs: 600_000 });
    await load(miroir);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await miroir.stop();
    await Promise.all([spare.stop(), proxy.stop()]);
  });

  test(
    "shows in no read, although a write has made the index on the new one and its answer is lost",
    async () => {
      proxy.set({ kind: "refuse" });
      target.port = spare.port;
      proxy.set({ kind: "reset_answer", when: /^POST [^ ]*\/documents/ });
      const write = miroir.request("POST", "/indexes/entries/documents", [{ id: COUNT, title: "another" }]);
      await untilMade(spare);
      const reading = keepReading(miroir);
      expect((await write).status).toBe(202);
      await Bun.sleep(300);
      const { failures, turns } = await reading.stop();
      expect(failures).toEqual([]);
      expect(Math.min(...turns)).toBeGreaterThan(0);
      expect(proxy.hits()).toBeGreaterThan(0);
      expect(await miroir.output()).toContain("anti_entropy.disk_lost");
    },
    TIMEOUT_MS,
  );
});

/** From here on a read of the node lacks what it had before. */
async function untilMade(node: TestNode): Promise<void> {
  const deadline = performance.now() + 30_000;
  while ((await nodeRequest(node, "GET", "/indexes/entries")).status !== 200) {
    if (performance.now() > deadline) throw new TypeError("the write did not reach the node");
    await Bun.sleep(1);
  }
}
