/** Keeping up with what other routers change, and waiting until they have. */
import { expect, test } from "bun:test";
import { createChangeWatch } from "../../../src/services/routers/change-watch.ts";
import { quietFeed, type ChangeFeed, type StoreVersions, type Versioned } from "../../../src/store/change-feed.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

function setUp() {
  const clock = createFakeClock();
  const versions: Record<Versioned, number> = { catalog: 0, hints: 0, keys: 0, topology: 0 };
  const seen = new Map<string, StoreVersions>();
  const listeners: (() => void)[] = [];
  const feed: ChangeFeed = {
    shared: true,
    versions: async () => ({ ...versions }),
    raise: async (name) => {
      versions[name] += 1;
      for (const listener of listeners) listener();
    },
    onChange: (listener) => void listeners.push(listener),
    observe: async (run, now) => void seen.set(run, now),
    behind: async (run, name, version) =>
      [...seen].filter(([other, now]) => other !== run && now[name] < version).map(([other]) => other),
  };
  const events: string[] = [];
  const watch = (run: string) => {
    const one = createChangeWatch({
      feed,
      run,
      clock,
      emit: (kind) => void events.push(kind.name),
      patienceMs: 10_000,
    });
    return one;
  };
  return { clock, feed, watch, versions, events };
}

test("each thing is read again only when it has changed, and once for many changes", async () => {
  const { feed, watch } = setUp();
  const reads: string[] = [];
  const one = watch("a");
  one.on("catalog", async () => void reads.push("catalog"));
  one.on("keys", async () => void reads.push("keys"));
  await one.catchUp();
  expect(reads).toEqual(["catalog", "keys"]);
  await one.catchUp();
  expect(reads).toHaveLength(2);
  await feed.raise("keys");
  await Promise.all([one.catchUp(), one.catchUp(), one.catchUp()]);
  expect(reads.slice(2)).toEqual(["keys"]);
});

test("whoever asks while a look is on its way gets one that began after the question", async () => {
  const { feed, watch } = setUp();
  const one = watch("a");
  let release: () => void = () => {};
  let reads = 0;
  one.on("catalog", () => {
    reads += 1;
    return reads === 1 ? new Promise((resolve) => (release = resolve)) : Promise.resolve();
  });
  const first = one.catchUp();
  await Bun.sleep(0);
  await feed.raise("catalog");
  const second = one.catchUp();
  release();
  await Promise.all([first, second]);
  expect(reads).toBe(2);
});

test("a change is spread when every other router has taken it in", async () => {
  const { clock, watch } = setUp();
  const [a, b] = [watch("a"), watch("b")];
  let slow: () => void = () => {};
  let isSlow = false;
  b.on("keys", () => (isSlow ? new Promise((resolve) => (slow = resolve)) : Promise.resolve()));
  a.on("keys", async () => {});
  await b.catchUp();
  b.start();
  isSlow = true;
  let told = false;
  const telling = a.tell("keys").then(() => (told = true));
  await clock.advance(1_000);
  expect(told).toBe(false);
  slow();
  await clock.advance(100);
  await telling;
  expect(told).toBe(true);
});

test("a router that never follows is not waited for without end, and that is told", async () => {
  const { clock, watch, events } = setUp();
  const [a, b] = [watch("a"), watch("b")];
  await b.catchUp();
  b.on("keys", async () => {});
  await b.catchUp();
  const telling = a.tell("keys");
  await clock.advance(11_000);
  await telling;
  expect(events).toContain("router.others_behind");
});

test("a store of one router is never asked", async () => {
  const clock = createFakeClock();
  const one = createChangeWatch({
    feed: {
      ...quietFeed,
      versions: async () => {
        throw new TypeError("asked");
      },
    },
    run: "a",
    clock,
    emit: () => {},
    patienceMs: 1,
  });
  one.on("catalog", async () => {});
  await one.catchUp();
  await one.spread("catalog");
  await one.tell("keys");
});
