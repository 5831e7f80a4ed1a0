/** What was noted of an index is never taken for something of the next one of its name. */
import { beforeEach, expect, test } from "bun:test";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import type { Catalog } from "../../../src/services/catalog/catalog.ts";
import { createCatalog } from "../../../src/services/catalog/create-catalog.ts";
import { createNodeVersions, type NodeVersions } from "../../../src/services/catalog/node-versions.ts";
import { putNewEntry } from "../../../src/services/catalog/new-entry.ts";
import { memoryCatalogStore } from "../../../src/store/memory/catalog-store.ts";
import { memoryNodeVersionStore } from "../../../src/store/memory/node-version-store.ts";
import type { NodeVersionChange } from "../../../src/store/node-version-store.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const ABOUT = { uid: "films", primaryKey: "id", shards: 4, state: "ready", settingsVersion: 1, settings: {} } as const;
const FIRST: IndexEntry = { ...ABOUT, createdAt: 5, updatedAt: 5 };
const SECOND: IndexEntry = { ...ABOUT, createdAt: 6, updatedAt: 6 };

const store = memoryNodeVersionStore();
let catalog: Catalog;
let versions: NodeVersions;
/** Holds up the changes of the store. */
let gate: Promise<void>;
beforeEach(async () => {
  gate = Promise.resolve();
  catalog = await createCatalog(memoryCatalogStore());
  const change = async (what: NodeVersionChange): Promise<void> => {
    await gate;
    await store.change(what);
  };
  versions = createNodeVersions({ store: { ...store, change }, catalog, clock: createFakeClock() });
  await versions.forget(FIRST.uid);
  await catalog.put(FIRST);
});

const known = async (): Promise<unknown[]> => [versions.get("films", "n0"), (await store.all()).length];

test("of an index that is there it is noted, and forgotten when the next one begins", async () => {
  await versions.proven(FIRST, ["n0"], 3);
  expect(await known()).toEqual([3, 1]);
  await versions.doubt(FIRST, "n0");
  expect(await known()).toEqual([-1, 1]);
  await putNewEntry({ catalog, versions }, SECOND);
  expect(await known()).toEqual([undefined, 0]);
});

test("nothing is noted of one that is gone", async () => {
  await putNewEntry({ catalog, versions }, SECOND);
  await versions.proven(FIRST, ["n0"], 3);
  await versions.doubt(FIRST, "n0");
  expect(await known()).toEqual([undefined, 0]);
});

test("what is noted while the next one begins is not of that", async () => {
  const put: Catalog["put"] = async (entry) => {
    await versions.proven(FIRST, ["n0", "n1"], 3);
    await catalog.put(entry);
  };
  await putNewEntry({ catalog: { put }, versions }, SECOND);
  await versions.proven(SECOND, ["n1"], 3);
  await versions.reload();
  expect([versions.get("films", "n0"), versions.get("films", "n1")]).toEqual([undefined, 3]);
});

test("nor is what the store is about to take when the next one is noted", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  const noting = versions.proven(FIRST, ["n0"], 3);
  await catalog.put(SECOND);
  gate = Promise.resolve();
  const next = versions.proven(SECOND, ["n0"], 4);
  await Bun.sleep(0);
  resolve();
  await Promise.all([noting, next]);
  await versions.reload();
  expect(versions.get("films", "n0")).toBe(4);
});

test("what an older version has noted counts for the index that has the name", async () => {
  await store.change({ put: [{ indexUid: "films", createdAt: null, nodeId: "n0", version: 2, updatedAt: 1 }] });
  await versions.reload();
  expect(versions.get("films", "n0")).toBe(2);
  await versions.proven(FIRST, ["n0"], 2);
  await catalog.put(SECOND);
  expect(versions.get("films", "n0")).toBeUndefined();
});
