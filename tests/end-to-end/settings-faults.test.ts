/**
 * A settings change while processes die: the router at every step, a node in the middle, a node that refuses. Whatever
 * happens, all nodes end with the same settings, and those are what the router says.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { behindProxy, startFaultProxy, type Fault, type FaultProxy } from "../support/fault-proxy.ts";
import { startMiroir, waitForEnd, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest, runTask, startNodes, type TestNode } from "../support/nodes.ts";

setDefaultTimeout(180_000);

const SETTINGS = "/indexes/films/settings";

let nodes: readonly TestNode[];
let proxies: readonly FaultProxy[];
let miroir: TestMiroir;

async function start(config: string): Promise<void> {
  nodes = await startNodes(3);
  proxies = await Promise.all(nodes.map(startFaultProxy));
  const use = nodes.map((node, place) => behindProxy(node, proxies[place] as FaultProxy));
  miroir = await startMiroir({ use, replicationFactor: 2, config });
  await miroir.write("POST", "/indexes", { uid: "films", primaryKey: "id" });
}

async function stop(): Promise<void> {
  await miroir.stop();
  await Promise.all(proxies.map((proxy) => proxy.stop()));
}

const set = (place: number, fault: Fault): void => proxies[place]?.set(fault);
const heal = (): void => proxies.forEach((proxy) => proxy.heal());

async function until(what: string, isSo: () => boolean | Promise<boolean>, timeoutMs = 40_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new TypeError(`it did not come to that: ${what}\n${await miroir.told()}`);
    await Bun.sleep(10);
  }
}

const stopWordsOn = (place: number) =>
  nodeRequest(nodes[place] as TestNode, "GET", SETTINGS).then(({ body }) => body.stopWords as string[]);

/** What all nodes and the router say of the stop words, which must be one thing. */
async function agreed(): Promise<readonly string[]> {
  const all = await Promise.all([0, 1, 2].map((place) => nodeRequest(nodes[place] as TestNode, "GET", SETTINGS)));
  const [first] = all;
  for (const { body } of all) expect(body).toEqual(first?.body);
  expect(first?.body.sortableAttributes).toEqual(["_miroir_seq"]);
  const shown = await miroir.request("GET", SETTINGS);
  expect(shown.headers.get("x-miroir-settings-inconsistent")).toBeNull();
  expect(shown.body.stopWords).toEqual(first?.body.stopWords);
  return shown.body.stopWords as string[];
}

async function lastSettingsTask() {
  const { body } = await miroir.request("GET", "/tasks?types=settingsUpdate&limit=1");
  return waitForEnd(miroir, body.results[0].uid);
}

async function version(): Promise<number> {
  return Number((await miroir.request("GET", SETTINGS)).headers.get("x-miroir-settings-version"));
}

describe("kill -9 of the router", () => {
  beforeAll(() => start(""));
  afterAll(stop);

  test("while it tells the nodes: nobody was answered, and what some nodes have is taken back", async () => {
    await miroir.write("PATCH", SETTINGS, { stopWords: ["old"] });
    set(1, { kind: "stall", when: /^PATCH [^ ]*settings/ });
    const asked = miroir.request("PATCH", SETTINGS, { stopWords: ["new"] }).catch(() => null);
    await until("the request is held", () => (proxies[1]?.hits() ?? 0) > 0);
    await until("another node has it", async () => (await stopWordsOn(0))[0] === "new");
    await miroir.kill();
    expect(await asked).toBeNull();
    heal();
    await miroir.start();
    expect(await lastSettingsTask()).toMatchObject({ status: "failed", error: { code: "miroir_task_interrupted" } });
    expect(await agreed()).toEqual(["old"]);
  });

  for (const [step, held] of [
    ["before it has verified", /^GET \/tasks/],
    ["before it has committed", /^GET \/indexes\/films\/settings/],
  ] as const) {
    test(`${step}: the change was answered, and is brought to its end`, async () => {
      await miroir.write("PATCH", SETTINGS, { stopWords: ["old"] });
      const before = await version();
      set(1, { kind: "stall", when: held });
      const hits = proxies[1]?.hits() ?? 0;
      const accepted = await miroir.request("PATCH", SETTINGS, { stopWords: ["new"] });
      expect(accepted.status).toBe(202);
      expect(accepted.headers.get("x-miroir-settings-pending")).toBe(String(before + 1));
      await until("the nodes are through and the router waits", async () => {
        const all = await Promise.all([0, 1, 2].map(stopWordsOn));
        return (proxies[1]?.hits() ?? 0) > hits && all.every(([word]) => word === "new");
      });
      const search = await miroir.request("POST", "/indexes/films/search", {});
      expect([search.status, search.headers.get("x-miroir-settings-inconsistent")]).toEqual([200, "true"]);
      await miroir.kill();
      heal();
      await miroir.start();
      expect((await waitForEnd(miroir, accepted.body.taskUid)).status).toBe("succeeded");
      expect([await agreed(), await version()]).toEqual([["new"], before + 1]);
    });
  }

  test("while it takes a failed change back: the rest is taken back after the restart", async () => {
    await miroir.write("PATCH", SETTINGS, { stopWords: ["old"] });
    const before = await version();
    // A document on one node only that is no place: there the change fails, elsewhere it succeeds.
    await runTask(nodes[1] as TestNode, "POST", "/indexes/films/documents", [{ id: 1, _geo: "nowhere" }]);
    set(1, { kind: "stall", when: /^GET \/tasks/ });
    const patch = { stopWords: ["new"], sortableAttributes: ["_geo"] };
    const accepted = await miroir.request("PATCH", SETTINGS, patch);
    const hits = proxies[0]?.hits() ?? 0;
    set(0, { kind: "stall", when: /^PATCH [^ ]*settings/ });
    set(1, { kind: "none" });
    await until("the undo is held", () => (proxies[0]?.hits() ?? 0) > hits);
    await miroir.kill();
    heal();
    await miroir.start();
    const task = await waitForEnd(miroir, accepted.body.taskUid);
    expect(task).toMatchObject({ status: "failed", error: { code: "invalid_document_geo_field" } });
    expect([await agreed(), await version()]).toEqual([["old"], before]);
    await runTask(nodes[1] as TestNode, "DELETE", "/indexes/films/documents/1");
  });

  test("the next change is taken as ever", async () => {
    expect((await miroir.write("PATCH", SETTINGS, { stopWords: ["last"] })).status).toBe("succeeded");
    expect(await agreed()).toEqual(["last"]);
  });
});

