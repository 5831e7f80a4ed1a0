/** A change of a name that is taken back without a node: what that has by which name is found out when it is back. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import type { NodeTask, Task } from "../../../src/core/tasks/task.ts";
import { renamingIndexes } from "../../../src/services/admission/renaming-indexes.ts";
import { readBirths } from "../../../src/services/broadcast/index-births.ts";
import { createIndex } from "../../../src/services/indexes/create-index.ts";
import { unsettledNodes } from "../../../src/services/indexes/settle-names.ts";
import { SETTLING } from "../../../src/services/indexes/swap-data.ts";
import { UPDATE_INDEX, updateIndex } from "../../../src/services/indexes/update-index.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, runTask, startNodes, type TestNode } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "./small-fleet.ts";

setDefaultTimeout(60_000);

const ERROR = { message: "Node `n1` is away.", code: "miroir_node_unavailable", type: "system", link: "" };

let nodes: TestNode[];
let fleet: SmallFleet;
let from: string;
let to: string;
let count = 0;

beforeAll(async () => {
  nodes = await startNodes(2);
});
afterAll(() => Promise.all(nodes.map((node) => node.stop())));
beforeEach(async () => {
  const clients = clientsOf(nodes);
  fleet = createSmallFleet({ clients, haste: 10 });
  count += 1;
  [from, to] = [`old_${count}`, `new_${count}`];
  await fleet.end(await createIndex(fleet.deps, { uid: from, primaryKey: "id" }));
  await runTask(nodes[1] as TestNode, "POST", `/indexes/${from}/documents`, [{ id: 1 }]);
});
afterEach(() => fleet.close());

/** The task of a renaming that node n1 has carried out, and that is to be taken back; as another router has left it. */
async function leftBehind(step: string, more: object, undone: readonly NodeTask[] = []): Promise<Task> {
  const before = await readBirths(fleet.deps, ["n0", "n1"], [from, to]);
  await runTask(nodes[1] as TestNode, "PATCH", `/indexes/${from}`, { uid: to });
  const data = { uid: from, body: { uid: to }, keyBefore: "id", createdAt: 1, before, error: ERROR, ...more };
  const task = await fleet.tasks.register({
    type: "indexUpdate",
    indexUid: from,
    details: { primaryKey: null, oldIndexUid: from, newIndexUid: to },
    flow: { kind: UPDATE_INDEX, step, data },
  });
  return fleet.tasks.dispatch(task.uid, [{ nodeId: "n0", taskUid: null, role: "undo", status: "hinted" }, ...undone]);
}

const documentsOf = async (uid: string): Promise<unknown> =>
  (await nodeRequest(nodes[1] as TestNode, "GET", `/indexes/${uid}/documents`)).body.total;

test("whatever has become of what is kept for it, it goes back to the old name with its documents, and waits for that", async () => {
  fleet.away.add("n1");
  const task = await leftBehind("undo", { silent: ["n1"] });
  await fleet.follow(async () => (await fleet.tasks.get(task.uid))?.flow?.step === SETTLING);
  // It serves nothing until then, and whoever waits for the names goes on.
  expect(fleet.suspects).toEqual(["n1"]);
  const open = [(await fleet.tasks.get(task.uid)) as Task];
  expect([[...unsettledNodes(open)], [...renamingIndexes(open)]]).toEqual([["n1"], []]);
  fleet.away.delete("n1");
  expect(await fleet.end(task)).toMatchObject({ status: "failed", error: { code: "miroir_node_unavailable" } });
  expect([await documentsOf(from), await documentsOf(to)]).toEqual([1, undefined]);
  expect(fleet.missed).toEqual([]);
});

test("a node that has failed to go back is told again", async () => {
  const error = { ...ERROR, code: "internal" };
  const task = await leftBehind("undo", {}, [{ nodeId: "n1", taskUid: 9, role: "undo", status: "failed", error }]);
  expect(await fleet.end(task)).toMatchObject({ status: "failed" });
  expect([await documentsOf(from), await documentsOf(to)]).toEqual([1, undefined]);
});

test("what has come to the old name meanwhile goes, and not the documents", async () => {
  const task = await leftBehind(SETTLING, { silent: ["n1", "gone"] });
  await runTask(nodes[1] as TestNode, "POST", "/indexes", { uid: from, primaryKey: "other" });
  expect(await fleet.end(task)).toMatchObject({ status: "failed" });
  expect([await documentsOf(from), await documentsOf(to)]).toEqual([1, 0]);
});

test("a node that has lost its disk, or has never had the new name, is right as it is", async () => {
  const task = await leftBehind(SETTLING, { silent: ["n1"] });
  await runTask(nodes[1] as TestNode, "DELETE", `/indexes/${to}`);
  expect(await fleet.end(task)).toMatchObject({ status: "failed" });
  expect([await documentsOf(from), await documentsOf(to)]).toEqual([undefined, undefined]);
});

test("an index that nodes do not have, or a name that another one has: no node renames that one when it is taken back", async () => {
  const entry = fleet.catalog.visible(from);
  // As it stands after a write that was to make it, and that nobody was told of.
  await fleet.catalog.put({ ...entry, uid: to, state: "creating" });
  const absent = await updateIndex(fleet.deps, { uid: to, newUid: from });
  expect(await fleet.end(absent)).toMatchObject({ status: "failed", error: { code: "index_not_found" } });
  await runTask(nodes[1] as TestNode, "POST", "/indexes", { uid: to, primaryKey: "other" });
  const taken = await updateIndex(fleet.deps, { uid: from, newUid: to });
  expect(await fleet.end(taken)).toMatchObject({ status: "failed", error: { code: "index_already_exists" } });
  expect([await documentsOf(from), await documentsOf(to)]).toEqual([1, 0]);
});
