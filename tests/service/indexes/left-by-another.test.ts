/** An index that stays on a node by what was not to be: who takes it away, when several tasks were to make it. */
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import { errorBody } from "../../../src/core/errors/api-error.ts";
import type { NodeTask, Task } from "../../../src/core/tasks/task.ts";
import { CREATE_INDEX } from "../../../src/services/indexes/create-index.ts";
import { SETTINGS_FLOW } from "../../../src/services/settings/open-changes.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, runTask, startNodes, type TestNode } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "./small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: [TestNode, TestNode];
let fleet: SmallFleet;
let uid: string;
let count = 0;

beforeAll(async () => {
  nodes = (await startNodes(2)) as [TestNode, TestNode];
  fleet = createSmallFleet({ clients: clientsOf(nodes) });
}, 60_000);
afterAll(async () => {
  await fleet.close();
  await Promise.all(nodes.map((node) => node.stop()));
});
beforeEach(() => {
  uid = `left_${(count += 1)}`;
});

const NOTHING_BEFORE = { n0: {}, n1: {} };
const BORN_FIRST = 1;
const BORN_SECOND = 2;
/** What nodes show of a change that was taken back is looked at no longer, whatever it is. */
const LOOKED_AT_MS = 4_000;

const isBeingMade = (createdAt: number): Promise<void> =>
  fleet.catalog.put({
    uid,
    primaryKey: "id",
    shards: 4,
    state: "creating",
    settingsVersion: 0,
    settings: {},
    createdAt,
    updatedAt: createdAt,
  });
const onNodes = (): Promise<readonly number[]> =>
  Promise.all(nodes.map(async (node) => (await nodeRequest(node, "GET", `/indexes/${uid}`)).status));
const main = (nodeId: string, taskUid: number, status: NodeTask["status"] = "enqueued"): NodeTask => ({
  nodeId,
  taskUid,
  role: "main",
  status,
});
const creation = (createdAt: number): Promise<Task> =>
  fleet.tasks.register({
    type: "indexCreation",
    indexUid: uid,
    details: { primaryKey: "id" },
    flow: { kind: CREATE_INDEX, step: "apply", data: { uid, createdAt, before: NOTHING_BEFORE } },
  });

test("a creation that fails, since a node knows nothing of it any more, is taken back also there: it may have been made again", async () => {
  await isBeingMade(BORN_FIRST);
  for (const node of nodes) await runTask(node, "POST", "/indexes", { uid, primaryKey: "id" });
  const task = await creation(BORN_FIRST);
  await fleet.tasks.dispatch(task.uid, [main("n0", 0, "succeeded"), main("n1", 999_999)]);
  expect(await fleet.end(task)).toMatchObject({ status: "failed", error: { code: "miroir_node_task_lost" } });
  expect(await onNodes()).toEqual([404, 404]);
  expect(fleet.catalog.get(uid)).toBeUndefined();
});

test("a change that was to make an index looks after what it has left once the next creation has failed because of it", async () => {
  for (const each of nodes) await runTask(each, "PATCH", `/indexes/${uid}/settings`, { stopWords: ["a"] });
  await isBeingMade(BORN_SECOND);
  const abort = errorBody("miroir_node_unavailable", "Node `n1` was lost while it was told.");
  const about = { uid, patch: { stopWords: ["a"] }, single: null, oneByOne: false, created: true, repairs: 0 };
  const data = { ...about, createdAt: BORN_FIRST, before: NOTHING_BEFORE, abort, lost: ["n1"] };
  const flow = { kind: SETTINGS_FLOW, step: "apply", data };
  const change = await fleet.tasks.register({ type: "settingsUpdate", indexUid: uid, details: null, flow });
  const next = await creation(BORN_SECOND);
  await fleet.tasks.dispatch(change.uid, [main("n0", 0, "succeeded"), main("n1", 0, "succeeded")], flow);
  const ended = fleet.end(change);
  expect(await Promise.race([ended, Bun.sleep(LOOKED_AT_MS)])).toBeUndefined();
  expect(await onNodes()).toEqual([200, 200]);
  const { body } = await nodeRequest(nodes[0], "POST", "/indexes", { uid, primaryKey: "id" });
  await fleet.tasks.dispatch(next.uid, [main("n0", body.taskUid as number)]);
  expect(await fleet.end(next)).toMatchObject({ status: "failed", error: { code: "index_already_exists" } });
  expect(await ended).toMatchObject({ status: "failed" });
  expect(await onNodes()).toEqual([404, 404]);
});
