/** Connections for bodies: as many as allowed, each for one body at a time, and none longer than it is of use. */
import { expect, test } from "bun:test";
import { createBodyConnections } from "../../../../src/store/redis/body-connections.ts";
import type { RedisConnection } from "../../../../src/store/redis/connect.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { rejectionOf } from "../../../support/rejection-of.ts";

function rig(most: number, failing = { now: false }) {
  const clock = createFakeClock();
  const open = new Set<string>();
  let made = 0;
  const connection = (name: string): RedisConnection =>
    ({ name, close: async () => void open.delete(name) }) as unknown as RedisConnection;
  const connections = createBodyConnections({
    open: async () => {
      if (failing.now) throw new TypeError("no server");
      made += 1;
      open.add(`c${made}`);
      return connection(`c${made}`);
    },
    shared: connection("shared"),
    most,
    clock,
  });
  const nameOf = (redis: RedisConnection): string => (redis as unknown as { name: string }).name;
  /** Uses one until it is told to end. */
  const use = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const used = connections.use(async (redis) => {
      await promise;
      return nameOf(redis);
    });
    return { end: resolve, used };
  };
  return { clock, connections, open, use };
}

test("no more are open than allowed; who comes then waits for one that is given back", async () => {
  const { clock, connections, open, use } = rig(2);
  const uses = [use(), use(), use()];
  await clock.settle();
  expect([...open]).toEqual(["c1", "c2"]);
  uses[1]?.end();
  expect(await uses[1]?.used).toBe("c2");
  uses[2]?.end();
  expect(await uses[2]?.used).toBe("c2");
  uses[0]?.end();
  expect(await uses[0]?.used).toBe("c1");
  expect(connections.count()).toBe(2);
  await connections.close();
});

test("one that rests is used again, and closed when nobody has wanted it for a while", async () => {
  const { clock, connections, open, use } = rig(5);
  for (let n = 0; n < 3; n += 1) {
    const one = use();
    one.end();
    expect(await one.used).toBe("c1");
    await clock.advance(10_000);
  }
  await clock.advance(30_000);
  expect(open.size).toBe(0);
  expect(connections.count()).toBe(0);
  expect(clock.pendingTimers()).toBe(0);
});

test("without any of their own bodies go over the connection of everything else", async () => {
  const { connections, open, use } = rig(0);
  const one = use();
  one.end();
  expect(await one.used).toBe("shared");
  expect(open.size).toBe(0);
  await connections.close();
});

test("a server that cannot be reached is a store that does not work, and whoever waits tries for itself", async () => {
  const failing = { now: true };
  const { connections, use } = rig(1, failing);
  const [first, second] = [use(), use()];
  const refused = { code: "miroir_store_unavailable", status: 503 };
  expect(await rejectionOf(first.used)).toMatchObject(refused);
  expect(await rejectionOf(second.used)).toMatchObject(refused);
  failing.now = false;
  const third = use();
  third.end();
  expect(await third.used).toBe("c1");
  await connections.close();
});

test("a stopping router leaves none open, also when one is in use at that moment", async () => {
  const { clock, connections, open, use } = rig(3);
  const one = use();
  await clock.settle();
  await connections.close();
  one.end();
  await one.used;
  await clock.settle();
  expect(open.size).toBe(0);
  expect(clock.pendingTimers()).toBe(0);
});
