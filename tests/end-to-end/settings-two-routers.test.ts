/** Settings with two routers before one fleet: what one has under way is no drift to the other. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { behindProxy, startFaultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import { waitForEnd } from "../support/miroir.ts";
import { nodeRequest, runTask, startNodes, type TestNode } from "../support/nodes.ts";
import { noRedisReason } from "../support/redis.ts";
import { startRouters, type TestRouters } from "../support/routers.ts";

setDefaultTimeout(180_000);

const SETTINGS = "/indexes/films/settings";

describe.skipIf(noRedisReason() !== null)("two routers that look for drift every second", () => {
  let nodes: readonly TestNode[];
  let proxy: FaultProxy;
  let world: TestRouters;
  beforeAll(async () => {
    nodes = await startNodes(2);
    proxy = await startFaultProxy(nodes[1] as TestNode);
    const use = [nodes[0] as TestNode, behindProxy(nodes[1] as TestNode, proxy)];
    const config = "  settings_drift_check: { interval_s: 1 }\n";
    world = await startRouters({ use, replicationFactor: 2, leaseS: 10, config });
    await world.routers[0].write("POST", "/indexes", { uid: "films", primaryKey: "id" });
  });
  afterAll(async () => {
    await world.stop();
    await proxy.stop();
  });

  const stopWords = async (place: number): Promise<unknown> =>
    (await nodeRequest(nodes[place] as TestNode, "GET", SETTINGS)).body.stopWords;

  test("a change that takes long on one router is left alone by the other, and is committed as it was meant", async () => {
    const [a, b] = world.routers;
    proxy.set({ kind: "stall", when: /^GET \/tasks/ });
    const accepted = await a.request("PATCH", SETTINGS, { stopWords: ["new"] });
    expect(accepted.status).toBe(202);
    await Bun.sleep(4_000);
    proxy.heal();
    expect((await waitForEnd(b, accepted.body.taskUid)).status).toBe("succeeded");
    expect([await stopWords(0), await stopWords(1)]).toEqual([["new"], ["new"]]);
    for (const router of [a, b]) {
      expect(await router.output()).not.toContain("drift.settings_differ");
      expect((await router.request("GET", SETTINGS)).headers.get("x-miroir-settings-version")).toBe("1");
    }
  });

  test("an edit behind their back is put right by one of them, once", async () => {
    await runTask(nodes[1] as TestNode, "PATCH", SETTINGS, { stopWords: ["edited"] });
    const deadline = performance.now() + 60_000;
    while (performance.now() < deadline && !Bun.deepEquals(await stopWords(1), ["new"])) await Bun.sleep(50);
    expect(await stopWords(1)).toEqual(["new"]);
    const told = async (): Promise<number> => {
      const logs = await Promise.all(world.routers.map((router) => router.output()));
      return logs.join("").split('"drift.repaired"').length - 1;
    };
    while (performance.now() < deadline && (await told()) === 0) await Bun.sleep(50);
    expect(await told()).toBe(1);
  });
});
