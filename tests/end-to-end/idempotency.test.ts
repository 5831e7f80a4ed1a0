/**
 * `Idempotency-Key`: a client that never saw its answer sends the write again and again, over lost connections, refusals
 * and a killed router, and it is done once.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startMiroir, type TestMiroir, waitForEnd } from "../support/miroir.ts";
import { nodeRequest, type NodeAnswer } from "../support/nodes.ts";
import { noRedisReason } from "../support/redis.ts";
import { startRouters } from "../support/routers.ts";

const TIMEOUT_MS = 60_000;
const DOCUMENTS = "/indexes/entries/documents";

type Target = Pick<TestMiroir, "request">;

function keyed(target: Target, key: string, method: string, path: string, body?: unknown): Promise<NodeAnswer> {
  return target.request(method, path, body, { "idempotency-key": key });
}

/** As a client does: until an answer arrives that is not a passing failure. */
async function untilTaken(target: Target, key: string, method: string, path: string, body?: unknown): Promise<number> {
  const deadline = performance.now() + TIMEOUT_MS / 2;
  while (performance.now() < deadline) {
    const answer = await keyed(target, key, method, path, body).catch(() => undefined);
    if (answer?.status === 202) return answer.body.taskUid as number;
    if (answer !== undefined && answer.status < 500) throw new TypeError(`${answer.status}: ${answer.text}`);
    await Bun.sleep(50);
  }
  throw new TypeError(`${method} ${path} was never taken`);
}

/** How many tasks of documents the router lists for an index. */
async function tasksOf(target: Target, uid: string): Promise<number> {
  return (await target.request("GET", `/tasks?indexUids=${uid}&types=documentAdditionOrUpdate&limit=1`)).body.total;
}

