/** The comparison by the clock: divided over the routers, kept over restarts and deaths, never begun before it is due. */
import { describe, expect, test } from "bun:test";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import { buildShardMap } from "../../../src/core/routing/build-shard-map.ts";
import { ownerOf } from "../../../src/core/routing/owner-of.ts";
import { buildTopology } from "../../../src/core/topology/build-topology.ts";
import { type ScheduledPassDeps, scheduledPass } from "../../../src/services/anti-entropy/scheduled-pass.ts";
import { memoryRepairStore } from "../../../src/store/memory/repair-store.ts";
import { memoryTombstoneStore } from "../../../src/store/memory/tombstone-store.ts";
import { passFinished } from "../../../src/telemetry/events/anti-entropy.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const PERIOD_MS = 3_600_000;
const SHARDS = 8;
const NAMES = ["a:7700", "b:7700", "c:7700"];
const options = { periodMs: PERIOD_MS, shardsPerPass: 0, repair: true };

/** Without a primary key an index has no documents: its shards are equal as soon as they are looked at. */
const entries = ["films", "books"].map(
  (uid) => ({ uid, shards: SHARDS, state: "ready", primaryKey: null }) as IndexEntry,
);

const topology = buildTopology({
  epoch: 1,
  replicationFactor: 2,
  replicaGroups: 1,
  nodes: ["n1", "n2"].map((id) => ({ id, address: `http://${id}`, replicaGroup: 0, state: "active" })),
});
const map = buildShardMap(topology, SHARDS);

function scene(living: string[] = [NAMES[0]!]) {
  const clock = createFakeClock();
  const store = memoryRepairStore();
  const looked: string[] = [];
  const finished: number[] = [];
  const router = (name: string) => {
    const deps = {
      clock,
      store,
      tombstones: memoryTombstoneStore(),
      indexes: () => entries,
      fleet: { readable: () => true, shardMap: () => map },
      emit: (kind: unknown, fields: { readonly shards?: number }) => {
        if (kind === passFinished) finished.push(fields.shards ?? -1);
      },
      routers: {
        name,
        living: () => living,
        owns: (key: string) => {
          const isMine = ownerOf(key, living) === name;
          if (isMine) world.onLook(looked.push(key));
          return isMine;
        },
      },
    } as unknown as ScheduledPassDeps;
    return async (stop?: AbortSignal, more: Partial<typeof options> = {}): Promise<void> => {
      const signal = stop ?? new AbortController().signal;
      const running = scheduledPass(deps, { ...options, ...more }, signal);
      const ended = running.then(
        () => true,
        () => true,
      );
      while (!(await Promise.race([ended, clock.advance(100).then(() => false)]))) continue;
      if (!signal.aborted) await running;
    };
  };
  const world = { clock, store, looked, finished, router, living, onLook: (_looked: number): void => {} };
  return world;
}

test("the first is due a period after the store was made, and the next a period after that", async () => {
  const { clock, finished, router } = scene();
  const tick = router(NAMES[0]!);
  await tick();
  await clock.advance(PERIOD_MS - 1_000);
  await tick();
  expect(finished).toEqual([]);
  await clock.advance(1_000);
  await tick();
  expect(finished).toEqual([2 * SHARDS]);
  await tick();
  expect(finished).toEqual([2 * SHARDS]);
  await clock.advance(PERIOD_MS);
  await tick();
  expect(finished).toEqual([2 * SHARDS, 2 * SHARDS]);
});

test("several routers compare every shard once, each its share", async () => {
  const { clock, looked, finished, router } = scene([...NAMES]);
  const ticks = NAMES.map(router);
  for (const tick of ticks) await tick();
  for (let pass = 1; pass <= 3; pass += 1) {
    await clock.advance(PERIOD_MS);
    for (const tick of ticks) await tick();
    expect(finished).toHaveLength(3 * pass);
    expect(finished.slice(-3).reduce((sum, shards) => sum + shards, 0)).toBe(2 * SHARDS);
    expect(Math.max(...finished)).toBeLessThan(2 * SHARDS);
    expect(new Set(looked).size).toBe(2 * SHARDS);
    expect(looked).toHaveLength(2 * SHARDS * pass);
  }
});

test("a limit on the shards of a pass is one of all routers together, and the next pass goes on behind it", async () => {
  const { clock, looked, router } = scene();
  const tick = router(NAMES[0]!);
  await tick();
  for (let pass = 0; pass < 2; pass += 1) {
    await clock.advance(PERIOD_MS);
    await tick(undefined, { shardsPerPass: SHARDS });
  }
  expect(new Set(looked).size).toBe(2 * SHARDS);
  expect(looked).toHaveLength(2 * SHARDS);
});

describe("a router that is gone in the middle of its share", () => {
  async function stoppedAt(shards: number) {
    const world = scene();
    const tick = world.router(NAMES[0]!);
    await tick();
    await world.clock.advance(PERIOD_MS);
    const stop = new AbortController();
    world.onLook = (looked) => {
      if (looked >= shards) stop.abort(new DOMException("killed", "AbortError"));
    };
    await tick(stop.signal);
    expect(world.finished).toEqual([]);
    return world;
  }

  test("goes on where it was when it is back", async () => {
    const { looked, finished, router } = await stoppedAt(5);
    await router(NAMES[0]!)();
    expect(finished).toHaveLength(1);
    expect(new Set(looked).size).toBe(2 * SHARDS);
    expect(finished[0]).toBeLessThan(2 * SHARDS);
  });

  test("has its share finished by one that comes in its place, which leaves no rest of it", async () => {
    const { looked, finished, router, living, store } = await stoppedAt(5);
    living.splice(0, 1, NAMES[1]!);
    await router(NAMES[1]!)();
    expect(finished).toHaveLength(1);
    expect(new Set(looked).size).toBe(2 * SHARDS);
    expect([...(await store.passes()).keys()]).toEqual([NAMES[1]!]);
  });
});

test("a router that joins keeps step with the others, and what is left of one that is gone is forgotten", async () => {
  const { clock, finished, router, living, store } = scene([NAMES[0]!, NAMES[1]!]);
  await router(NAMES[0]!)();
  await router(NAMES[1]!)();
  await clock.advance(PERIOD_MS / 2);
  living.splice(1, 1, NAMES[2]!);
  await router(NAMES[2]!)();
  await clock.advance(PERIOD_MS / 2);
  for (const name of living) await router(name)();
  expect(finished.reduce((sum, shards) => sum + shards, 0)).toBe(2 * SHARDS);
  expect([...(await store.passes()).keys()].toSorted()).toEqual([NAMES[0]!, NAMES[2]!]);
});
