/** What every store must do. A backend's own test file is a factory and one call; a new backend passes this as it is. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import type { TaskStatus, TaskType } from "../../../src/core/tasks/task.ts";
import type { NewHint } from "../../../src/store/hint-store.ts";
import { memoryTaskStore } from "../../../src/store/memory/task-store.ts";
import type { Store } from "../../../src/store/store.ts";
import type { NewTask, TaskFilter } from "../../../src/store/task-store.ts";

export interface StoreUnderTest {
  open(): Promise<Store>;
  /** Removes what the test left behind. */
  cleanUp(): Promise<void>;
}

let serial = 0;

export function newTask(change: Partial<NewTask> = {}): NewTask {
  serial += 1;
  return {
    miroirId: `mtask-${serial}`,
    type: "documentAdditionOrUpdate",
    indexUid: "films",
    status: "enqueued",
    nodeTasks: [],
    details: { receivedDocuments: 2, indexedDocuments: null },
    error: null,
    canceledBy: null,
    customMetadata: null,
    flow: null,
    dispatched: false,
    enqueuedAt: 1000 + serial,
    startedAt: null,
    finishedAt: null,
    ...change,
  };
}

export function storeContract(name: string, make: () => StoreUnderTest): void {
  describe(`${name} store`, () => {
    let under: StoreUnderTest;
    let store: Store;
    beforeEach(async () => {
      under = make();
      store = await under.open();
    });
    afterEach(async () => {
      await store.close();
      await under.cleanUp();
    });
    describe("tasks", () => taskContract(() => store));
    describe("lists of tasks", () => taskListContract(() => store));
    describe("catalog", () => catalogContract(() => store));
    describe("hints", () => hintContract(() => store));
    describe("topology", () => topologyContract(() => store));
    test("a working store passes its check", () => expect(store.check()).resolves.toBeUndefined());
    test("closing twice is harmless", async () => {
      await store.close();
      await store.close();
    });
  });
}

