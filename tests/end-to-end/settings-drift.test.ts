/**
 * Nodes that are not as the catalog says: edited behind the router's back, away while things changed, or back with an
 * empty disk. What the operator sees of it, and the commands that help.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { startMiroir, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest, runTask, startNode, type TestNode } from "../support/nodes.ts";

setDefaultTimeout(180_000);

const MAIN = join(import.meta.dir, "..", "..", "src", "main.ts");
const SETTINGS = "/indexes/films/settings";

async function until(miroir: TestMiroir, what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new TypeError(`it did not come to that: ${what}\n${await miroir.told()}`);
    await Bun.sleep(20);
  }
}

async function topology(miroir: TestMiroir) {
  return (await miroir.request("GET", "/_miroir/topology", undefined, { "x-admin-key": miroir.adminKey })).body;
}

async function ctl(miroir: TestMiroir, ...words: string[]) {
  const child = Bun.spawn([process.execPath, MAIN, "ctl", ...words], {
    env: { ...process.env, MIROIR_URL: miroir.url, MIROIR_ADMIN_API_KEY: miroir.adminKey },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, err, code };
}

const settingsOn = (node: Pick<TestNode, "url" | "masterKey"> | undefined) =>
  nodeRequest(node as TestNode, "GET", SETTINGS).then(({ body }) => body);

async function metric(miroir: TestMiroir, name: string): Promise<string | undefined> {
  const text = await (await fetch(miroir.metricsUrl)).text();
  return new RegExp(`^miroir_${name}(?:\\{[^}]*\\})? (.*)$`, "m").exec(text)?.[1];
}

describe("with auto_repair", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    miroir = await startMiroir({
      nodes: 2,
      replicationFactor: 2,
      config: "  settings_drift_check: { interval_s: 1 }\n",
    });
    await miroir.write("POST", "/indexes", { uid: "films", primaryKey: "id" });
    await miroir.write("PATCH", SETTINGS, { filterableAttributes: ["genre"], stopWords: ["the"] });
  });
  afterAll(() => miroir.stop());

  test("a node edited behind the router's back is put right, counted, and no search is the worse for it", async () => {
    await miroir.write("POST", "/indexes/films/documents", [{ id: 1, genre: "drama", title: "the end" }]);
    const meant = await settingsOn(miroir.nodes[0]);
    await runTask(miroir.nodes[1] as TestNode, "PATCH", SETTINGS, { stopWords: ["a"], filterableAttributes: [] });
    await until(miroir, "the node is as meant", async () => Bun.deepEquals(await settingsOn(miroir.nodes[1]), meant));
    const filter = { filter: "genre = drama" };
    for (let n = 0; n < 10; n += 1) {
      expect((await miroir.request("POST", "/indexes/films/search", filter)).body.hits).toHaveLength(1);
    }
    await until(miroir, "it is counted", async () => (await metric(miroir, "settings_drift_repair_total")) === "1");
    expect(await metric(miroir, "settings_version")).toBe("1");
  });

  test("a reader may ask for a settings version, and is refused one that nobody has", async () => {
    const search = (value: string) =>
      miroir.request("POST", "/indexes/films/search", {}, { "X-Miroir-Min-Settings-Version": value });
    await until(miroir, "all nodes are proven", async () => (await search("1")).status === 200);
    const fresh = await search("1");
    expect(fresh.headers.get("x-miroir-settings-version")).toBe("1");
    const stale = await search("2");
    expect([stale.status, stale.body.code]).toEqual([503, "miroir_settings_version_stale"]);
    expect(stale.headers.get("retry-after")).not.toBeNull();
    expect((await search("soon")).body.code).toBe("miroir_invalid_header");
    for (const path of [SETTINGS, "/indexes/films/documents", "/indexes/films/documents/1"]) {
      const read = await miroir.request("GET", path, undefined, { "X-Miroir-Min-Settings-Version": "2" });
      expect([path, read.body.code]).toEqual([path, "miroir_settings_version_stale"]);
    }
  });
});

test("a node that was robbed of the markers makes no list fail, and is put right by the first that it refuses", async () => {
  // Groups take turns, so every other list is asked of that node alone.
  const miroir = await startMiroir({ nodes: 2, replicaGroups: 2 });
  try {
    await miroir.write("POST", "/indexes", { uid: "films", primaryKey: "id" });
    await miroir.write(
      "POST",
      "/indexes/films/documents",
      Array.from({ length: 30 }, (_unused, id) => ({ id })),
    );
    const meant = await settingsOn(miroir.nodes[0]);
    await runTask(miroir.nodes[1] as TestNode, "DELETE", SETTINGS);
    for (let n = 0; n < 20; n += 1) {
      const list = await miroir.request("GET", "/indexes/films/documents");
      expect([list.status, list.body.total]).toEqual([200, 30]);
    }
    // Long before the next check of settings, which comes every five minutes.
    await until(miroir, "the node is as meant", async () => Bun.deepEquals(await settingsOn(miroir.nodes[1]), meant));
  } finally {
    await miroir.stop();
  }
});

describe("without auto_repair, and with no repair of a change", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    const config = `  settings_drift_check: { interval_s: 1, auto_repair: false }
  settings_broadcast: { max_repair_retries: 0 }
`;
    miroir = await startMiroir({ nodes: 2, replicationFactor: 2, config });
    await miroir.write("POST", "/indexes", { uid: "films", primaryKey: "id" });
    await miroir.write("PATCH", SETTINGS, { stopWords: ["the"] });
  });
  afterAll(() => miroir.stop());

  const edit = () => runTask(miroir.nodes[1] as TestNode, "PATCH", SETTINGS, { synonyms: { a: ["b"] } });

  test("an edit is told of where operators look, and put right when they say so", async () => {
    expect((await ctl(miroir, "settings", "status")).code).toBe(0);
    await edit();
    const error = async () => (await topology(miroir)).nodes[1].error as string | undefined;
    await until(miroir, "the topology names it", async () => (await error()) !== undefined);
    expect(await error()).toBe("index `films` has other settings: synonyms");
    const status = await ctl(miroir, "settings", "status", "--index", "films");
    expect(status.code).toBe(7);
    expect(status.out).toMatch(/^films\s+node-0\s+1 of 1\s+[0-9a-f]{12}\s+as meant$/m);
    expect(status.out).toMatch(/^films\s+node-1\s+\? of 1\s+[0-9a-f]{12}\s+differ: synonyms$/m);
    expect((await settingsOn(miroir.nodes[1])).synonyms).toEqual({ a: ["b"] });
    const repair = await ctl(miroir, "settings", "repair", "films");
    expect([repair.code, repair.out.includes("have been put right")]).toEqual([0, true]);
    expect((await settingsOn(miroir.nodes[1])).synonyms).toEqual({});
    await until(miroir, "the topology is quiet", async () => (await error()) === undefined);
  });

  test("a change that cannot be verified is taken back and freezes writes, also after a restart, until it is unfrozen or the nodes agree", async () => {
    await edit();
    const task = await miroir.write("PATCH", SETTINGS, { stopWords: ["a"] });
    expect(task).toMatchObject({ status: "failed", error: { code: "miroir_settings_mismatch" } });
    expect(task.error.message).toContain("node `node-1` differs in `synonyms`");
    expect((await settingsOn(miroir.nodes[0])).stopWords).toEqual(["the"]);
    expect(Number(await metric(miroir, "settings_hash_mismatch_total"))).toBeGreaterThan(0);
    // A write that costs the engine nothing, so that the changes after it do not either.
    const write = () => miroir.request("DELETE", "/indexes/films/documents/1");
    const isFrozen = async (): Promise<void> => {
      const refused = await write();
      expect([refused.status, refused.body.code]).toEqual([503, "miroir_index_frozen"]);
      expect(refused.body.message).toContain("`films` takes no writes for now");
    };
    await isFrozen();
    expect((await miroir.request("POST", "/indexes/films/search", {})).status).toBe(200);
    expect((await ctl(miroir, "index", "list")).out).toMatch(/^films\s+id\s+16\s+ready\s+1\s+refused: /m);
    expect((await ctl(miroir, "settings", "unfreeze", "films")).code).toBe(0);
    expect((await write()).status).toBe(202);

    expect((await miroir.write("PATCH", SETTINGS, { stopWords: ["a"] })).status).toBe("failed");
    await miroir.nodes[1]?.kill();
    await miroir.kill();
    await miroir.start();
    await isFrozen();
    await miroir.nodes[1]?.restart();
    await until(miroir, "the nodes agree", async () => (await write()).status === 202);
    expect((await settingsOn(miroir.nodes[1])).synonyms).toEqual({});
  });

  test("a change that succeeds takes the freeze away", async () => {
    await edit();
    expect((await miroir.write("PATCH", SETTINGS, { stopWords: ["b"] })).status).toBe("failed");
    await runTask(miroir.nodes[1] as TestNode, "PATCH", SETTINGS, { synonyms: null });
    expect((await miroir.write("PATCH", SETTINGS, { stopWords: ["c"] })).status).toBe("succeeded");
    expect((await miroir.write("DELETE", "/indexes/films/documents/1")).status).toBe("succeeded");
  });
});

describe("broadcast.policy: available", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    const config = "  broadcast: { policy: available }\n";
    miroir = await startMiroir({ nodes: 3, replicationFactor: 3, config });
    await miroir.write("POST", "/indexes", { uid: "films", primaryKey: "id" });
    await miroir.write("POST", "/indexes", { uid: "old", primaryKey: "id" });
  });
  afterAll(() => miroir.stop());

  const away = () => miroir.nodes[2] as TestNode;
  const whole = () =>
    until(miroir, "the fleet is whole", async () => (await topology(miroir)).degraded_node_count === 0);
  const onAway = (path: string) => nodeRequest(away(), "GET", path);

  test("indexes, settings, documents, keys and features change without a node, and are its own before it serves", async () => {
    const gone = await miroir.request("POST", "/keys", { actions: ["search"], indexes: ["*"], expiresAt: null });
    await away().kill();
    await until(miroir, "the router has noticed", async () => (await topology(miroir)).degraded_node_count === 1);
    expect((await miroir.write("PATCH", SETTINGS, { filterableAttributes: ["genre"] })).status).toBe("succeeded");
    expect((await miroir.write("POST", "/indexes", { uid: "made", primaryKey: "key" })).status).toBe("succeeded");
    expect((await miroir.write("DELETE", "/indexes/old")).status).toBe("succeeded");
    expect((await miroir.write("POST", "/indexes/films/documents", [{ id: 1, genre: "drama" }])).status).toBe(
      "succeeded",
    );
    const made = await miroir.request("POST", "/keys", { actions: ["search"], indexes: ["*"], expiresAt: null });
    expect([made.status, (await miroir.request("DELETE", `/keys/${gone.body.uid}`)).status]).toEqual([201, 204]);
    expect((await miroir.request("PATCH", "/experimental-features", { containsFilter: true })).status).toBe(200);

    await away().restart();
    await whole();
    expect((await onAway("/indexes/made")).body.primaryKey).toBe("key");
    expect((await onAway("/indexes/old")).status).toBe(404);
    expect((await onAway("/indexes/films/documents/1")).status).toBe(200);
    expect([(await onAway(`/keys/${made.body.uid}`)).status, (await onAway(`/keys/${gone.body.uid}`)).status]).toEqual([
      200, 404,
    ]);
    expect((await onAway("/experimental-features")).body.containsFilter).toBe(true);
    expect(await settingsOn(away())).toEqual(await settingsOn(miroir.nodes[0]));
  });

  test("a node that comes back empty has indexes, settings, keys and features before anything else, and serves nothing", async () => {
    const before = away();
    await before.kill();
    await until(miroir, "the router has noticed", async () => (await topology(miroir)).degraded_node_count === 1);
    const empty = await startNode({ port: before.port, masterKey: before.masterKey });
    try {
      await until(miroir, "it has its settings", async () =>
        Bun.deepEquals(await settingsOn(empty), await settingsOn(miroir.nodes[0])),
      );
      // The next in line; the engine may still be at it.
      await until(miroir, "it has the other index", async () => {
        return (await nodeRequest(empty, "GET", "/indexes/made")).body.primaryKey === "key";
      });
      const keysOn = async (node: TestNode) =>
        (await nodeRequest(node, "GET", "/keys?limit=100")).body.results
          .map((key: { key: string }) => key.key)
          .toSorted();
      expect(await keysOn(empty)).toEqual(await keysOn(miroir.nodes[0] as TestNode));
      expect((await nodeRequest(empty, "GET", "/experimental-features")).body.containsFilter).toBe(true);
      for (let n = 0; n < 20; n += 1) {
        const search = await miroir.request("POST", "/indexes/films/search", { q: "" });
        expect([search.status, search.body.hits?.length]).toEqual([200, 1]);
      }
    } finally {
      await empty.stop();
    }
  });
});
