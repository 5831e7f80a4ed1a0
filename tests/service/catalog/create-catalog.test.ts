/** The catalog shows what is stored, and changes of one index never overtake each other. */
import { expect, test } from "bun:test";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import { createCatalog } from "../../../src/services/catalog/create-catalog.ts";
import { openMemoryStore } from "../../../src/store/memory/open.ts";
import { rejectionOf } from "../../support/rejection-of.ts";

const entry = (uid: string, change: Partial<IndexEntry> = {}): IndexEntry => ({
  uid,
  primaryKey: null,
  shards: 64,
  state: "ready",
  settingsVersion: 0,
  settings: {},
  createdAt: 1,
  updatedAt: 1,
  ...change,
});

test("reads the store at the start and writes through to it", async () => {
  const { catalog: store } = openMemoryStore();
  await store.put(entry("b"));
  const catalog = await createCatalog(store);
  await catalog.put(entry("a", { primaryKey: "id" }));
  expect(catalog.list().map(({ uid }) => uid)).toEqual(["a", "b"]);
  expect(await store.all()).toEqual([...catalog.list()]);
});

test("a client sees an index once it is ready and until it is gone", async () => {
  const catalog = await createCatalog(openMemoryStore().catalog);
  await catalog.put(entry("new", { state: "creating" }));
  await catalog.put(entry("old", { state: "deleting" }));
  expect(catalog.get("new")?.state).toBe("creating");
  expect(catalog.list().map(({ uid }) => uid)).toEqual(["old"]);
  expect(catalog.visible("old").uid).toBe("old");
  expect(() => catalog.visible("new")).toThrow("Index `new` not found.");
  expect(() => catalog.visible("none")).toThrow(expect.objectContaining({ code: "index_not_found", status: 404 }));
});

test("what the store does not take is not shown", async () => {
  const { catalog: store } = openMemoryStore();
  const broken = { ...store, change: () => Promise.reject(new TypeError("no")) };
  const catalog = await createCatalog(broken);
  expect(await rejectionOf(catalog.put(entry("a")))).toBeInstanceOf(TypeError);
  expect(catalog.get("a")).toBeUndefined();
});

test("two indexes never have the same birth, also where the first has not come to be", async () => {
  const catalog = await createCatalog(openMemoryStore().catalog);
  await catalog.put(entry("a", { createdAt: 1_001 }));
  expect([1_000, 1_000, 1_000, 1_500].map((nowMs) => catalog.birth(nowMs))).toEqual([1_000, 1_002, 1_003, 1_500]);
  // A clock that has been set back is believed.
  expect(catalog.birth(400)).toBe(400);
});

test("updates made in one instant each see the one before", async () => {
  const catalog = await createCatalog(openMemoryStore().catalog);
  await catalog.put(entry("a"));
  const raise = (one: IndexEntry): IndexEntry => ({ ...one, settingsVersion: one.settingsVersion + 1 });
  await Promise.all(Array.from({ length: 50 }, () => catalog.update("a", raise)));
  expect(catalog.get("a")?.settingsVersion).toBe(50);
  expect(await catalog.update("none", raise)).toBeUndefined();
});

test("an update that changes nothing writes nothing, and nobody else is waited for", async () => {
  const { catalog: store } = openMemoryStore();
  let [writes, spreads] = [0, 0];
  const counted: typeof store = { ...store, change: (change) => ((writes += 1), store.change(change)) };
  const catalog = await createCatalog(counted, { spread: async () => void (spreads += 1) });
  await catalog.put(entry("a"));
  expect(await catalog.update("a", (one) => one)).toEqual(entry("a"));
  expect([writes, spreads]).toEqual([1, 1]);
  await catalog.update("a", (one) => ({ ...one, primaryKey: "id" }));
  expect([writes, spreads]).toEqual([2, 2]);
});

test("two swaps of the same indexes in opposite order both happen", async () => {
  const catalog = await createCatalog(openMemoryStore().catalog);
  const swap = (left: string, right: string) =>
    catalog.change([left, right, "x"], () => ({
      put: [entry(left, { primaryKey: right }), entry(right, { primaryKey: left })],
      remove: ["x"],
    }));
  await Promise.all([swap("a", "b"), swap("b", "a"), catalog.update("a", (one) => one)]);
  expect(catalog.list().map(({ uid, primaryKey }) => [uid, primaryKey])).toEqual([
    ["a", "b"],
    ["b", "a"],
  ]);
});

test("an entry is taken away only if it is the one meant when its turn comes", async () => {
  const catalog = await createCatalog(openMemoryStore().catalog);
  await catalog.put(entry("a", { createdAt: 1 }));
  const isOld = (one: IndexEntry | undefined): boolean => one?.createdAt === 1;
  await Promise.all([catalog.put(entry("a", { createdAt: 2 })), catalog.remove("a", isOld)]);
  expect(catalog.get("a")?.createdAt).toBe(2);
  await catalog.remove("a", (one) => one?.createdAt === 2);
  expect(catalog.get("a")).toBeUndefined();
});

test("a correction is shown at once, and stored when the store takes it, also over what is read from it meanwhile", async () => {
  const { catalog: store } = openMemoryStore();
  let isAway = false;
  const failing: typeof store = {
    ...store,
    change: (change) => (isAway ? Promise.reject(new Error("the store of this test is away")) : store.change(change)),
  };
  const catalog = await createCatalog(failing);
  await catalog.put(entry("a", { state: "deleting" }));
  isAway = true;
  const staying = catalog.correct("a", (one) => ({ ...one, state: "ready" }));
  expect(await staying.catch((error: unknown) => String(error))).toContain("is away");
  expect(catalog.get("a")?.state).toBe("ready");
  await catalog.refresh();
  expect([catalog.get("a")?.state, catalog.owes("a"), catalog.owes("b")]).toEqual(["ready", true, false]);
  expect(await catalog.settle().catch((error: unknown) => String(error))).toContain("is away");
  isAway = false;
  await catalog.settle();
  expect(catalog.owes("a")).toBe(false);
  expect((await store.all()).map(({ uid, state }) => [uid, state])).toEqual([["a", "ready"]]);
  // It owes nothing any more: what others have put there counts.
  await store.change({ put: [entry("a", { state: "deleting" })], remove: [] });
  await catalog.refresh();
  expect(catalog.get("a")?.state).toBe("deleting");
});
