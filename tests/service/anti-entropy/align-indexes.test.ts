/** What a node is given before its documents are compared, and what is relied on of it until it has been looked at. */
import { expect, test } from "bun:test";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import { systemClock } from "../../../src/platform/system.ts";
import { alignIndexes } from "../../../src/services/anti-entropy/align-indexes.ts";
import {
  createRepairProgress,
  repairNode,
  type RepairNodeDeps,
} from "../../../src/services/anti-entropy/repair-node.ts";
import { DOUBTED } from "../../../src/services/catalog/node-versions.ts";
import { ownTurns } from "../../../src/services/routers/turns.ts";
import { answered, createFakeNodeClient, unavailable } from "../../support/fake-node-client.ts";
import { createSmallFleet } from "../indexes/small-fleet.ts";

test("a node gets every index with its settings, and what was proven of these before counts no longer", async () => {
  const seen: string[] = [];
  const client = createFakeNodeClient("n0", ({ method, path }) => {
    seen.push(`${method} ${path}, proven ${fleet.deps.versions.get("films", "n0")}`);
    return answered("n0", { taskUid: 1, status: "enqueued" }, 202);
  });
  const fleet = createSmallFleet({ clients: [client] });
  const about = { uid: "films", primaryKey: "id", shards: 4, state: "ready", settingsVersion: 3, settings: {} };
  const entry = { ...about, createdAt: 5, updatedAt: 5 } as IndexEntry;
  await fleet.catalog.put(entry);
  await fleet.deps.versions.proven(entry, ["n0"], 3);
  const settingsTasks = await alignIndexes(
    {
      ...fleet.deps,
      nodeVersions: fleet.deps.versions,
      clock: systemClock,
      indexes: () => [entry],
    },
    "n0",
  );
  expect(settingsTasks).toEqual([1]);
  expect(seen).toEqual(
    ["POST /indexes", "PATCH /indexes/films", "PATCH /indexes/films/settings"].map(
      (one) => `${one}, proven ${DOUBTED}`,
    ),
  );
  // It gets another name before the node is looked at.
  await fleet.catalog.put({ ...entry, uid: "shows" });
  await fleet.deps.versions.rename([{ from: "films", to: "shows" }]);
  expect(fleet.deps.versions.get("shows", "n0")).toBe(DOUBTED);
  await fleet.close();
});

test("one that has never had an index does not seem to have lost it, before it gets it or after", async () => {
  const seen: unknown[] = [];
  const client = createFakeNodeClient("n0", () => {
    seen.push(fleet.deps.versions.get("films", "n0"));
    return answered("n0", { taskUid: 1, status: "enqueued" }, 202);
  });
  const fleet = createSmallFleet({ clients: [client] });
  const entry = { uid: "films", primaryKey: null, shards: 4, state: "ready", settingsVersion: 3, settings: {} };
  const indexes = () => [{ ...entry, createdAt: 5, updatedAt: 5 } as IndexEntry];
  await alignIndexes({ ...fleet.deps, nodeVersions: fleet.deps.versions, clock: systemClock, indexes }, "n0");
  expect(seen).toEqual([undefined, undefined]);
});

test("one whose answer is lost may still read what it was given", async () => {
  const client = createFakeNodeClient("n0", () => unavailable("n0", "timeout", true));
  const fleet = createSmallFleet({ clients: [client] });
  const entry = { uid: "films", primaryKey: null, shards: 4, state: "ready", settingsVersion: 3, settings: {} };
  const indexes = () => [{ ...entry, createdAt: 5, updatedAt: 5 } as IndexEntry];
  const aligning = { ...fleet.deps, nodeVersions: fleet.deps.versions, clock: systemClock, indexes };
  expect(await alignIndexes(aligning, "n0")).toBeNull();
  expect(fleet.strayed).toEqual(["n0"]);
});