function taskContract(store: () => Store): void {
  test("uids start at 0 and rise by one", async () => {
    const uids = [];
    for (let n = 0; n < 3; n += 1) uids.push((await store().tasks.insert(newTask())).uid);
    expect(uids).toEqual([0, 1, 2]);
  });

  test("tasks inserted in the same instant get different uids in the order of the calls", async () => {
    const tasks = await Promise.all(Array.from({ length: 200 }, () => store().tasks.insert(newTask())));
    expect(tasks.map(({ uid }) => uid)).toEqual(Array.from({ length: 200 }, (_, n) => n));
  });

  test("the uid of a deleted newest task is never given out again", async () => {
    const { uid } = await store().tasks.insert(newTask({ status: "succeeded", finishedAt: 1 }));
    expect(await store().tasks.deleteEnded([uid])).toBe(1);
    expect((await store().tasks.insert(newTask())).uid).toBe(uid + 1);
  });

  test("what was inserted reads back unchanged, by uid and by name", async () => {
    const task = await store().tasks.insert(
      newTask({
        indexUid: null,
        status: "failed",
        nodeTasks: [{ nodeId: "node-0", taskUid: 7, role: "main", status: "failed", tolerated: ["index_not_found"] }],
        details: null,
        error: { message: "no ✗", code: "internal", type: "internal", link: "" },
        canceledBy: 3,
        customMetadata: "of the client's",
        flow: { kind: "settings", step: "propose", data: { deep: { list: [1, null, "x"] } } },
        dispatched: true,
        startedAt: 5,
        finishedAt: 6,
      }),
    );
    expect(await store().tasks.get(task.uid)).toEqual(task);
    expect(await store().tasks.getByMiroirId(task.miroirId)).toEqual(task);
    expect(await store().tasks.get(99)).toBeUndefined();
    expect(await store().tasks.getByMiroirId("mtask-none")).toBeUndefined();
  });

  test("an update changes what it names and nothing else", async () => {
    const task = await store().tasks.insert(newTask());
    const change = { status: "processing", startedAt: 50, dispatched: true, flow: null } as const;
    await store().tasks.update(task.uid, change);
    await store().tasks.update(task.uid, {});
    expect(await store().tasks.get(task.uid)).toEqual({ ...task, ...change });
  });

  test("updates of one task made in one instant are applied in order", async () => {
    const { uid } = await store().tasks.insert(newTask());
    await Promise.all([1, 2, 3, 4].map((startedAt) => store().tasks.update(uid, { startedAt })));
    expect((await store().tasks.get(uid))?.startedAt).toBe(4);
  });

  test("unfinished tasks come oldest first and ended ones not at all", async () => {
    const statuses: TaskStatus[] = ["enqueued", "succeeded", "processing", "failed", "canceled", "enqueued"];
    for (const status of statuses) await store().tasks.insert(newTask({ status }));
    expect((await store().tasks.unfinished()).map(({ uid }) => uid)).toEqual([0, 2, 5]);
  });

  test("only ended tasks can be deleted", async () => {
    await store().tasks.insert(newTask({ status: "succeeded" }));
    await store().tasks.insert(newTask({ status: "processing" }));
    expect(await store().tasks.deleteEnded([0, 1, 2])).toBe(1);
    expect(await store().tasks.get(0)).toBeUndefined();
    expect(await store().tasks.count()).toBe(1);
  });

  test("pruning takes the oldest ended tasks, at most as many as asked", async () => {
    for (const finishedAt of [30, 10, 20, 40]) await store().tasks.insert(newTask({ status: "succeeded", finishedAt }));
    await store().tasks.insert(newTask({ status: "enqueued" }));
    expect(await store().tasks.prune(40, 2)).toBe(2);
    expect((await store().tasks.list({}, { limit: 10 })).tasks.map(({ uid }) => uid)).toEqual([4, 3, 0]);
    expect(await store().tasks.prune(40, 10)).toBe(1);
    expect(await store().tasks.prune(40, 10)).toBe(0);
    expect(await store().tasks.count()).toBe(2);
  });
}

function taskListContract(store: () => Store): void {
  const uids = async (filter: TaskFilter, page: { limit?: number; from?: number; reverse?: boolean } = {}) =>
    (await store().tasks.list(filter, { limit: 20, ...page })).tasks.map(({ uid }) => uid);

  test("newest first, inclusive from, and next is the first that did not fit", async () => {
    for (let n = 0; n < 5; n += 1) await store().tasks.insert(newTask());
    const first = await store().tasks.list({}, { limit: 2 });
    expect(first.tasks.map(({ uid }) => uid)).toEqual([4, 3]);
    expect(first).toMatchObject({ total: 5, next: 2 });
    expect(await store().tasks.list({}, { limit: 3, from: 2 })).toMatchObject({ total: 5, next: null });
    expect(await uids({}, { from: 1, reverse: true })).toEqual([1, 2, 3, 4]);
    expect(await store().tasks.list({}, { limit: 0 })).toEqual({ tasks: [], total: 5, next: 4 });
  });

  test("an empty list of wanted values matches nothing", async () => {
    await store().tasks.insert(newTask());
    for (const filter of [{ uids: [] }, { statuses: [] }, { types: [] }, { indexUids: [] }, { canceledBy: [] }]) {
      expect(await store().tasks.list(filter, { limit: 20 })).toEqual({ tasks: [], total: 0, next: null });
    }
  });

  test("bounds in time are exclusive and a time that is not there matches no bound", async () => {
    await store().tasks.insert(newTask({ startedAt: 10, finishedAt: 20 }));
    await store().tasks.insert(newTask());
    expect(await uids({ afterStartedAt: 10 })).toEqual([]);
    expect(await uids({ afterStartedAt: 9.999 })).toEqual([0]);
    expect(await uids({ beforeFinishedAt: 20 })).toEqual([]);
    expect(await uids({ beforeFinishedAt: 20.001, afterFinishedAt: 1 })).toEqual([0]);
  });

  test("totals follow changes of status and of index", async () => {
    const { uid } = await store().tasks.insert(newTask({ indexUid: "a" }));
    await store().tasks.insert(newTask({ indexUid: "b" }));
    await store().tasks.update(uid, { status: "succeeded", indexUid: "b" });
    const total = async (filter: TaskFilter) => (await store().tasks.list(filter, { limit: 0 })).total;
    expect(await total({ indexUids: ["a"] })).toBe(0);
    expect(await total({ indexUids: ["b"] })).toBe(2);
    expect(await total({ indexUids: ["b"], statuses: ["succeeded"] })).toBe(1);
    await store().tasks.deleteEnded([uid]);
    expect(await total({ indexUids: ["b"] })).toBe(1);
  });

  test("any filter on any page gives what looking at every task gives", async () => {
    const model = memoryTaskStore();
    const tasks = fc.sample(arbitraryTask(), { numRuns: 120, seed: 7 });
    for (const task of tasks) await Promise.all([model.insert(task), store().tasks.insert(task)]);
    await fc.assert(
      fc.asyncProperty(arbitraryFilter, arbitraryPage, async (filter, page) => {
        expect(await store().tasks.list(filter, page)).toEqual(await model.list(filter, page));
      }),
      { numRuns: 300 },
    );
  });
}

