/**
 * A router that stood still while another one changed the topology: its next write goes under the new epoch, or not at all.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { startMiroir, waitForEnd, type TestMiroir } from "../support/miroir.ts";
import { startNodes } from "../support/nodes.ts";
import { signalProcess } from "../support/nodes-processes.ts";
import { noRedisReason, startRedis } from "../support/redis.ts";

setDefaultTimeout(120_000);

describe.skipIf(noRedisReason() !== null)("two routers and an address that changes", () => {
  test("the first write of the router that had not seen it follows it, and nothing is refused or lost", async () => {
    const [redis, nodes] = await Promise.all([startRedis({ durable: true }), startNodes(2)]);
    const options = { replicationFactor: 2, shards: 4, store: `{ backend: redis, url: "${redis.url()}" }` };
    const a = await startMiroir({ ...options, use: nodes });
    let b: TestMiroir | undefined;
    try {
      await a.write("POST", "/indexes", { uid: "films", primaryKey: "id" });
      expect(await seenBy(a)).toEqual({ epoch: 1, address: nodes[0]?.url });
      signalProcess(a.pid, "SIGSTOP");
      // The same nodes by another name of this machine.
      const moved = nodes.map((node) => ({ ...node, url: node.url.replace("127.0.0.1", "localhost") }));
      b = await startMiroir({ ...options, use: moved });
      const sent = a.request("POST", "/indexes/films/documents", [{ id: 1, title: "late" }]);
      signalProcess(a.pid, "SIGCONT");
      const late = await sent;
      expect(late.status).toBe(202);
      expect(await seenBy(a)).toEqual({ epoch: 2, address: moved[0]?.url });
      expect((await waitForEnd(b, late.body.taskUid)).status).toBe("succeeded");
      for (const [n, router] of [a, b, a].entries()) {
        expect((await router.write("POST", "/indexes/films/documents", [{ id: 2, n }])).status).toBe("succeeded");
      }
      expect((await b.request("GET", "/indexes/films/documents/2")).body).toMatchObject({ n: 2 });
    } finally {
      signalProcess(a.pid, "SIGCONT");
      await Promise.all([a.stop(), b?.stop()]);
      await redis.stop();
    }
  });
});

async function seenBy(router: TestMiroir): Promise<{ readonly epoch: number; readonly address: string | undefined }> {
  const admin = { "x-admin-key": router.adminKey };
  const { body } = await router.request("GET", "/_miroir/topology", undefined, admin);
  return { epoch: body.epoch, address: body.nodes[0]?.address };
}
