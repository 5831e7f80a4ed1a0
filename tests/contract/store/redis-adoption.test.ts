/** Tasks that change hands: nothing that goes wrong between the server and the router leaves one with an owner who does not know. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { noRedisReason, startRedis, type TestRedis } from "../../support/redis.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { newTask } from "./new-task.ts";

setDefaultTimeout(60_000);
const LONG_MS = 60_000;

describe.skipIf(noRedisReason() !== null)("tasks of a dead router", () => {
  let redis: TestRedis;
  let a: Store;
  let b: Store;
  const router = (name: string) => ({ name, run: `${name}/1`, version: "1", epoch: 1, startedAt: 1 });
  const uidsOf = (tasks: readonly { readonly uid: number }[]): number[] => tasks.map(({ uid }) => uid);
  beforeEach(async () => {
    redis = await startRedis();
    a = await openRedisStore({ url: redis.url(), run: "a/1", emit: () => {} });
    b = await openRedisStore({ url: redis.url(), run: "b/1", emit: () => {} });
    await a.routers.join(router("a"), LONG_MS);
    await b.routers.join(router("b"), LONG_MS);
  });
  afterEach(async () => {
    await Promise.all([a.close(), b.close()]);
    await redis.stop();
  });

  const left = async (count: number): Promise<number[]> => {
    const tasks = [];
    for (let n = 0; n < count; n += 1) tasks.push(await a.tasks.insert(newTask()));
    await a.routers.leave(router("a"));
    return uidsOf(tasks);
  };
  /** Whatever reads a task fails; what only changes who has it does not. */
  const whileReadsFail = async (work: () => Promise<unknown>): Promise<void> => {
    await redis.command("ACL", "SETUSER", "default", "-get");
    expect(await rejectionOf(work())).toMatchObject({ code: "miroir_store_unavailable" });
    await redis.command("ACL", "SETUSER", "default", "+get");
  };

  test("are adopted again when the answer to their adoption was lost, and then once", async () => {
    const uids = await left(20);
    await whileReadsFail(() => b.tasks.adopt());
    expect(uidsOf(await b.tasks.adopt())).toEqual(uids);
    expect(await b.tasks.adopt()).toEqual([]);
    for (const uid of uids) await b.tasks.update(uid, { status: "succeeded", finishedAt: 2 });
    expect(await redis.command("HLEN", "miroir:tasks:_adopted")).toBe("0");
  });

  test("one that was taken over without an answer is adopted, and one with an answer is not taken up twice", async () => {
    const [lost = -1, taken = -1] = await Promise.all([a.tasks.insert(newTask()), a.tasks.insert(newTask())]).then(
      uidsOf,
    );
    await whileReadsFail(() => b.tasks.takeOver(lost));
    expect((await b.tasks.takeOver(taken))?.uid).toBe(taken);
    expect(uidsOf(await b.tasks.adopt())).toEqual([lost]);
    expect(await b.tasks.adopt()).toEqual([]);
  });

  test("come back to a router that had them before another one had them", async () => {
    const uids = await left(3);
    expect(uidsOf(await b.tasks.adopt())).toEqual(uids);
    await b.routers.leave(router("b"));
    const c = await openRedisStore({ url: redis.url(), run: "c/1", emit: () => {} });
    await c.routers.join(router("c"), LONG_MS);
    expect(uidsOf(await c.tasks.adopt())).toEqual(uids);
    await c.routers.leave(router("c"));
    await b.routers.join(router("b"), LONG_MS);
    expect(uidsOf(await b.tasks.adopt())).toEqual(uids);
    await c.close();
  });
});
