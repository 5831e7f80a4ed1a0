/** What only a store of several routers has: turns, versions of what routers keep in memory, tasks that change hands. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { Store } from "../../../src/store/store.ts";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import { noRedisReason, startRedis, type TestRedis } from "../../support/redis.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { newTask } from "./new-task.ts";

const reason = noRedisReason();
const LONG_MS = 60_000;

describe.skipIf(reason !== null)("a Redis store that two routers share", () => {
  let redis: TestRedis;
  let a: Store;
  let b: Store;
  beforeAll(async () => {
    redis = await startRedis();
    a = await openRedisStore({ url: redis.url(), run: "a/1", emit: () => {} });
    b = await openRedisStore({ url: redis.url(), run: "b/1", emit: () => {} });
  });
  afterAll(async () => {
    await a.close();
    await b.close();
    await redis.stop();
  });
  const join = (store: Store, name: string, ttlMs = LONG_MS) =>
    store.routers.join({ name, run: `${name}/1`, version: "1", epoch: 1, startedAt: 1 }, ttlMs);
  beforeEach(async () => {
    await redis.command("FLUSHALL");
    await join(a, "a");
    await join(b, "b");
  });

  test("a turn is one router's until it gives it back, which the other is told", async () => {
    const heard: string[] = [];
    a.turns?.listen("a/1", (what, scope) => void heard.push(`a ${what} ${scope}`));
    b.turns?.listen("b/1", (what, scope) => void heard.push(`b ${what} ${scope}`));
    await Bun.sleep(50);
    expect(await a.turns?.take("films", "a/1")).toBeDefined();
    expect(await a.turns?.take("films", "a/1")).toBeDefined();
    expect(await b.turns?.take("films", "b/1")).toBeUndefined();
    await b.turns?.give(["films"], "b/1", 7n);
    expect(await b.turns?.take("films", "b/1")).toBeUndefined();
    await a.turns?.give(["films", "never"], "a/1", 7n);
    expect(await b.turns?.take("films", "b/1")).toBeDefined();
    await Bun.sleep(50);
    expect(new Set(heard)).toEqual(new Set(["a wanted films", "b free films"]));
  });

  test("the highest clock of all who gave a turn back comes with the next", async () => {
    expect(await a.turns?.take("films", "a/1")).toEqual({ clock: 0n });
    await a.turns?.give(["films"], "a/1", 0xfedc_ba98_7654_3210n);
    expect(await b.turns?.take("books", "b/1")).toEqual({ clock: 0xfedc_ba98_7654_3210n });
    await b.turns?.give(["books"], "b/1", 5n);
    expect(await a.turns?.take("films", "a/1")).toEqual({ clock: 0xfedc_ba98_7654_3210n });
  });

  test("of many that take at once one gets the turn", async () => {
    for (let round = 0; round < 50; round += 1) {
      const scope = `index-${round}`;
      const taken = await Promise.all([a.turns?.take(scope, "a/1"), b.turns?.take(scope, "b/1")]);
      expect(taken.filter(Boolean)).toHaveLength(1);
    }
  });

  test("who has waited for a turn gets it before the one who gives it back can take it again", async () => {
    expect(await a.turns?.take("films", "a/1")).toBeDefined();
    expect(await b.turns?.take("films", "b/1")).toBeUndefined();
    await a.turns?.give(["films"], "a/1", 7n);
    expect(await a.turns?.take("films", "a/1")).toBeUndefined();
    expect(await b.turns?.take("films", "b/1")).toBeDefined();
    await b.turns?.give(["films"], "b/1", 7n);
    expect(await a.turns?.take("films", "a/1")).toBeDefined();
    // A place is not kept for one who does not come back.
    expect(await b.turns?.take("films", "b/1")).toBeUndefined();
    await a.turns?.give(["films"], "a/1", 7n);
    await Bun.sleep(600);
    expect(await a.turns?.take("films", "a/1")).toBeDefined();
  });

  test("the turn of a router that has gone is free, and a router that is not believed to live gets none", async () => {
    expect(await a.turns?.take("films", "a/1")).toBeDefined();
    await a.routers.leave({ name: "a", run: "a/1", version: "1", epoch: 1, startedAt: 1 });
    expect(await b.turns?.take("films", "b/1")).toBeDefined();
    expect(await a.turns?.take("books", "a/1")).toBeUndefined();
  });

  test("a router that has lost its turn keeps no write for a node, also when the turn was given back since", async () => {
    await a.turns?.take("films", "a/1");
    await a.hints.append(hint("1", "films"));
    await redis.command("DEL", "miroir:run:a/1");
    expect(await b.turns?.take("films", "b/1")).toBeDefined();
    const refused = { code: "miroir_taken_over", status: 503 };
    expect(await rejectionOf(a.hints.append(hint("2", "films")))).toMatchObject(refused);
    await b.turns?.give(["films"], "b/1", 7n);
    expect(await rejectionOf(a.hints.append(hint("3", "films")))).toMatchObject(refused);
    await a.hints.append(hint("4", "books"));
    await a.hints.append(hint("5", ""));
    await join(a, "a");
    await a.turns?.take("films", "a/1");
    await a.hints.append(hint("6", "films"));
    expect((await a.hints.oldest("n1", 10)).map(({ id }) => id)).toEqual(["1", "4", "5", "6"]);
  });

  test("versions rise with every change, and a router is behind until it says that it has taken one in", async () => {
    const before = await a.changes.versions();
    await a.changes.raise("keys");
    await a.catalog.remove("none");
    const now = await a.changes.versions();
    expect([now.keys - before.keys, now.catalog - before.catalog, now.hints - before.hints]).toEqual([1, 1, 0]);
    expect(await a.changes.behind("a/1", "keys", now.keys)).toEqual(["b"]);
    await b.changes.observe("b/1", now);
    expect(await a.changes.behind("a/1", "keys", now.keys)).toEqual([]);
    expect(await a.changes.behind("a/1", "keys", now.keys + 1)).toEqual(["b"]);
    await b.routers.leave({ name: "b", run: "b/1", version: "1", epoch: 1, startedAt: 1 });
    expect(await a.changes.behind("a/1", "keys", now.keys + 1)).toEqual([]);
  });

  test("open tasks of a router that has gone are adopted by one of the others, each once, and no longer its own", async () => {
    const tasks = await Promise.all(Array.from({ length: 30 }, () => a.tasks.insert(newTask())));
    expect(await b.tasks.adopt()).toEqual([]);
    await a.routers.leave({ name: "a", run: "a/1", version: "1", epoch: 1, startedAt: 1 });
    const c = await openRedisStore({ url: redis.url(), run: "c/1", emit: () => {} });
    const adopted = (await Promise.all([b.tasks.adopt(), c.tasks.adopt(), b.tasks.adopt()])).flat();
    expect(adopted.map(({ uid }) => uid).toSorted((x, y) => x - y)).toEqual(tasks.map(({ uid }) => uid));
    const [first] = tasks;
    expect(await rejectionOf(a.tasks.update(first?.uid as number, { status: "failed" }))).toMatchObject({
      code: "miroir_taken_over",
    });
    // Noting who means to cancel it is open to all.
    await a.tasks.update(first?.uid as number, { canceledBy: 7 });
    await c.close();
  });

  test("two routers never give out one uid, also when the server is under load from both", async () => {
    const inserted = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => (n % 2 === 0 ? a : b).tasks.insert(newTask())),
    );
    expect(new Set(inserted.map(({ uid }) => uid)).size).toBe(1_000);
  });

  test("a router that has not seen the current epoch inserts nothing, nor into a store that is not the one it knew", async () => {
    const nodes = [{ id: "n", address: "http://n", replicaGroup: 0, state: "active" as const }];
    const topology = (epoch: number) => ({ epoch, replicationFactor: 1, replicaGroups: 1, nodes });
    expect(await a.topology.save(topology(1), 0)).toBe(true);
    a.topology.follow(1);
    b.topology.follow(1);
    await a.tasks.insert(newTask());
    expect(await b.topology.save(topology(2), 1)).toBe(true);
    expect(await rejectionOf(a.tasks.insert(newTask()))).toMatchObject({
      code: "miroir_topology_changed",
      status: 503,
    });
    a.topology.follow(2);
    await a.tasks.insert(newTask());
    await a.check();
    // A server that has lost everything, and one that another router has begun anew, are no longer its store.
    await redis.command("FLUSHALL");
    const lost = { code: "miroir_store_unavailable", status: 503 };
    expect(await rejectionOf(a.tasks.insert(newTask()))).toMatchObject(lost);
    const c = await openRedisStore({ url: redis.url(), run: "c/1", emit: () => {} });
    await c.topology.save(topology(2), 0);
    expect(await rejectionOf(a.tasks.insert(newTask()))).toMatchObject(lost);
    expect(await rejectionOf(a.check())).toMatchObject(lost);
    // Nor does it take what the router remembers: that would stand in the way of what is recovered.
    expect(await rejectionOf(a.catalog.put(entry))).toMatchObject(lost);
    expect(await rejectionOf(a.hints.append(hint("1", "")))).toMatchObject(lost);
    await c.catalog.put(entry);
    await c.close();
    a.topology.follow(0);
    b.topology.follow(0);
  });

  test("what the former run of a router had is free as soon as it has started again, and that of one that is merely away is not", async () => {
    const former = await a.leases.acquire("prune", "a/1", LONG_MS);
    expect(await b.leases.acquire("prune", "b/1", LONG_MS)).toBeUndefined();
    await a.routers.join({ name: "a", run: "a/2", version: "1", epoch: 1, startedAt: 2 }, LONG_MS);
    const next = await b.leases.acquire("prune", "b/1", LONG_MS);
    expect(next?.number).toBeGreaterThan(former?.number ?? 0);
    expect(former === undefined ? undefined : await a.leases.renew(former, LONG_MS)).toBe(false);
    await b.routers.leave({ name: "b", run: "b/1", version: "1", epoch: 1, startedAt: 1 });
    expect(await a.leases.acquire("prune", "a/2", LONG_MS)).toBeUndefined();
  });

  test("a job that both claim at once is one router's", async () => {
    for (let n = 0; n < 50; n += 1) await a.jobs.enqueue({ id: `job-${n}`, type: "copy", params: {} });
    const claims = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        n % 2 === 0 ? a.jobs.claim(["copy"], "a/1", LONG_MS) : b.jobs.claim(["copy"], "b/1", LONG_MS),
      ),
    );
    const won = claims.flatMap((job) => (job === undefined ? [] : [job.id]));
    expect(won).toHaveLength(50);
    expect(new Set(won).size).toBe(50);
  });
});

function hint(id: string, indexUid: string) {
  return {
    id,
    nodeId: "n1",
    indexUid,
    request: { method: "POST", path: "/indexes/films/documents", operation: "documents.add" } as const,
    taskUid: null,
    operationId: null,
    spoolRef: null,
    bytes: 1,
    createdAt: 1,
  };
}

const entry = {
  uid: "films",
  primaryKey: null,
  shards: 8,
  state: "ready",
  settingsVersion: 0,
  settings: {},
  createdAt: 1,
  updatedAt: 1,
} as const;
