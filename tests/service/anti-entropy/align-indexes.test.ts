/** What a node is given before its documents are compared, and what is relied on of it until it has been looked at. */
import { expect, test } from "bun:test";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import { systemClock } from "../../../src/platform/system.ts";
import { alignIndexes } from "../../../src/services/anti-entropy/align-indexes.ts";
import { DOUBTED } from "../../../src/services/catalog/node-versions.ts";
import { createRepairProgress, repairNode } from "../../../src/services/anti-entropy/repair-node.ts";
import type { RepairStates } from "../../../src/services/hints/repair-states.ts";
import type { Suspect } from "../../../src/store/repair-store.ts";
import { answered, createFakeNodeClient } from "../../support/fake-node-client.ts";
import { createSmallFleet } from "../indexes/small-fleet.ts";
import { repairRig } from "./repair-rig.ts";

test("a node gets every index with its settings, and what was proven of these before counts no longer", async () => {
  const seen: string[] = [];
  const client = createFakeNodeClient("n0", ({ method, path }) => {
    seen.push(`${method} ${path}, proven ${fleet.deps.versions.get("films", "n0")}`);
    return answered("n0", { taskUid: 1, status: "enqueued" }, 202);
  });
  const fleet = createSmallFleet({ clients: [client] });
  await fleet.deps.versions.proven("films", ["n0"], 3);
  const entry = { uid: "films", primaryKey: "id", shards: 4, state: "ready", settingsVersion: 3, settings: {} };
  const settingsTasks = await alignIndexes(
    {
      ...fleet.deps,
      nodeVersions: fleet.deps.versions,
      clock: systemClock,
      indexes: () => [{ ...entry, createdAt: 5, updatedAt: 5 } as IndexEntry],
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
  await fleet.deps.versions.rename([{ from: "films", to: "shows" }]);
  expect(fleet.deps.versions.get("shows", "n0")).toBe(DOUBTED);
  await fleet.close();
});

test("a repair begins only when the node has carried out its settings, without which nothing of it could be compared", async () => {
  const { deps, entry } = repairRig();
  let status = "failed";
  const node = createFakeNodeClient("a", ({ method, path }) => {
    if (method !== "GET")
      return answered("a", { taskUid: path.endsWith("/settings") ? 2 : 1, status: "enqueued" }, 202);
    const results = path.includes("uids=2") ? [{ uid: 2, status, type: "settingsUpdate", enqueuedAt: AT }] : [];
    return answered("a", { results, total: results.length, limit: 1, from: null, next: null });
  });
  const begun: Suspect = { nodeId: "a", indexUid: "", reason: "disk_lost", since: 1 };
  let begins = 0;
  const repair = () =>
    repairNode(
      {
        ...deps,
        fleet: { ...deps.fleet, nodeIds: () => ["a"], client: () => node },
        // An index without a key has nothing to compare.
        indexes: () => [{ ...entry, primaryKey: null }],
        wantedSettings: () => ({}),
        tieBreak: "sequence",
        nodeVersions: { doubt: async () => {} },
        repairs: {
          state: () => "needed",
          begin: async () => ((begins += 1), begun),
          end: async () => true,
        } as unknown as RepairStates,
        hints: { pending: () => false, forgetKept: async () => {} },
        isPrepared: () => true,
        progress: createRepairProgress(),
        lossAccepted: () => true,
      },
      "a",
      () => Promise.resolve(),
      new AbortController().signal,
    );
  expect(await repair()).toBe("its indexes could not be made those of the others");
  expect(begins).toBe(0);
  status = "succeeded";
  await repair();
  expect(begins).toBe(1);
});

const AT = "2026-01-01T00:00:00Z";
