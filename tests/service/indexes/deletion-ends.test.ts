/** The instant in which a deletion has ended on the nodes and the catalog is told. */
import { expect, test } from "bun:test";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import type { Task } from "../../../src/core/tasks/task.ts";
import { DELETE_INDEX, deleteIndexFlow } from "../../../src/services/indexes/delete-index.ts";
import { answered, createFakeNodeClient } from "../../support/fake-node-client.ts";
import { createSmallFleet } from "./small-fleet.ts";

const NODES = ["n0", "n1"];
const nodeTasks = NODES.map((nodeId) => ({ nodeId, taskUid: 1, role: "main", status: "succeeded" }));
const flow = { kind: DELETE_INDEX, step: "apply", data: { uid: "films", createdAt: 5 } };
const ended = { uid: 5, indexUid: "films", nodeTasks, flow } as unknown as Task;
const going = {
  uid: "films",
  primaryKey: "id",
  shards: 4,
  state: "deleting",
  settingsVersion: 0,
  settings: {},
} as const;

test("an index that is made in it is not taken for the deleted one", async () => {
  const clients = NODES.map((nodeId) => createFakeNodeClient(nodeId, () => answered(nodeId, {})));
  const fleet = createSmallFleet({ clients });
  fleet.entries.set("films", { ...going, createdAt: 5, updatedAt: 5 });
  const next: IndexEntry = { ...going, state: "creating", createdAt: 77, updatedAt: 77 };
  const { versions } = fleet.deps;
  const forget: typeof versions.forget = async (uid) => {
    await versions.forget(uid);
    await fleet.catalog.put(next);
  };
  const meanwhile = deleteIndexFlow({ ...fleet.deps, versions: { ...versions, forget }, copies: () => 1 });
  expect(await meanwhile.advance(ended)).toMatchObject({ kind: "done", succeeded: true });
  expect(fleet.catalog.get("films")).toEqual(next);

  fleet.entries.set("films", { ...going, createdAt: 5, updatedAt: 5 });
  expect(await deleteIndexFlow({ ...fleet.deps, copies: () => 1 }).advance(ended)).toMatchObject({ succeeded: true });
  expect(fleet.catalog.get("films")).toBeUndefined();
  await fleet.close();
});

test("one that was taken back since the store failed, and whose task was kept all the same, is told to nobody", async () => {
  const told: string[] = [];
  const clients = NODES.map((nodeId) =>
    createFakeNodeClient(nodeId, ({ method }) => {
      told.push(`${nodeId} ${method}`);
      return answered(nodeId, { taskUid: 1, status: "enqueued" }, 202);
    }),
  );
  const fleet = createSmallFleet({ clients });
  const deletion = deleteIndexFlow({ ...fleet.deps, copies: () => 1 });
  const found = { ...ended, nodeTasks: [] } as Task;
  fleet.entries.set("films", { ...going, state: "ready", createdAt: 5, updatedAt: 5 });
  expect(await deletion.advance(found)).toMatchObject({ kind: "done", error: { code: "miroir_task_interrupted" } });
  expect(fleet.catalog.get("films")).toMatchObject({ state: "ready" });
  expect(told).toEqual([]);

  fleet.entries.set("films", { ...going, createdAt: 5, updatedAt: 5 });
  expect(await deletion.advance(found)).toMatchObject({ kind: "more" });
  expect(told).toEqual(["n0 DELETE", "n1 DELETE"]);
  await fleet.close();
});
