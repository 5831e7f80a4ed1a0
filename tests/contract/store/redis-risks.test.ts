/** What a Redis server may lose although it works is told when a router starts: no file, eviction, another time. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connectRedis } from "../../../src/store/redis/connect.ts";
import { findRisks } from "../../../src/store/redis/find-risks.ts";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import { noRedisReason, startRedis, type TestRedis } from "../../support/redis.ts";

describe.skipIf(noRedisReason() !== null)("risks of a Redis server", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis({ durable: true });
  });
  afterAll(() => redis.stop());

  const risksAt = async (skewMs: number): Promise<readonly string[]> => {
    const connection = await connectRedis(redis.url(), () => {});
    const risks = await findRisks(connection, () => Date.now() + skewMs);
    await connection.close();
    return risks.map(({ level, finding }) => `${level}: ${finding}`);
  };

  test("one that keeps a file, evicts nothing and has the same time is none", async () => {
    expect(await risksAt(0)).toEqual([]);
  });

  test("a clock that differs is told with its direction", async () => {
    expect(await risksAt(3_600_000)).toEqual([
      expect.stringMatching(/^warning: The clock of this machine is 3\d{3} s ahead of the server's\.$/),
    ]);
    expect(await risksAt(-3_600_000)).toEqual([expect.stringContaining("behind the server's")]);
  });

  test("a router that starts tells each of them, and starts", async () => {
    await redis.command("CONFIG", "SET", "appendonly", "no");
    await redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    const told: string[] = [];
    const store = await openRedisStore({
      url: redis.url(),
      run: "a/1",
      emit: ({ name }, values) => {
        if (name === "store.at_risk") told.push((values as { readonly risk: string }).risk);
      },
    });
    expect(told).toEqual([
      expect.stringContaining("keeps no append-only file"),
      expect.stringContaining("maxmemory-policy allkeys-lru"),
    ]);
    await store.close();
  });

  test("a user who may not look does not keep the router from starting", async () => {
    await redis.command("ACL", "SETUSER", "narrow", "on", ">secret", "~*", "&*", "+@all", "-time");
    const url = `redis://narrow:secret@127.0.0.1:${redis.port}/0`;
    const store = await openRedisStore({ url, run: "b/1", emit: () => {} });
    await store.check();
    await store.close();
  });
});
