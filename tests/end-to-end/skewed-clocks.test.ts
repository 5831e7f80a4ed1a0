/**
 * Two routers whose clocks differ by an hour: the last write wins on every node, whichever router took it, tasks change
 * hands, and filters by time see what is shown. Leases and turns go by the store's clock and by durations alone.
 */
import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { startMiroir, waitForEnd, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest, startNodes, type TestNode } from "../support/nodes.ts";
import { noRedisReason, startRedis, type TestRedis } from "../support/redis.ts";

setDefaultTimeout(180_000);
const HOUR_MS = 3_600_000;
const LEASE_S = 7;

describe.skipIf(noRedisReason() !== null)("two routers with different clocks", () => {
  let redis: TestRedis;
  let nodes: TestNode[];
  let a: TestMiroir;
  let b: TestMiroir;
  afterEach(async () => {
    await Promise.all([a.stop(), b.stop()]);
    await redis.stop();
  });

  test.each([HOUR_MS, -HOUR_MS])("one is %d ms ahead of the other", async (clockAheadMs) => {
    redis = await startRedis({ durable: true });
    nodes = await startNodes(2);
    const options = {
      use: nodes,
      replicationFactor: 2,
      shards: 4,
      store: `{ backend: redis, url: "${redis.url()}" }`,
      config: `  leader_election: { lease_ttl_s: ${LEASE_S} }\n  peer_discovery: { refresh_interval_s: 1 }\n`,
    };
    a = await startMiroir(options);
    b = await startMiroir({ ...options, clockAheadMs });
    await a.write("POST", "/indexes", { uid: "notes", primaryKey: "id" });

    // Written through one, awaited through the other, in turns; each write is the newest.
    for (let n = 0; n < 24; n += 1) {
      const [by, other] = n % 2 === 0 ? [a, b] : [b, a];
      const deletes = n % 6 === 5;
      const answer = deletes
        ? await by.request("POST", "/indexes/notes/documents/delete-batch", [1])
        : await by.request("POST", "/indexes/notes/documents", [{ id: 1, n }]);
      expect((await waitForEnd(other, answer.body.taskUid)).status).toBe("succeeded");
      expect(await shown(1)).toEqual(deletes ? [undefined, undefined] : [n, n]);
    }
    // Sent without a pause: the order of the answers is the order on the nodes.
    const last: number[] = [];
    for (let n = 0; n < 60; n += 1) {
      const answer = await (n % 2 === 0 ? a : b).request("POST", "/indexes/notes/documents", [{ id: 2, n }]);
      last.push(answer.body.taskUid);
    }
    for (const uid of last) expect((await waitForEnd(a, uid)).status).toBe("succeeded");
    expect(await shown(2)).toEqual([59, 59]);

    // Each task shows the time of its router, and that is what filters go by.
    const listed = (await a.request("GET", "/tasks?limit=1000")).body.results as readonly { enqueuedAt: string }[];
    const middle = new Date(Date.now() + clockAheadMs / 2).toISOString();
    const later = listed.filter(({ enqueuedAt }) => Date.parse(enqueuedAt) > Date.parse(middle));
    expect([0, listed.length]).not.toContain(later.length);
    expect((await b.request("GET", `/tasks?afterEnqueuedAt=${middle}`)).body.total).toBe(later.length);

    // The other follows the tasks of a dead router although they are of another time.
    const left: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      left.push((await b.request("POST", "/indexes/notes/documents", [{ id: 3, n }])).body.taskUid);
    }
    await b.kill();
    for (const uid of left) expect((await waitForEnd(a, uid)).status).toBe("succeeded");
    expect((await a.write("POST", "/indexes/notes/documents", [{ id: 3, n: "newest" }])).status).toBe("succeeded");
    expect(await shown(3)).toEqual(["newest", "newest"]);
  });

  const shown = (id: number) =>
    Promise.all(
      nodes.map(async (node) => {
        const answer = await nodeRequest(node, "GET", `/indexes/notes/documents/${id}`);
        return answer.status === 200 ? answer.body.n : undefined;
      }),
    );
});
