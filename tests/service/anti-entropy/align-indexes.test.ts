/** What a node is given before its documents are compared, and what is relied on of it until it has been looked at. */
import { expect, test } from "bun:test";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import { systemClock } from "../../../src/platform/system.ts";
import { alignIndexes } from "../../../src/services/anti-entropy/align-indexes.ts";
import { DOUBTED } from "../../../src/services/catalog/node-versions.ts";
import { answered, createFakeNodeClient } from "../../support/fake-node-client.ts";
import { createSmallFleet } from "../indexes/small-fleet.ts";

test("a node gets every index with its settings, and what was proven of these before counts no longer", async () => {
  const seen: string[] = [];
  const client = createFakeNodeClient("n0", ({ method, path }) => {
    seen.push(`${method} ${path}, proven ${fleet.deps.versions.get("films", "n0")}`);
    return answered("n0", { taskUid: 1, status: "enqueued" }, 202);
  });
  const fleet = createSmallFleet({ clients: [client] });
  await fleet.deps.versions.proven("films", ["n0"], 3);
  const entry = { uid: "films", primaryKey: "id", shards: 4, state: "ready", settingsVersion: 3, settings: {} };
  const isTaken = await alignIndexes(
    {
      ...fleet.deps,
      nodeVersions: fleet.deps.versions,
      clock: systemClock,
      indexes: () => [{ ...entry, createdAt: 5, updatedAt: 5 } as IndexEntry],
    },
    "n0",
  );
  expect(isTaken).toBe(true);
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