describe("one router", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    miroir = await startMiroir({ nodes: 2, replicationFactor: 2, shards: 4 });
    await miroir.write("POST", "/indexes", { uid: "entries", primaryKey: "id" });
    await miroir.request("PATCH", "/experimental-features", { editDocumentsByFunction: true });
  }, TIMEOUT_MS);
  afterAll(() => miroir.stop());

  test(
    "a write that is repeated, at once and later, is one task of the router and one of each node",
    async () => {
      const before = await Promise.all(miroir.nodes.map((node) => tasksOn(node)));
      const document = [{ id: 1, title: "one" }];
      const at = await Promise.all([1, 2, 3, 4].map(() => keyed(miroir, "k-1", "POST", DOCUMENTS, document)));
      const later = await keyed(miroir, "k-1", "POST", DOCUMENTS, document);
      expect([...at, later].map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
      expect(new Set([...at, later].map(({ body }) => body.taskUid)).size).toBe(1);
      await waitForEnd(miroir, later.body.taskUid);
      const after = await Promise.all(miroir.nodes.map((node) => tasksOn(node)));
      expect(after.map((count, i) => count - before[i]!)).toEqual([1, 1]);
    },
    TIMEOUT_MS,
  );

  test(
    "a function that counts up has counted once, however often its request was sent and its answer was not waited for",
    async () => {
      await miroir.write("POST", DOCUMENTS, [{ id: 2, n: 0 }]);
      const edit = { filter: null, function: "if doc.id == 2 { doc.n += 1 }" };
      const lost = Array.from({ length: 5 }, async (_unused, i) => {
        const leaving = AbortSignal.timeout(1 + 3 * i);
        const headers = {
          authorization: `Bearer ${miroir.masterKey}`,
          "content-type": "application/json",
          "idempotency-key": "k-2",
        };
        const sent = { method: "POST", body: JSON.stringify(edit), headers, signal: leaving };
        await fetch(`${miroir.url}${DOCUMENTS}/edit`, sent).catch(() => undefined);
      });
      await Promise.all(lost);
      const task = await waitForEnd(miroir, await untilTaken(miroir, "k-2", "POST", `${DOCUMENTS}/edit`, edit));
      expect(task.status).toBe("succeeded");
      expect((await miroir.request("GET", `${DOCUMENTS}/2`)).body.n).toBe(1);
    },
    TIMEOUT_MS,
  );

  test("the same key for another write is refused, and that write is not done", async () => {
    const refused = await keyed(miroir, "k-1", "POST", DOCUMENTS, [{ id: 3 }]);
    expect([refused.status, refused.body.code]).toEqual([409, "miroir_idempotency_key_reused"]);
    expect((await keyed(miroir, "k-1", "DELETE", `${DOCUMENTS}/1`)).status).toBe(409);
    expect((await miroir.request("GET", `${DOCUMENTS}/1`)).status).toBe(200);
    const bad = await keyed(miroir, "two words", "POST", DOCUMENTS, [{ id: 3 }]);
    expect([bad.status, bad.body.code]).toEqual([400, "bad_request"]);
  });

  test(
    "a router that is killed while it writes does every write once that is repeated to the next run",
    async () => {
      await miroir.write("POST", "/indexes", { uid: "killed", primaryKey: "id" });
      const writes = Array.from({ length: 30 }, (_unused, id) => ({
        key: `kill-${id}`,
        body: [{ id, title: `${id}` }],
      }));
      const path = "/indexes/killed/documents";
      const uids = writes.map(({ key, body }) => untilTaken(miroir, key, "POST", path, body));
      await Bun.sleep(15);
      await miroir.kill();
      await miroir.start();
      const taken = await Promise.all(uids);
      for (const uid of taken)
        expect(await waitForEnd(miroir, uid)).toMatchObject({ error: null, status: "succeeded" });
      const again = await Promise.all(writes.map(({ key, body }) => keyed(miroir, key, "POST", path, body)));
      expect(again.map(({ body }) => body.taskUid)).toEqual(taken);
      expect(new Set(taken).size).toBe(writes.length);
      // What the kill cut off half-way failed by name and was made again; nothing else has a second task.
      const failed = await miroir.request("GET", "/tasks?indexUids=killed&statuses=failed&limit=100");
      const codes = (failed.body.results as { error: { code: string } }[]).map(({ error }) => error.code);
      expect(new Set(codes).difference(new Set(["miroir_task_interrupted"])).size).toBe(0);
      expect(await tasksOf(miroir, "killed")).toBe(writes.length + codes.length);
    },
    TIMEOUT_MS,
  );

  test(
    "a refused write gives its key back: repeated when the node is there again, it is done",
    async () => {
      await miroir.nodes[1]?.kill();
      const refused = await keyed(miroir, "k-4", "POST", DOCUMENTS, [{ id: 4, title: "late" }]);
      expect([refused.status, refused.body.code]).toEqual([503, "miroir_no_quorum"]);
      await miroir.nodes[1]?.restart();
      await waitForEnd(miroir, await untilTaken(miroir, "k-4", "POST", DOCUMENTS, [{ id: 4, title: "late" }]));
      expect((await miroir.request("GET", `${DOCUMENTS}/4`)).body).toEqual({ id: 4, title: "late" });
    },
    TIMEOUT_MS,
  );
});

async function tasksOn(node: Parameters<typeof nodeRequest>[0]): Promise<number> {
  return (await nodeRequest(node, "GET", "/tasks?types=documentAdditionOrUpdate&limit=1")).body.total as number;
}

test.skipIf(noRedisReason() !== null)(
  "two routers that get one write under one key at the same time do it once",
  async () => {
    const world = await startRouters({ leaseS: 60, nodes: 2, replicationFactor: 2, shards: 4 });
    try {
      const [a, b] = world.routers;
      await a.write("POST", "/indexes", { uid: "entries", primaryKey: "id" });
      for (let round = 0; round < 10; round += 1) {
        const body = [{ id: round, title: "both" }];
        const uids = await Promise.all(
          [a, b, a, b].map((router) => untilTaken(router, `both-${round}`, "POST", DOCUMENTS, body)),
        );
        expect(new Set(uids).size).toBe(1);
        await waitForEnd(b, uids[0]!);
      }
      expect(await tasksOf(a, "entries")).toBe(10);
      expect(await tasksOn(world.nodes[0]!)).toBe(10);
    } finally {
      await world.stop();
    }
  },
  TIMEOUT_MS,
);
