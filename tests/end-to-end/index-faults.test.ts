/** Indexes that are made, renamed, swapped and deleted while the router dies: all nodes and the catalog end alike. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { behindProxy, startFaultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import { startMiroir, waitForEnd, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest, startNodes, type TestNode } from "../support/nodes.ts";

setDefaultTimeout(180_000);

let nodes: readonly TestNode[];
let proxy: FaultProxy;
let miroir: TestMiroir;

beforeAll(async () => {
  nodes = await startNodes(3);
  proxy = await startFaultProxy(nodes[1] as TestNode);
  const use = nodes.map((node, place) => (place === 1 ? behindProxy(node, proxy) : node));
  miroir = await startMiroir({ use, replicationFactor: 2 });
  await miroir.write("POST", "/indexes", { uid: "left", primaryKey: "l" });
  await miroir.write("POST", "/indexes", { uid: "right", primaryKey: "r" });
});
afterAll(async () => {
  await miroir.stop();
  await proxy.stop();
});

interface Listed {
  readonly uid: string;
  readonly primaryKey: string | null;
}

async function listOf(target: Pick<TestNode, "url" | "masterKey">): Promise<string[]> {
  const { body } = await nodeRequest(target, "GET", "/indexes?limit=100");
  return body.results.map(({ uid, primaryKey }: Listed) => `${uid}:${primaryKey}`).toSorted();
}

/** What the catalog and every node say, which must be one thing. */
async function agreed(): Promise<string> {
  const [shown, ...lists] = await Promise.all([miroir, ...nodes].map(listOf));
  for (const list of lists) expect(list).toEqual(shown as string[]);
  return (shown as string[]).join(" ");
}

const BEFORE = "left:l right:r";

/** The request is held on its way to one node; then the router is killed and started again. */
async function killedWhileTelling(method: string, path: string, body: unknown, held: RegExp): Promise<void> {
  const hits = proxy.hits();
  proxy.set({ kind: "stall", when: held });
  const asked = miroir.request(method, path, body).catch(() => null);
  const deadline = performance.now() + 40_000;
  while (proxy.hits() === hits && performance.now() < deadline) await Bun.sleep(5);
  expect(proxy.hits()).toBeGreaterThan(hits);
  await Bun.sleep(200);
  await miroir.kill();
  expect(await asked).toBeNull();
  proxy.heal();
  await miroir.start();
  const { body: tasks } = await miroir.request("GET", "/tasks?limit=1");
  await waitForEnd(miroir, tasks.results[0].uid);
}

const CASES: readonly (readonly [string, string, string, unknown, RegExp, string, string])[] = [
  ["made", "POST", "/indexes", { uid: "made", primaryKey: "m" }, /^POST \/indexes /, BEFORE, "left:l made:m right:r"],
  [
    "swapped",
    "POST",
    "/swap-indexes",
    [{ indexes: ["left", "right"] }],
    /^POST \/swap-indexes/,
    "left:l made:m right:r",
    "left:r made:m right:l",
  ],
  [
    "renamed",
    "PATCH",
    "/indexes/made",
    { uid: "renamed" },
    /^PATCH \/indexes\/made /,
    "left:r made:m right:l",
    "left:r renamed:m right:l",
  ],
];

for (const [what, method, path, body, held, before, after] of CASES) {
  test(`an index that is being ${what} when the router is killed: nobody was answered, all is as before, and it works the next time`, async () => {
    await killedWhileTelling(method, path, body, held);
    expect(await agreed()).toBe(before);
    expect((await miroir.write(method, path, body)).status).toBe("succeeded");
    expect(await agreed()).toBe(after);
  });
}

test("a deletion that was begun when the router is killed goes to its end, since it cannot be taken back", async () => {
  await killedWhileTelling("DELETE", "/indexes/renamed", undefined, /^DELETE \/indexes\/renamed/);
  expect(await agreed()).toBe("left:r right:l");
});

test("a node that dies while an index is made: it is made without it or not at all, and the node agrees when it is back", async () => {
  const asked = miroir.request("POST", "/indexes", { uid: "late", primaryKey: "x" });
  await nodes[2]?.kill();
  const answer = await asked;
  await nodes[2]?.restart();
  if (answer.status === 202) await waitForEnd(miroir, answer.body.taskUid, 120_000);
  const deadline = performance.now() + 60_000;
  const headers = { "x-admin-key": miroir.adminKey };
  const degraded = async (): Promise<number> =>
    (await miroir.request("GET", "/_miroir/topology", undefined, headers)).body.degraded_node_count;
  while ((await degraded()) > 0 && performance.now() < deadline) await Bun.sleep(50);
  expect(["left:r right:l", "late:x left:r right:l"]).toContain(await agreed());
});
