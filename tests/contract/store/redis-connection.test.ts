/** A Redis server that goes away: what fails fails soon and as one error, and the store comes back by itself. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import { SCHEMA_VERSION } from "../../../src/store/schema-version.ts";
import type { StoreRefused } from "../../../src/store/store-refused.ts";
import type { Store } from "../../../src/store/store.ts";
import { noRedisReason, startRedis, type TestRedis } from "../../support/redis.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { newTask } from "./new-task.ts";

const reason = noRedisReason();
const SOON_MS = 6_000;

describe.skipIf(reason !== null)(
  `a Redis server that goes away${reason === null ? "" : ` (skipped: ${reason})`}`,
  () => {
    let redis: TestRedis;
    let store: Store;
    beforeEach(async () => {
      redis = await startRedis({ durable: true });
      store = await openRedisStore({ url: redis.url(), run: "run-1", emit: () => {} });
    });
    afterEach(async () => {
      await store.close();
      await redis.stop();
    });

    const unavailable = { code: "miroir_store_unavailable", status: 503, retryAfterSeconds: 10 };

    test("reads and writes are refused at once while it is down, and work again when it is back, with all that was promised", async () => {
      const task = await store.tasks.insert(newTask());
      await redis.kill();
      const startedAt = performance.now();
      expect(await rejectionOf(store.tasks.insert(newTask()))).toMatchObject(unavailable);
      expect(await rejectionOf(store.tasks.get(task.uid))).toMatchObject(unavailable);
      expect(await rejectionOf(store.check())).toMatchObject(unavailable);
      expect(performance.now() - startedAt).toBeLessThan(SOON_MS);
      await redis.restart();
      await untilWorking(store);
      expect(await store.tasks.get(task.uid)).toEqual(task);
      expect((await store.tasks.insert(newTask())).uid).toBeGreaterThan(task.uid);
    });

    test("a server that answers nothing is given up after a fixed time", async () => {
      redis.stall();
      const startedAt = performance.now();
      expect(await rejectionOf(store.tasks.insert(newTask()))).toMatchObject(unavailable);
      expect(performance.now() - startedAt).toBeLessThan(SOON_MS);
      redis.resume();
      await untilWorking(store);
    });

    test("many writes in flight when it dies are all answered, and none waits in a queue", async () => {
      const writes = Promise.allSettled(Array.from({ length: 500 }, () => store.tasks.insert(newTask())));
      await redis.kill();
      for (const outcome of await writes) {
        if (outcome.status === "rejected") expect(outcome.reason).toMatchObject(unavailable);
      }
    });

    test("a server that answers but has no memory left does not work, and works again when it has", async () => {
      await redis.command("CONFIG", "SET", "maxmemory", "1mb");
      expect(await rejectionOf(store.check())).toMatchObject(unavailable);
      const refused = await rejectionOf(store.tasks.insert(newTask()));
      expect(refused).toMatchObject(unavailable);
      expect((refused as Error).message).toEndWith("when used memory > 'maxmemory'.");
      await redis.command("CONFIG", "SET", "maxmemory", "0");
      await store.check();
      await store.tasks.insert(newTask());
    });

    test("a server that is not there, and a layout of a newer version, are refused at the start", async () => {
      await redis.command("SET", "miroir:schema_version", "99");
      const ahead = await rejectionOf(openRedisStore({ url: redis.url(), run: "run-2", emit: () => {} }));
      expect(ahead).toMatchObject({ reason: "schema_version_ahead" });
      expect((ahead as StoreRefused).message).toContain(`SchemaVersionAhead: found 99, know ${SCHEMA_VERSION}`);
      await redis.kill();
      const gone = await rejectionOf(openRedisStore({ url: redis.url(), run: "run-2", emit: () => {} }));
      expect(gone).toMatchObject({ reason: "unusable" });
      expect((gone as StoreRefused).message).not.toContain("  ");
    });

    test("a store of an older version is raised to this one, and one of this version is left as it is", async () => {
      await redis.command("SET", "miroir:schema_version", "1");
      for (const applied of [SCHEMA_VERSION - 1, 0]) {
        const events: unknown[] = [];
        const opened = await openRedisStore({
          url: redis.url(),
          run: "run-2",
          emit: (_, values) => void events.push(values),
        });
        expect(events[0]).toEqual({ backend: "redis", schemaVersion: SCHEMA_VERSION, migrationsApplied: applied });
        await opened.close();
      }
      expect(await redis.command("GET", "miroir:schema_version")).toBe(String(SCHEMA_VERSION));
    });

    test("a password of the address is in no message", async () => {
      await redis.command("CONFIG", "SET", "requirepass", "another-word");
      const url = `redis://:secret-word@127.0.0.1:${redis.port}/0`;
      const refused = (await rejectionOf(openRedisStore({ url, run: "run-2", emit: () => {} }))) as StoreRefused;
      expect(refused.reason).toBe("unusable");
      expect(refused.message).not.toContain("secret-word");
    });
  },
);

async function untilWorking(store: Store): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (performance.now() < deadline) {
    const works = await store.check().then(
      () => true,
      () => false,
    );
    if (works) return;
    await Bun.sleep(20);
  }
  throw new TypeError("the store did not come back within 5 s");
}
