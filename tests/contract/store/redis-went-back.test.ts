/**
 * A Redis server that has gone back to an earlier state (its last snapshot, a replica that was behind): what it has lost is
 * lost, but it is told, and no number is given to a second task.
 */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Emit } from "../../../src/telemetry/event.ts";
import { noRedisReason, startRedis, type TestRedis } from "../../support/redis.ts";
import { newTask } from "./new-task.ts";

setDefaultTimeout(60_000);

describe.skipIf(noRedisReason() !== null)("a Redis server that has gone back", () => {
  let redis: TestRedis;
  let a: Store;
  let b: Store;
  let events: string[];
  const emit: Emit = ({ name }) => void events.push(name);
  beforeEach(async () => {
    events = [];
    // Without a file of its own it begins with the last snapshot when it is started again.
    redis = await startRedis();
    a = await openRedisStore({ url: redis.url(), run: "a/1", emit });
    b = await openRedisStore({ url: redis.url(), run: "b/1", emit });
  });
  afterEach(async () => {
    await Promise.all([a.close(), b.close()]);
    await redis.stop();
  });

  const insert = async (store: Store, count: number): Promise<readonly number[]> => {
    const uids: number[] = [];
    for (let n = 0; n < count; n += 1) uids.push((await store.tasks.insert(newTask())).uid);
    return uids;
  };
  const toSnapshot = async (): Promise<void> => {
    await redis.kill();
    await redis.restart();
    for (const store of [a, b]) while (!(await works(store))) await Bun.sleep(20);
  };

  test("gives no number twice, whichever router inserts first, and says what has happened", async () => {
    await insert(a, 3);
    await redis.command("SAVE");
    const given = await insert(a, 30);
    // What every router asks now and then.
    await b.tasks.count();
    await toSnapshot();
    expect(await b.tasks.count()).toBe(3);
    expect(events).not.toContain("store.went_back");
    const next = [...(await insert(b, 2)), ...(await insert(a, 2))];
    expect(new Set([...given, ...next]).size).toBe(34);
    expect(Math.min(...next)).toBeGreaterThan(Math.max(...given));
    expect(next).toEqual(next.toSorted((x, y) => x - y));
    expect(events.filter((name) => name === "store.went_back")).toHaveLength(1);
  });

  test("is not suspected when it has lost nothing", async () => {
    await insert(a, 3);
    await redis.command("SAVE");
    await toSnapshot();
    await Promise.all([insert(a, 3), insert(b, 3)]);
    expect(events).not.toContain("store.went_back");
    expect(await a.tasks.count()).toBe(9);
  });
});

describe.skipIf(noRedisReason() !== null)("a Redis server that has forgotten the scripts", () => {
  test("is sent them again, whatever is asked of it", async () => {
    const redis = await startRedis();
    const store = await openRedisStore({ url: redis.url(), run: "a/1", emit: () => {} });
    const uids = new Set<number>();
    for (let n = 0; n < 20; n += 1) {
      const inserts = Array.from({ length: 10 }, () => store.tasks.insert(newTask()));
      await redis.command("SCRIPT", "FLUSH");
      for (const { uid } of await Promise.all(inserts)) uids.add(uid);
    }
    expect(uids.size).toBe(200);
    await store.close();
    await redis.stop();
  });
});

function works(store: Store): Promise<boolean> {
  return store.check().then(
    () => true,
    () => false,
  );
}