const statuses = fc.constantFrom<TaskStatus>("enqueued", "processing", "succeeded", "failed", "canceled");
const types = fc.constantFrom<TaskType>("documentAdditionOrUpdate", "settingsUpdate", "indexSwap", "taskDeletion");
const indexes = fc.constantFrom("films", "books", "a-b_c");
const moment = fc.integer({ min: 0, max: 40 });

function arbitraryTask(): fc.Arbitrary<NewTask> {
  return fc
    .record({
      status: statuses,
      type: types,
      indexUid: fc.option(indexes),
      canceledBy: fc.option(fc.integer({ min: 0, max: 5 })),
      enqueuedAt: moment,
      startedAt: fc.option(moment),
      finishedAt: fc.option(moment),
    })
    .map((fields) => newTask(fields));
}

const arbitraryFilter: fc.Arbitrary<TaskFilter> = fc.record(
  {
    uids: fc.array(fc.integer({ min: 0, max: 130 }), { maxLength: 30 }),
    statuses: fc.array(statuses, { maxLength: 3 }),
    types: fc.array(types, { maxLength: 3 }),
    indexUids: fc.array(indexes, { maxLength: 2 }),
    canceledBy: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
    beforeEnqueuedAt: moment,
    afterEnqueuedAt: moment,
    beforeStartedAt: moment,
    afterStartedAt: moment,
    beforeFinishedAt: moment,
    afterFinishedAt: moment,
  },
  { requiredKeys: [] },
);

const arbitraryPage = fc.record(
  { limit: fc.integer({ min: 0, max: 25 }), from: fc.integer({ min: 0, max: 130 }), reverse: fc.boolean() },
  { requiredKeys: ["limit"] },
);