test("the documents of a node are not compared before it has carried out its settings: without them none would be found", async () => {
  let status = "failed";
  const tasks = (): object[] => [
    { uid: 7, type: "settingsUpdate", indexUid: "films", status, details: {}, error: null },
  ];
  const client = createFakeNodeClient("n0", ({ method, path }) => {
    if (method !== "GET") return answered("n0", { taskUid: 7, status: "enqueued" }, 202);
    const isOpen = path.includes("statuses=");
    return answered("n0", {
      results: isOpen ? [] : tasks().map((one) => ({ ...one, enqueuedAt: "2026-01-01T00:00:00Z" })),
    });
  });
  const fleet = createSmallFleet({ clients: [client] });
  const entry = { uid: "films", primaryKey: null, shards: 4, state: "ready", settingsVersion: 3, settings: {} };
  const begun: string[] = [];
  const deps = {
    ...fleet.deps,
    nodeVersions: fleet.deps.versions,
    clock: systemClock,
    indexes: () => [{ ...entry, createdAt: 5, updatedAt: 5 } as IndexEntry],
    lanes: { ...fleet.deps.lanes, passed: async () => {} },
    limits: { carryOutMaxMs: 1_000 },
    isPrepared: () => true,
    hints: { pending: () => false, forgetKept: async () => {} },
    // Nothing is left to be done once it has begun.
    repairs: { state: () => "needed", begin: async (nodeId: string) => (begun.push(nodeId), null) },
  } as unknown as RepairNodeDeps;
  const repair = (): Promise<string | null> => repairNode(deps, "n0", async () => {}, AbortSignal.timeout(5_000));
  expect(await repair()).toBe("its indexes could not be made those of the others");
  expect(begun).toEqual([]);
  status = "succeeded";
  expect(await repair()).toBeNull();
  expect(begun).toEqual(["n0"]);
  await fleet.close();
});

test("an index that was deleted is taken from a node also where documents that it still had in its queue make it anew", async () => {
  let isBusy = true;
  const has = { n0: new Set<string>(), n1: new Set<string>() };
  const clients = (["n0", "n1"] as const).map((nodeId) =>
    createFakeNodeClient(nodeId, ({ method, path }) => {
      if (method === "DELETE") {
        has[nodeId].delete(path.slice("/indexes/".length));
        return answered(nodeId, { taskUid: 8, status: "enqueued" }, 202);
      }
      if (path.startsWith("/indexes")) return answered(nodeId, { results: [...has[nodeId]].map((uid) => ({ uid })) });
      if (!isBusy) return answered(nodeId, { results: [] });
      // What it was busy with is done when it is asked the next time.
      isBusy = false;
      has.n0.add("films");
      const open = { uid: 7, type: "documentAdditionOrUpdate", indexUid: "films", status: "processing", details: {} };
      return answered(nodeId, { results: [{ ...open, error: null, enqueuedAt: "2026-01-01T00:00:00Z" }] });
    }),
  );
  const fleet = createSmallFleet({ clients });
  const deps = {
    ...fleet.deps,
    nodeVersions: fleet.deps.versions,
    clock: systemClock,
    indexes: () => [],
    lanes: { ...fleet.deps.lanes, passed: async () => {} },
    limits: { carryOutMaxMs: 5_000 },
    isPrepared: () => true,
    hints: { pending: () => false, forgetKept: async () => {} },
    repairs: { state: () => "needed", begin: async () => null },
  } as unknown as RepairNodeDeps;
  expect(await repairNode(deps, "n0", async () => {}, AbortSignal.timeout(10_000))).toBeNull();
  expect([isBusy, [...has.n0]]).toEqual([false, []]);
  await fleet.close();
});

