/** What becomes of writes kept for a node when the store fails although it has done what it was asked, or has not. */
import { describe, expect, test } from "bun:test";
import { addDocuments } from "../../../src/services/documents/add-documents.ts";
import { createRepairStates } from "../../../src/services/hints/repair-states.ts";
import { memoryHintStore } from "../../../src/store/memory/hint-store.ts";
import { memoryRepairStore } from "../../../src/store/memory/repair-store.ts";
import { type HintSpool, SpoolFullError } from "../../../src/store/hint-spool.ts";
import type { HintStore } from "../../../src/store/hint-store.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { memorySpool } from "../../support/memory-spool.ts";
import { addInput, createRig, type Rig, type RigNode } from "./write-rig.ts";

type Change = "append" | "remove";

/** Does, or does not do, what it is asked, and fails then; as often as `failures` says. */
function failingStore(): HintStore & { failures: Partial<Record<Change, number>>; does: boolean } {
  const store = memoryHintStore();
  const run = async <Result>(change: Change, work: () => Promise<Result>): Promise<Result> => {
    const left = failing.failures[change] ?? 0;
    if (left === 0) return work();
    failing.failures[change] = left - 1;
    if (failing.does) await work();
    throw new Error("the store of this test fails");
  };
  const failing: ReturnType<typeof failingStore> = {
    ...store,
    failures: {},
    does: true,
    append: (hint) => run("append", () => store.append(hint)),
    remove: (id) => run("remove", () => store.remove(id)),
  };
  return failing;
}

/** As the coordinator does it, over failures of the store; false: it is not done after many steps. */
async function servesAgain(rig: Rig, nodeId: string): Promise<boolean> {
  for (let step = 0; step < STEPS_MAX; step += 1) {
    try {
      await rig.hints.settleDoubts();
      if ((await rig.hints.replayStep(nodeId)) === "idle") return !rig.hints.behind(nodeId);
    } catch {
      // The coordinator tries again as well.
    }
  }
  return false;
}

const STEPS_MAX = 20;

function versions(node: RigNode): readonly number[] {
  return node.writes.map(({ body }) => (JSON.parse(body) as { v: number }).v);
}

async function written(rig: Rig, version: number): Promise<unknown> {
  return addDocuments(rig.deps, addInput(`[{"id":1,"v":${version}}]`)).then(
    () => null,
    (error: unknown) => error,
  );
}

test("what a store says that is not what it was is not believed, and a repair that it could not note is not forgotten", async () => {
  const store = failingStore();
  const repairs = memoryRepairStore();
  let isWhole = false;
  const hints = createRig({
    groups: 2,
    nodesPerGroup: 1,
    hintsDeps: { hints: store, repairs: createRepairStates({ store: repairs, clock: createFakeClock() }), check },
  }).hints;
  function check(): Promise<void> {
    return isWhole ? Promise.resolve() : Promise.reject(new Error("the store of this test was emptied"));
  }
  store.failures = { append: 1 };
  const entry = { nodeId: "g1n0", request: { ...REQUEST, path: "/indexes/movies/documents" } };
  expect(await failure(hints.recordMissed(entry, null))).toContain("fails");
  expect(await failure(hints.settleDoubts())).toContain("emptied");
  expect(hints.pending("g1n0")).toBe(true);

  repairs.suspect = () => Promise.reject(new Error("the store of this test fails"));
  expect(await failure(hints.requireRepair("g0n0", "its disk is new"))).toContain("fails");
  isWhole = true;
  await hints.settleDoubts();
  expect(hints.states().get("g1n0")).toMatchObject({ count: 1 });
  expect(hints.states().get("g0n0")).toMatchObject({ repair: "needed" });
});

/** What it fails with; empty when it does not fail. */
function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "",
    (error: unknown) => String(error),
  );
}

const REQUEST = { method: "POST", body: "[]", operation: "documents.add", timeoutMs: 1000, repeat: "once" } as const;

