/** Bodies of kept writes in Redis: whole, out of the way of everything else, and never more than the server has room for. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { streamOf } from "../../../src/core/documents/body-stream.ts";
import { type HintSpool, SpoolFullError } from "../../../src/store/hint-spool.ts";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { noRedisReason, startRedis, type TestRedis } from "../../support/redis.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { newTask } from "./new-task.ts";

const reason = noRedisReason();
const MIB = 1_048_576;

describe.skipIf(reason !== null)("bodies in Redis", () => {
  let redis: TestRedis;
  let store: Store;
  let spool: HintSpool;
  beforeEach(async () => {
    redis = await startRedis();
    await use(4);
  });
  afterEach(async () => {
    await store.close();
    await redis.stop();
  });
  async function use(connectionsMax: number): Promise<void> {
    store = await openRedisStore({
      url: redis.url(),
      run: "a/1",
      emit: () => {},
      connectionsMax,
      bodiesKeptMs: 60_000,
    });
    spool = store.spool as HintSpool;
  }
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 7919) >> 3);

  test("text, bytes and streams of any length come back as they were, from every router", async () => {
    const other = await openRedisStore({ url: redis.url(), run: "b/1", emit: () => {} });
    for (const [name, length] of [0, 1, MIB, MIB + 1, 5 * MIB - 3].entries()) {
      const body = bytes(length);
      await spool.write(`bytes-${name}`, body);
      await spool.write(`stream-${name}`, streamOf(body));
      expect(await other.spool?.read(`bytes-${name}`)).toEqual(body);
      expect(await other.spool?.read(`stream-${name}`)).toEqual(body);
    }
    await spool.write("text", "zwölf Boxkämpfer 😀");
    expect(new TextDecoder().decode(await spool.read("text"))).toBe("zwölf Boxkämpfer 😀");
    await spool.remove("text");
    await spool.remove("never");
    expect(await spool.read("text")).toBeUndefined();
    await other.close();
  });

  test("a body whose hint was never kept ends by itself", async () => {
    await spool.write("litter", bytes(10));
    expect(Number(await redis.command("PTTL", "miroir:hint_body:litter"))).toBeGreaterThan(50_000);
  });

  test("many at once open no more connections than allowed", async () => {
    const connected = async (): Promise<number> => (await redis.command("CLIENT", "LIST")).split("\n").length;
    const before = await connected();
    await Promise.all(Array.from({ length: 20 }, (_, n) => spool.write(`b-${n}`, bytes(MIB))));
    expect((await connected()) - before).toBe(1);
    await store.close();
    await use(1);
    const alone = await connected();
    await Promise.all(Array.from({ length: 20 }, (_, n) => spool.write(`b-${n}`, bytes(1_000))));
    expect(await connected()).toBe(alone);
    for (let n = 0; n < 20; n += 1) expect(await spool.read(`b-${n}`)).toEqual(bytes(1_000));
  });

  test("bodies are refused while there is still room for tasks, and taken again when others are gone", async () => {
    await redis.command("CONFIG", "SET", "maxmemory", String(24 * MIB));
    let kept = 0;
    let refused: unknown;
    while (refused === undefined && kept < 100) {
      refused = await spool.write(`b-${kept}`, bytes(MIB)).then(
        () => undefined,
        (error: unknown) => error,
      );
      kept += 1;
    }
    console.log(`refused after ${kept - 1} MiB in 24 MiB`);
    expect(refused).toBeInstanceOf(SpoolFullError);
    expect(refused).toMatchObject({ code: "miroir_store_unavailable", status: 503 });
    expect(kept).toBeGreaterThan(5);
    for (let n = 0; n < 500; n += 1) await store.tasks.insert(newTask());
    expect(await rejectionOf(spool.write("large", bytes(8 * MIB)))).toMatchObject({ code: "miroir_store_unavailable" });
    for (let n = 0; n < kept - 1; n += 1) await spool.remove(`b-${n}`);
    await spool.write("again", bytes(MIB));
    expect(await spool.read("again")).toEqual(bytes(MIB));
  });
});
