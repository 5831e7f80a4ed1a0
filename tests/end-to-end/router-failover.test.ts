/**
 * What a client of two routers keeps when one of them, a node or the Redis server goes: every answered write, every
 * answered task, and searches in any case.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { waitForEnd, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest, type TestNode } from "../support/nodes.ts";
import { signalProcess } from "../support/nodes-processes.ts";
import { noRedisReason } from "../support/redis.ts";
import { startRouters, type TestRouters } from "../support/routers.ts";

const reason = noRedisReason();
/** A lease of the defaults, and time for nodes on a machine that is busy. */
const TAKEN_OVER_MS = 180_000;
/** After the Redis server answers again. */
const BACK_MAX_MS = 5_000;

describe.skipIf(reason !== null)("two routers, one of which goes", () => {
  let world: TestRouters;
  beforeAll(async () => {
    world = await startRouters({ leaseS: 10, nodes: 2, replicaGroups: 2, shards: 4 });
    await world.routers[0].write("POST", "/indexes", { uid: "films", primaryKey: "id" });
  }, 60_000);
  afterAll(() => world.stop());

  test("a write that a node missed is known to the other router before its client is answered, which brings it when the first is dead", async () => {
    const [a, b] = world.routers;
    const [, missing] = world.nodes;
    await missing?.kill();
    const accepted = await a.request("POST", "/indexes/films/documents", [{ id: 1, title: "missed" }]);
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get("x-miroir-degraded")).toMatch(/groups=1/);
    await waitForEnd(b, accepted.body.taskUid, TAKEN_OVER_MS);
    for (let n = 0; n < 10; n += 1) {
      expect((await b.request("GET", "/indexes/films/documents/1")).status).toBe(200);
    }
    await a.kill();
    await missing?.restart();
    // As soon as the node answers it could be read from; until it has the write it must not be.
    const until = performance.now() + TAKEN_OVER_MS;
    let there = 0;
    while (there !== 200 && performance.now() < until) {
      expect((await b.request("GET", "/indexes/films/documents/1")).status).toBe(200);
      there = (await nodeRequest(missing as never, "GET", "/indexes/films/documents/1")).status;
      await Bun.sleep(100);
    }
    expect(there).toBe(200);
    await a.start();
  }, 400_000);

  test("tasks of a router that was killed are followed to their end by the other, without a client asking twice", async () => {
    const [a, b] = world.routers;
    for (const node of world.nodes) node.stall();
    const sending = Array.from({ length: 5 }, (_, n) =>
      a.request("POST", "/indexes/films/documents", [{ id: 100 + n, title: "carried on" }]).catch(() => undefined),
    );
    await Bun.sleep(300);
    for (const node of world.nodes) node.resume();
    const accepted = (await Promise.all(sending)).flatMap((one) => (one?.status === 202 ? [one.body.taskUid] : []));
    expect(accepted.length).toBeGreaterThan(0);
    await a.kill();
    for (const uid of accepted) expect((await waitForEnd(b, uid, TAKEN_OVER_MS)).status).toBe("succeeded");
    const written = await b.write("POST", "/indexes/films/documents", [{ id: 200, title: "by the other" }]);
    expect(written.status).toBe("succeeded");
    await a.start();
    expect((await a.request("GET", "/indexes/films/documents/200")).status).toBe(200);
  }, 400_000);

  test("a router that stood still for longer than it is believed in comes back without doing anything twice", async () => {
    const [a, b] = world.routers;
    await a.write("POST", "/indexes/films/documents", [{ id: 300, by: "a" }]);
    signalProcess(a.pid, "SIGSTOP");
    try {
      // The turn on the index is the stopped router's until it counts as gone.
      expect(await untilWritten(b, { id: 300, by: "b" })).toBe("succeeded");
    } finally {
      signalProcess(a.pid, "SIGCONT");
    }
    expect(await untilWritten(a, { id: 300, by: "a again" })).toBe("succeeded");
    expect(await untilWritten(b, { id: 300, by: "b again" })).toBe("succeeded");
    for (const node of world.nodes) expect(await nodeField(node, 300, "b again")).toBe("b again");
    const uids = (await b.request("GET", "/tasks?limit=1000")).body.results.map((task: { uid: number }) => task.uid);
    expect(new Set(uids).size).toBe(uids.length);
  }, 400_000);

  test("what a router had still to send when it stood still is not sent after another one has written", async () => {
    const [a, b] = world.routers;
    const [slow] = world.nodes;
    await a.write("POST", "/indexes/films/documents", [{ id: 400, by: "a", n: 0 }]);
    slow?.stall();
    // The first waits for the node, the others behind it in their lane; the other group takes them all.
    const sending = [1, 2, 3, 4, 5].map((n) =>
      a.request("POST", "/indexes/films/documents", [{ id: 400, by: "a", n }]).catch(() => undefined),
    );
    await Bun.sleep(500);
    signalProcess(a.pid, "SIGSTOP");
    slow?.resume();
    try {
      expect(await untilWritten(b, { id: 400, by: "b" })).toBe("succeeded");
    } finally {
      signalProcess(a.pid, "SIGCONT");
    }
    const answers = await Promise.all(sending);
    console.log(`answered by the router that stood still: ${answers.map((one) => one?.status).join(", ")}`);
    expect(await untilWritten(a, { id: 401, by: "a" })).toBe("succeeded");
    for (const node of world.nodes) expect(await nodeField(node, 401)).toBe("a");
    for (const node of world.nodes) expect(await nodeField(node, 400)).toBe("b");
  }, 400_000);

  test("while Redis is down searches go on and writes are refused; all that was answered is there when it is back", async () => {
    const [a, b] = world.routers;
    const answered = new Map<number, number>();
    const stopping = new AbortController();
    let refused = 0;
    const writer = async (router: TestMiroir, start: number): Promise<void> => {
      for (let id = start; !stopping.signal.aborted; id += 1) {
        const answer = await router.request("POST", "/indexes/films/documents", [{ id, title: "under load" }]);
        if (answer.status === 202) answered.set(id, answer.body.taskUid);
        else {
          expect(answer.status).toBe(503);
          expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
          refused += 1;
          await Bun.sleep(20);
        }
      }
    };
    const writers = [writer(a, 10_000), writer(b, 20_000)];
    await Bun.sleep(500);
    await world.redis.kill();
    await untilStatus(a, "/_miroir/ready", 503);
    expect((await (await fetch(`${a.url}/_miroir/ready`)).text()).toLowerCase()).toContain("store");
    for (const router of world.routers) {
      expect((await router.request("POST", "/indexes/films/search", { q: "carried" })).status).toBe(200);
    }
    await Bun.sleep(1_000);
    expect(refused).toBeGreaterThan(0);
    await world.redis.restart();
    const backAt = performance.now();
    const before = answered.size;
    while (answered.size === before && performance.now() - backAt < TAKEN_OVER_MS) await Bun.sleep(20);
    const backMs = performance.now() - backAt;
    console.log(`writes were taken again ${Math.round(backMs)} ms after Redis was back`);
    expect(backMs).toBeLessThan(BACK_MAX_MS);
    await untilStatus(a, "/_miroir/ready", 200);
    await Bun.sleep(300);
    stopping.abort();
    await Promise.all(writers);
    expect(answered.size).toBeGreaterThan(before);
    expect(new Set(answered.values()).size).toBe(answered.size);
    for (const [id, uid] of answered) {
      expect((await waitForEnd(id < 20_000 ? b : a, uid, TAKEN_OVER_MS)).status).toBe("succeeded");
    }
    const { body } = await a.request("GET", "/indexes/films/documents?limit=100000&fields=id");
    const stored = new Set(body.results.map((one: { id: number }) => one.id));
    for (const id of answered.keys()) expect(stored.has(id)).toBe(true);
  }, 400_000);
});