describe("a node", () => {
  beforeAll(() => start("  settings_broadcast: { verify_timeout_s: 1 }\n"));
  afterAll(stop);

  test("that dies between propose and verify: the change is decided without it, and the node has it when it serves again", async () => {
    set(2, { kind: "stall", when: /^GET \/tasks/ });
    const accepted = await miroir.request("PATCH", SETTINGS, { stopWords: ["new"] });
    expect(accepted.status).toBe(202);
    await nodes[2]?.kill();
    heal();
    expect((await waitForEnd(miroir, accepted.body.taskUid)).status).toBe("succeeded");
    expect(await version()).toBe(1);
    const refused = await miroir.request("PATCH", SETTINGS, { stopWords: ["more"] });
    expect([refused.status, refused.body.code]).toEqual([503, "miroir_node_unavailable"]);
    await nodes[2]?.restart();
    await until("the fleet is whole", async () => (await topology()).degraded_node_count === 0);
    expect(await agreed()).toEqual(["new"]);
  });

  test("that dies with its disk between propose and verify comes back with the settings and not yet into service", async () => {
    const accepted = await miroir.request("PATCH", SETTINGS, { stopWords: ["newer"] });
    await nodes[2]?.stop();
    expect((await waitForEnd(miroir, accepted.body.taskUid)).status).toBe("succeeded");
    await nodes[2]?.restart();
    await until("the node has the index", async () => (await stopWordsOn(2))?.[0] === "newer");
    const shown = await Promise.all([0, 2].map((place) => nodeRequest(nodes[place] as TestNode, "GET", SETTINGS)));
    expect(shown[1]?.body).toEqual(shown[0]?.body);
    const keys = await Promise.all(
      [0, 2].map((place) => nodeRequest(nodes[place] as TestNode, "GET", "/keys?limit=100")),
    );
    const texts = keys.map(({ body }) => body.results.map((key: { key: string }) => key.key).toSorted());
    expect(texts[1]).toEqual(texts[0]);
  });

  async function topology() {
    const headers = { "x-admin-key": miroir.adminKey };
    return (await miroir.request("GET", "/_miroir/topology", undefined, headers)).body;
  }
});

describe("from node to node", () => {
  beforeAll(() => start("  settings_broadcast: { strategy: sequential }\n"));
  afterAll(stop);

  const told = (place: number) =>
    nodeRequest(nodes[place] as TestNode, "GET", "/tasks?types=settingsUpdate&limit=1").then(({ body }) => body.total);

  test("the next node is told when the one before is done, and all end alike", async () => {
    const before = await Promise.all([0, 1, 2].map(told));
    set(1, { kind: "stall", when: /^PATCH [^ ]*settings/ });
    const accepted = await miroir.request("PATCH", SETTINGS, { stopWords: ["new"] });
    await until("the second node is being told", () => (proxies[1]?.hits() ?? 0) > 0);
    expect([await stopWordsOn(0), await stopWordsOn(2)]).toEqual([["new"], []]);
    expect(await told(2)).toBe(before[2]);
    heal();
    expect((await waitForEnd(miroir, accepted.body.taskUid)).status).toBe("succeeded");
    expect([await agreed(), await version()]).toEqual([["new"], 1]);
  });

  test("a node that refuses ends it: those before it are put back, those behind it never hear of it", async () => {
    await runTask(nodes[1] as TestNode, "POST", "/indexes/films/documents", [{ id: 1, _geo: "nowhere" }]);
    const before = await told(2);
    const task = await miroir.write("PATCH", SETTINGS, { stopWords: ["bad"], sortableAttributes: ["_geo"] });
    expect(task).toMatchObject({ status: "failed", error: { code: "invalid_document_geo_field" } });
    expect([await agreed(), await told(2)]).toEqual([["new"], before]);
    await runTask(nodes[1] as TestNode, "DELETE", "/indexes/films/documents/1");
  });

  test("a router that is killed half way goes on with the nodes that are left", async () => {
    set(2, { kind: "stall", when: /^PATCH [^ ]*settings/ });
    const hits = proxies[2]?.hits() ?? 0;
    const accepted = await miroir.request("PATCH", SETTINGS, { stopWords: ["later"] });
    await until("the last node is being told", () => (proxies[2]?.hits() ?? 0) > hits);
    await miroir.kill();
    heal();
    await miroir.start();
    expect((await waitForEnd(miroir, accepted.body.taskUid)).status).toBe("succeeded");
    expect(await agreed()).toEqual(["later"]);
  });
});
