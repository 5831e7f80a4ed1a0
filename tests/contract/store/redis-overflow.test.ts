/** Events that wait for a sink in Redis: in order, bounded in bytes, and none dropped that was not delivered or counted. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { CdcOverflow } from "../../../src/store/cdc-store.ts";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { noRedisReason, startRedis, type TestRedis } from "../../support/redis.ts";

describe.skipIf(noRedisReason() !== null)("events that wait in Redis", () => {
  let redis: TestRedis;
  let store: Store;
  let overflow: CdcOverflow;
  beforeAll(async () => {
    redis = await startRedis();
    store = await openRedisStore({ url: redis.url(), run: "a/1", emit: () => {} });
    overflow = store.cdcOverflow as CdcOverflow;
  });
  afterAll(async () => {
    await store.close();
    await redis.stop();
  });

  test("events come in their order and stay until they are dropped", async () => {
    expect(await overflow.oldest("kafka", 5)).toEqual({ first: 0, events: [] });
    await overflow.append("kafka", ["a", "bb"], 1_000);
    await overflow.append("kafka", ["ccc"], 1_000);
    await overflow.append("nats", ["other"], 1_000);
    expect(await overflow.oldest("kafka", 2)).toEqual({ first: 0, events: ["a", "bb"] });
    expect(await overflow.bytes("kafka")).toBe(6);
    await overflow.dropBefore("kafka", 2);
    await overflow.dropBefore("kafka", 1);
    expect(await overflow.oldest("kafka", 9)).toEqual({ first: 2, events: ["ccc"] });
    expect(await overflow.bytes("kafka")).toBe(3);
    expect(await overflow.bytes("nats")).toBe(5);
  });

  test("past the bound the oldest go and are counted, and what was delivered meanwhile is not dropped twice", async () => {
    await overflow.append("slow", ["12345", "12345", "12345"], 20);
    const { first, events } = await overflow.oldest("slow", 2);
    expect(await overflow.append("slow", ["12345", "12345"], 20)).toBe(1);
    await overflow.dropBefore("slow", first + events.length);
    expect(await overflow.oldest("slow", 9)).toEqual({ first: 2, events: ["12345", "12345", "12345"] });
    expect(await overflow.append("slow", ["x".repeat(21)], 20)).toBe(4);
    expect(await overflow.oldest("slow", 9)).toEqual({ first: 6, events: [] });
    expect(await overflow.bytes("slow")).toBe(0);
  });
});
