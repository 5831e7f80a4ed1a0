/** What every store must do. A backend's own test file is a factory and one call; a new backend passes this as it is. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import type { NewHint } from "../../../src/store/hint-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { jobContract, leaseContract, routerContract, shortMemoryContract } from "./coordination-contract.ts";
import {
  aliasContract,
  canaryContract,
  cdcContract,
  movementContract,
  rolloverContract,
  tenantContract,
} from "./features-contract.ts";
import { adminSessionContract, rateContract, searchUiContract } from "./pages-contract.ts";
import { repairContract, tombstoneContract } from "./repair-contract.ts";
import { searchRuleContract } from "./search-rule-contract.ts";
import { taskContract } from "./task-contract.ts";
import { taskListContract } from "./task-list-contract.ts";
import { webhookContract } from "./webhook-contract.ts";

export interface StoreUnderTest {
  open(): Promise<Store>;
  /** Lets so much of the store's time go by. */
  pass(durationMs: number): Promise<void>;
  /** Removes what the test left behind. */
  cleanUp(): Promise<void>;
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
    describe("node versions", () => nodeVersionContract(() => store));
    describe("hints", () => hintContract(() => store));
    describe("topology", () => topologyContract(() => store));
    const both = () => ({ store, pass: (durationMs: number) => under.pass(durationMs) });
    describe("leases", () => leaseContract(both));
    describe("routers", () => routerContract(both));
    describe("jobs", () => jobContract(both));
    describe("tombstones", () => tombstoneContract(() => store));
    describe("repairs", () => repairContract(() => store));
    describe("webhooks", () => webhookContract(() => store));
    describe("search rules", () => searchRuleContract(() => store));
    describe("short memory", () => shortMemoryContract(both));
    describe("aliases", () => aliasContract(both));
    describe("canaries", () => canaryContract(both));
    describe("cursors of sinks", () => cdcContract(both));
    describe("tenants", () => tenantContract(both));
    describe("rollovers", () => rolloverContract(both));
    describe("movements", () => movementContract(both));
    describe("search pages", () => searchUiContract(both));
    describe("sessions of administrators", () => adminSessionContract(both));
    describe("rates", () => rateContract(both));
    test("a working store passes its check", () => expect(store.check()).resolves.toBeUndefined());
    test("closing twice is harmless", async () => {
      await store.close();
      await store.close();
    });
  });
}

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

  test("what the nodes have to show, why writes are refused and how an index is swept read back, and go again", async () => {
    const whole = entry("a", {
      settingsHashes: { rankingRules: "x", stopWords: "y" },
      ownForms: ["stopWords"],
      frozen: "The nodes differ.",
      tieBreak: "node",
      sweeps: { intervalS: 60 },
    });
    await store().catalog.put(whole);
    expect(await store().catalog.get("a")).toEqual(whole);
    expect(await store().catalog.replace(whole, entry("a"))).toBe(true);
    expect(await store().catalog.all()).toEqual([entry("a")]);
  });

  test("an entry is replaced only if it is still what it was thought to be", async () => {
    await store().catalog.put(entry("a"));
    const first = entry("a", { primaryKey: "id", updatedAt: 3 });
    expect(await store().catalog.replace(entry("a"), first)).toBe(true);
    expect(await store().catalog.replace(entry("a"), entry("a", { primaryKey: "other" }))).toBe(false);
    expect(await store().catalog.replace(entry("none"), entry("none"))).toBe(false);
    expect(await store().catalog.get("a")).toEqual(first);
    expect(await store().catalog.get("none")).toBeUndefined();
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

function nodeVersionContract(store: () => Store): void {
  const row = (indexUid: string, nodeId: string, version = 1, createdAt: number | null = 3) => {
    return { indexUid, createdAt, nodeId, version, updatedAt: 7 };
  };

  test("verified versions read back sorted, the newest of each name and node, whatever the node is called", async () => {
    const { nodeVersions } = store();
    expect(await nodeVersions.all()).toEqual([]);
    await nodeVersions.change({ put: [row("b", "n1"), row("a", "rack:1 n2"), row("", "n1", 1, null)] });
    await nodeVersions.change({ put: [row("a", "n1"), row("b", "n1", 2, 4)] });
    const rows = [row("", "n1", 1, null), row("a", "n1"), row("a", "rack:1 n2"), row("b", "n1", 2, 4)];
    expect(await nodeVersions.all()).toEqual(rows);
  });

  test("the rows of an index go and new ones come in one step", async () => {
    const { nodeVersions } = store();
    await nodeVersions.change({ put: [row("a", "n1"), row("a", "n2"), row("ab", "n1")] });
    await nodeVersions.change({ removeIndexes: ["a", "none"], put: [row("a", "n2", 5)] });
    expect(await nodeVersions.all()).toEqual([row("a", "n2", 5), row("ab", "n1")]);
    await nodeVersions.change({ removeIndexes: ["ab", "a"] });
    await nodeVersions.change({});
    expect(await nodeVersions.all()).toEqual([]);
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