function catalogContract(store: () => Store): void {
  const entry = (uid: string, change: Partial<IndexEntry> = {}): IndexEntry => ({
    uid,
    primaryKey: null,
    shards: 64,
    state: "ready",
    settingsVersion: 0,
    settings: { rankingRules: ["words"], embedders: { e: { apiKey: "secret" } } },
    createdAt: 1,
    updatedAt: 2,
    ...change,
  });

  test("entries read back as they were put, sorted by uid", async () => {
    await store().catalog.put(entry("b", { primaryKey: "id" }));
    await store().catalog.put(entry("a", { state: "creating" }));
    await store().catalog.put(entry("b", { primaryKey: "key", settingsVersion: 3 }));
    expect(await store().catalog.all()).toEqual([
      entry("a", { state: "creating" }),
      entry("b", { primaryKey: "key", settingsVersion: 3 }),
    ]);
  });

  test("a change of several entries swaps two indexes in one step", async () => {
    await store().catalog.put(entry("a", { primaryKey: "x" }));
    await store().catalog.put(entry("b", { primaryKey: "y" }));
    await store().catalog.put(entry("old"));
    await store().catalog.change({
      put: [entry("a", { primaryKey: "y" }), entry("b", { primaryKey: "x" })],
      remove: ["old", "never-there"],
    });
    expect((await store().catalog.all()).map(({ uid, primaryKey }) => [uid, primaryKey])).toEqual([
      ["a", "y"],
      ["b", "x"],
    ]);
    await store().catalog.remove("a");
    expect((await store().catalog.all()).map(({ uid }) => uid)).toEqual(["b"]);
  });
}

function hintContract(store: () => Store): void {
  const hint = (id: string, nodeId: string, change: Partial<NewHint> = {}): NewHint => ({
    id,
    nodeId,
    indexUid: "films",
    request: { method: "POST", path: "/indexes/films/documents", operation: "documents.add" },
    taskUid: 4,
    operationId: "mtask-4",
    spoolRef: "0001.body",
    bytes: 10,
    createdAt: 1,
    ...change,
  });

  test("hints of a node come in the order in which they were appended", async () => {
    const appended = [];
    for (const id of ["z", "a", "m"]) appended.push(await store().hints.append(hint(id, "node-0")));
    await store().hints.append(hint("other", "node-1", { spoolRef: null, taskUid: null, operationId: null }));
    expect(await store().hints.oldest("node-0", 2)).toEqual(appended.slice(0, 2));
    expect(await store().hints.oldest("node-2", 2)).toEqual([]);
    expect((await store().hints.oldest("node-1", 9))[0]).toMatchObject({ spoolRef: null, taskUid: null });
  });

  test("a place is never given out twice, also after the newest was removed", async () => {
    const first = await store().hints.append(hint("1", "node-0"));
    const second = await store().hints.append(hint("2", "node-0"));
    await store().hints.remove("2");
    const third = await store().hints.append(hint("3", "node-0"));
    expect(second.seq).toBeGreaterThan(first.seq);
    expect(third.seq).toBeGreaterThan(second.seq);
  });

  test("totals count hints and bytes per node and leave out nodes without hints", async () => {
    await store().hints.append(hint("1", "node-0", { bytes: 5 }));
    await store().hints.append(hint("2", "node-0", { bytes: 7 }));
    await store().hints.append(hint("3", "node-1"));
    await store().hints.remove("3");
    expect(await store().hints.totals()).toEqual(new Map([["node-0", { count: 2, bytes: 12 }]]));
  });
}

function topologyContract(store: () => Store): void {
  const topology = (epoch: number) => ({
    epoch,
    replicationFactor: 2,
    replicaGroups: 1,
    nodes: [{ id: "node-0", address: "http://a:7700", replicaGroup: 0, state: "active" as const }],
  });

  test("a save succeeds only on the epoch it was made from", async () => {
    expect(await store().topology.load()).toBeUndefined();
    expect(await store().topology.save(topology(1), 7)).toBe(false);
    expect(await store().topology.save(topology(1), 0)).toBe(true);
    expect(await store().topology.save(topology(2), 0)).toBe(false);
    expect(await store().topology.save(topology(2), 1)).toBe(true);
    expect(await store().topology.load()).toEqual(topology(2));
  });

  test("of two changes made from the same epoch one wins", async () => {
    const won = await Promise.all([store().topology.save(topology(1), 0), store().topology.save(topology(1), 0)]);
    expect(won.filter(Boolean)).toHaveLength(1);
  });
}
