/** What the comparison by the clock promises beside comparing: nodes are left in peace, nothing is changed where that is off. */
import { expect, test } from "bun:test";
import { settleSuspicion } from "../../../src/services/anti-entropy/compare-index.ts";
import { type ScheduledPassDeps, scheduledPass } from "../../../src/services/anti-entropy/scheduled-pass.ts";
import { memoryRepairStore } from "../../../src/store/memory/repair-store.ts";
import { memoryTombstoneStore } from "../../../src/store/memory/tombstone-store.ts";
import type { Suspect } from "../../../src/store/repair-store.ts";
import { type RepairRig, repairRig, stored } from "./repair-rig.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Passes {
  readonly tombstones: ReturnType<typeof memoryTombstoneStore>;
  /** One pass, a period after the last; says how long it took. */
  readonly next: () => Promise<number>;
}

async function passesOver(rig: RepairRig, { periodMs = HOUR_MS, repair = true } = {}): Promise<Passes> {
  const tombstones = memoryTombstoneStore();
  const deps: ScheduledPassDeps = {
    ...rig.deps,
    tombstones,
    store: memoryRepairStore(),
    indexes: () => [rig.entry],
    routers: { name: "router", living: () => ["router"], owns: () => true },
  };
  const tick = async (): Promise<number> => {
    const startedMs = rig.clock.monotonicMs();
    const options = { periodMs, shardsPerPass: 0, repair };
    const ended = scheduledPass(deps, options, new AbortController().signal).then(() => true);
    while (!(await Promise.race([ended, rig.clock.advance(10).then(() => false)]))) continue;
    return rig.clock.monotonicMs() - startedMs;
  };
  await tick();
  const next = async (): Promise<number> => {
    await rig.clock.advance(periodMs);
    return tick();
  };
  return { tombstones, next };
}

test("a node spends at most a fiftieth of the time of a pass on it, however slowly it answers", async () => {
  for (const readMs of [10, 100, 1_000]) {
    const rig = repairRig();
    for (const held of [rig.held.a, rig.held.b]) {
      for (let id = 0; id < 350; id += 1) held.set(`k${id}`, stored(`k${id}`, 1, {}));
    }
    rig.readMs = readMs;
    const { next } = await passesOver(rig);
    const tookMs = await next();
    // Four pages of at most a hundred documents each.
    expect(rig.busyMs).toEqual({ a: 4 * readMs, b: 4 * readMs });
    expect(tookMs).toBeGreaterThanOrEqual(50 * rig.busyMs.a);
  }
});

test("where it only reports, nothing is written to any node", async () => {
  const rig = repairRig();
  rig.held.a.set("k", stored("k", 1, {}));
  const { next } = await passesOver(rig, { repair: false });
  await next();
  expect(rig.held.b.size).toBe(0);
  expect(await rig.compare({ repair: false })).toMatchObject({ state: "different", differing: 1, repaired: 0 });
  expect([rig.held.a.size, rig.held.b.size]).toEqual([1, 0]);
});

test("nor for a copy under suspicion: what differs is told once", async () => {
  const rig = repairRig();
  rig.held.a.set("k", stored("k", 1, {}));
  const told: string[] = [];
  const cleared: Suspect[] = [];
  const suspect: Suspect = { nodeId: "b", indexUid: "films", reason: "task_failed", since: 1 };
  const deps = {
    ...rig.deps,
    emit: (kind: { readonly name: string }) => void told.push(kind.name),
    suspicions: { clear: async (one: Suspect) => void cleared.push(one) },
  };
  const settle = (repairsCopies: boolean) =>
    settleSuspicion(
      { ...deps, repairsCopies },
      rig.entry,
      suspect,
      () => Promise.resolve(),
      new AbortController().signal,
    );
  expect(await settle(false)).toBe(true);
  expect([rig.held.b.size, cleared, told.filter((name) => name.includes("differed"))]).toEqual([
    0,
    [suspect],
    ["anti_entropy.replicas_differed"],
  ]);
  expect(told).not.toContain("anti_entropy.suspicion_settled");
  expect(await settle(true)).toBe(true);
  expect(rig.held.b.size).toBe(1);
  expect(told).toContain("anti_entropy.suspicion_settled");
});

test("a deletion is remembered for a day, and for longer than two passes: whoever missed it has been compared by then", async () => {
  for (const [periodMs, keptMs] of [
    [HOUR_MS, DAY_MS],
    [DAY_MS, 3 * DAY_MS],
  ] as const) {
    const rig = repairRig();
    const { tombstones, next } = await passesOver(rig, { periodMs });
    const one = {
      id: "1",
      born: rig.entry.createdAt,
      version: 5n,
      kind: "keys",
      payload: '["k"]',
      taskUid: null,
    } as const;
    const beganMs = rig.clock.nowMs();
    await tombstones.put({ ...one, createdAt: beganMs });
    const isKept = async (): Promise<boolean> =>
      (await tombstones.ofIndex(one.born, { after: "", limit: 9 })).length > 0;
    // It is used as long as it is kept: the copy that missed the deletion goes.
    rig.held.a.set("k", stored("k", 4, {}));
    await next();
    expect(rig.held.a.size).toBe(0);
    while (rig.clock.nowMs() - beganMs < keptMs - periodMs) {
      expect(await isKept()).toBe(true);
      await next();
    }
    expect(await isKept()).toBe(true);
    for (let pass = 0; pass < 3; pass += 1) await next();
    expect(await isKept()).toBe(false);
  }
});