async function untilWritten(router: TestMiroir, document: Record<string, unknown>): Promise<string> {
  const until = performance.now() + TAKEN_OVER_MS;
  for (;;) {
    const answer = await router.request("POST", "/indexes/films/documents", [document]);
    if (answer.status === 202) return (await waitForEnd(router, answer.body.taskUid, TAKEN_OVER_MS)).status;
    expect(answer.status).toBe(503);
    if (performance.now() > until) return `refused: ${answer.text}`;
    await Bun.sleep(100);
  }
}

/** Who has written a document of a node. A node that one of the routers thought to be away gets the writes a little later. */
async function nodeField(node: TestNode, id: number, wanted?: string): Promise<string | undefined> {
  const until = performance.now() + TAKEN_OVER_MS;
  for (;;) {
    const by = (await nodeRequest(node, "GET", `/indexes/films/documents/${id}`)).body?.by as string | undefined;
    if (performance.now() > until || (wanted === undefined ? by !== undefined : by === wanted)) return by;
    await Bun.sleep(50);
  }
}

async function untilStatus(router: TestMiroir, path: string, status: number): Promise<void> {
  const until = performance.now() + TAKEN_OVER_MS;
  let now = 0;
  while (performance.now() < until) {
    now = (await fetch(router.url + path)).status;
    if (now === status) return;
    await Bun.sleep(20);
  }
  throw new TypeError(`${path} answers ${now} instead of ${status}`);
}
