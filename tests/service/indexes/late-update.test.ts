/** A change of a primary key that ends when its index has been deleted, and another has come to the name. */
import { beforeEach, expect, test } from "bun:test";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import type { NodeTask, Task } from "../../../src/core/tasks/task.ts";
import { UPDATE_INDEX, updateIndexFlow } from "../../../src/services/indexes/update-index.ts";
import type { FlowStep } from "../../../src/services/tasks/task-registry.ts";
import { answered, createFakeNodeClient, type FakeNodeClient } from "../../support/fake-node-client.ts";
import { createSmallFleet, type SmallFleet } from "./small-fleet.ts";

const UID = "films";
const FIRST = 5;
const SECOND = 6;
const REFUSED = { message: "There are documents.", code: "index_primary_key_already_exists", type: "", link: "" };

let clients: FakeNodeClient[];
let fleet: SmallFleet;
beforeEach(() => {
  clients = ["n0", "n1"].map((nodeId) =>
    createFakeNodeClient(nodeId, () => answered(nodeId, { taskUid: 9, enqueuedAt: "" }, 202)),
  );
  fleet = createSmallFleet({ clients });
});

function ended(createdAt: number, onSecond: NodeTask["status"]): Promise<FlowStep> {
  const about = { shards: 4, state: "ready", settingsVersion: 0, settings: {} } as const;
  fleet.entries.set(UID, { ...about, uid: UID, primaryKey: "id", createdAt, updatedAt: createdAt });
  const data = { uid: UID, body: { primaryKey: "key" }, keyBefore: "id", createdAt: FIRST };
  const error = onSecond === "failed" ? { error: REFUSED } : {};
  const nodeTasks: NodeTask[] = [
    { nodeId: "n0", taskUid: 1, role: "main", status: "succeeded" },
    { nodeId: "n1", taskUid: 1, role: "main", status: onSecond, ...error },
  ];
  const flow = { kind: UPDATE_INDEX, step: "apply", data };
  return updateIndexFlow(fleet.deps).advance({ uid: 3, indexUid: UID, nodeTasks, flow } as unknown as Task);
}

const told = (): readonly number[] => clients.map(({ sent }) => sent.length);
const key = (): string | null | undefined => (fleet.catalog.get(UID) as IndexEntry).primaryKey;

test("its own index gets the key, or keeps the old one on every node", async () => {
  expect(await ended(FIRST, "succeeded")).toEqual({ kind: "done" });
  expect(key()).toBe("key");
  expect(await ended(FIRST, "failed")).toMatchObject({ kind: "more", flow: { step: "undo" } });
  expect([key(), told()]).toEqual(["id", [1, 0]]);
});

test("another of its name keeps its key, and no node is told of it", async () => {
  expect(await ended(SECOND, "succeeded")).toEqual({ kind: "done" });
  expect(key()).toBe("id");
  expect(await ended(SECOND, "failed")).toMatchObject({ kind: "done", error: REFUSED });
  expect([key(), told()]).toEqual(["id", [0, 0]]);
});