describe("a store that fails while writes are kept for a node", () => {
  test("a write that was kept all the same is brought before newer ones, and the node serves again", async () => {
    const store = failingStore();
    const rig = createRig({ groups: 2, nodesPerGroup: 1, hintsDeps: { hints: store } });
    const away = rig.nodes.get("g1n0") as RigNode;
    away.client.down = true;
    store.failures = { append: 1 };
    expect(await written(rig, 1)).toBeInstanceOf(Error);
    away.client.down = false;
    // Nobody knows whether the first one was kept, so the second must not overtake it.
    expect(await written(rig, 2)).toBeNull();
    expect(away.writes).toEqual([]);
    expect(await servesAgain(rig, "g1n0")).toBe(true);
    expect(versions(away)).toEqual([1, 2]);
    expect((await store.totals()).size).toBe(0);
  });

  test("a write that was not kept is not waited for", async () => {
    const store = failingStore();
    store.does = false;
    const rig = createRig({ groups: 2, nodesPerGroup: 1, hintsDeps: { hints: store } });
    const away = rig.nodes.get("g1n0") as RigNode;
    away.client.down = true;
    store.failures = { append: 1 };
    expect(await written(rig, 1)).toBeInstanceOf(Error);
    away.client.down = false;
    expect(await servesAgain(rig, "g1n0")).toBe(true);
    expect(rig.hints.pending("g1n0")).toBe(false);
    expect(await written(rig, 2)).toBeNull();
    expect(versions(away)).toEqual([2]);
  });

  for (const does of [true, false]) {
    test(`a failure at removing or noting, ${does ? "done all the same" : "not done"}, keeps no node from serving`, async () => {
      const store = failingStore();
      store.does = does;
      const rig = createRig({ groups: 2, nodesPerGroup: 1, hintsDeps: { hints: store } });
      const away = rig.nodes.get("g1n0") as RigNode;
      away.client.down = true;
      for (const version of [1, 2, 3]) expect(await written(rig, version)).toBeNull();
      away.client.down = false;
      store.failures = { append: 1, remove: 2 };
      expect(await servesAgain(rig, "g1n0")).toBe(true);
      expect(versions(away)).toEqual([1, 2, 3]);
      expect((await store.totals()).size).toBe(0);
    });
  }

  test("one whose body cannot be kept fails, and what was kept before it is brought; without room the node is repaired", async () => {
    const bodies = memorySpool();
    let fault: Error | null = null;
    const write: HintSpool["write"] = async (name, body) => {
      if (fault !== null) throw fault;
      await bodies.write(name, body);
    };
    const rig = createRig({ groups: 2, nodesPerGroup: 1, hintsDeps: { spool: { ...bodies, write } } });
    const away = rig.nodes.get("g1n0") as RigNode;
    away.client.down = true;
    expect(await written(rig, 1)).toBeNull();
    fault = new Error("the spool of this test fails");
    expect(await written(rig, 2)).toBe(fault);
    expect(rig.hints.states().get("g1n0")).toMatchObject({ count: 1, repair: "none" });
    fault = null;
    away.client.down = false;
    expect(await servesAgain(rig, "g1n0")).toBe(true);
    expect(versions(away)).toEqual([1]);

    away.client.down = true;
    fault = new SpoolFullError("the spool of this test is full");
    expect(await written(rig, 3)).toBeNull();
    expect(rig.hints.states().get("g1n0")).toMatchObject({ count: 0, repair: "needed" });
  });

  test("a router that starts again over more kept writes than it looks at brings them all, and the node serves", async () => {
    const store = failingStore();
    const rig = createRig({ groups: 2, nodesPerGroup: 1, hintsDeps: { hints: store } });
    const away = rig.nodes.get("g1n0") as RigNode;
    away.client.down = true;
    for (let version = 0; version < 130; version += 1) expect(await written(rig, version)).toBeNull();
    away.client.down = false;
    // It says behind all of them that the node has not carried out what it is brought.
    expect(await rig.hints.replayStep("g1n0")).toBe("more");
    await rig.hints.load();
    expect(await servesAgain(rig, "g1n0")).toBe(true);
    expect(away.writes).toHaveLength(130);
    expect((await store.totals()).size).toBe(0);
  });
});

test("what is kept for a node with a lost disk is not brought to it once it is repaired, though the store failed to let go of it", async () => {
  const store = failingStore();
  store.does = false;
  const repairs = createRepairStates({ store: memoryRepairStore(), clock: createFakeClock() });
  const rig = createRig({ groups: 2, nodesPerGroup: 1, hintsDeps: { hints: store, repairs } });
  const entry = { nodeId: "g1n0", request: { ...REQUEST, path: "/indexes/movies/documents" } };
  await rig.hints.recordMissed(entry, null);
  store.failures = { remove: 1 };
  expect(await failure(rig.hints.requireRepair("g1n0", "its disk is new"))).toContain("fails");
  await rig.hints.settleDoubts();
  expect(rig.hints.states().get("g1n0")).toMatchObject({ count: 1, repair: "needed" });

  store.failures = { remove: 1 };
  expect(await failure(rig.hints.forgetKept("g1n0"))).toContain("fails");
  await rig.hints.settleDoubts();
  await rig.hints.forgetKept("g1n0");
  await repairs.begin("g1n0");
  expect(await store.oldest("g1n0", 10)).toEqual([]);
  expect(rig.hints.pending("g1n0")).toBe(false);
});

test("no write relies on a repair that the store has not noted", async () => {
  const store = memoryRepairStore();
  const repairs = createRepairStates({ store, clock: createFakeClock() });
  const hints = createRig({ groups: 2, nodesPerGroup: 1, hintsDeps: { repairs } }).hints;
  const note = store.suspect.bind(store);
  const fails = (): Promise<void> => Promise.reject(new Error("the store of this test fails"));
  store.suspect = fails;
  expect(await failure(hints.requireRepair("g1n0", "its disk is new"))).toContain("fails");
  const entry = { nodeId: "g1n0", request: { ...REQUEST, path: "/indexes/movies/documents" } };
  expect(await failure(hints.recordMissed(entry, null))).toContain("fails");
  // What the store does not know is not forgotten when the store is read either.
  await hints.load();
  expect(hints.states().get("g1n0")).toMatchObject({ repair: "needed" });
  store.suspect = note;
  expect(await failure(hints.recordMissed(entry, null))).toBe("");
  expect(await store.suspects()).toMatchObject([{ nodeId: "g1n0", indexUid: "" }]);
});