test("nothing is compared before the others have carried out what this node was not given", async () => {
  let isBusy = true;
  const asked: string[] = [];
  const clients = (["n0", "n1"] as const).map((nodeId) =>
    createFakeNodeClient(nodeId, ({ path }) => {
      asked.push(path);
      const task = { uid: 4, type: "documentAdditionOrUpdate", indexUid: "films", status: "processing", details: {} };
      const isOpen = nodeId === "n1" && isBusy;
      const results = path.includes("statuses=") && !isOpen ? [] : [{ ...task, error: null, enqueuedAt: "" }];
      return answered(nodeId, { results: path.startsWith("/tasks") ? results : [] });
    }),
  );
  const fleet = createSmallFleet({ clients });
  const deps = {
    ...fleet.deps,
    clock: systemClock,
    indexes: () => [],
    lanes: { ...fleet.deps.lanes, passed: async () => {} },
    limits: { carryOutMaxMs: 0 },
    isPrepared: () => true,
    hints: { pending: () => false },
    progress: createRepairProgress(),
    // It gets writes by now; those from before were only given to the other.
    repairs: {
      state: () => "running",
      reason: () => "hints_given_up",
      begin: async () => BEGUN,
      end: async () => true,
    },
  } as unknown as RepairNodeDeps;
  const repair = (): Promise<string | null> => repairNode(deps, "n0", async () => {}, AbortSignal.timeout(10_000));
  expect(await repair()).toBe("the others are still busy with what they were given before");
  expect(asked.every((path) => path.startsWith("/tasks"))).toBe(true);
  isBusy = false;
  expect(await repair()).toBeNull();
  await fleet.close();
});

test("an index that has got another name since the node was aligned is made by it, and the one that it was given goes", async () => {
  const has = { n0: new Set(["films"]), n1: new Set(["shows"]) };
  const told: string[] = [];
  let uid = 0;
  const clients = (["n0", "n1"] as const).map((nodeId) =>
    createFakeNodeClient(nodeId, ({ method, path, body }) => {
      if (method !== "GET") {
        told.push(`${nodeId} ${method} ${path}`);
        if (path === "/indexes") has[nodeId].add((JSON.parse(body as string) as { uid: string }).uid);
        if (method === "DELETE") has[nodeId].delete(path.slice("/indexes/".length));
        return answered(nodeId, { taskUid: uid++, status: "enqueued" }, 202);
      }
      if (path.startsWith("/indexes"))
        return answered(nodeId, { results: [...has[nodeId]].map((one) => ({ uid: one })) });
      if (path.includes("statuses=")) return answered(nodeId, { results: [] });
      const done = { uid: uid - 1, type: "settingsUpdate", indexUid: "shows", status: "succeeded", details: {} };
      return answered(nodeId, { results: [{ ...done, error: null, enqueuedAt: "2026-01-01T00:00:00Z" }] });
    }),
  );
  const fleet = createSmallFleet({ clients });
  const shows = { uid: "shows", primaryKey: null, shards: 4, state: "ready", settings: {}, createdAt: 5 };
  let changing = 1;
  const deps = {
    ...fleet.deps,
    nodeVersions: fleet.deps.versions,
    clock: systemClock,
    indexes: () => [shows],
    lanes: { ...fleet.deps.lanes, passed: async () => {} },
    limits: { carryOutMaxMs: 5_000 },
    isPrepared: () => true,
    hints: { pending: () => false, forgetKept: async () => {} },
    progress: createRepairProgress(),
    lossAccepted: () => true,
    taskStore: { list: async () => ({ total: changing, tasks: [] }) },
    nameTurns: ownTurns,
    gate: { run: (_uid: string, work: () => unknown) => work() },
    // It began when the index was still called films.
    repairs: { state: () => "running", reason: () => "disk_lost", begin: async () => BEGUN, end: async () => true },
  } as unknown as RepairNodeDeps;
  const repair = (): Promise<string | null> => repairNode(deps, "n0", async () => {}, AbortSignal.timeout(10_000));
  // While another index changes its name, one that this node has may be what the others get next.
  expect(await repair()).toContain("an index that nobody knows of");
  expect(told).toEqual(["n0 POST /indexes", "n0 PATCH /indexes/shows/settings"]);
  changing = 0;
  expect(await repair()).toBeNull();
  expect(told.slice(2)).toEqual(["n0 DELETE /indexes/films"]);
  expect([...has.n0]).toEqual(["shows"]);
  await fleet.close();
});

const BEGUN = { nodeId: "n0", indexUid: "", reason: "disk_lost", since: 1, running: true } as const;
