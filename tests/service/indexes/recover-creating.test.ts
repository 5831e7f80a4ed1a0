/** What a router that stopped in the middle of making or deleting an index does at its next start. */
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import type { IndexState } from "../../../src/core/catalog/index-entry.ts";
import { createHttpNodeClient } from "../../../src/nodes/http/http-node-client.ts";
import { readBirths } from "../../../src/services/broadcast/index-births.ts";
import { CREATE_INDEX, createIndex } from "../../../src/services/indexes/create-index.ts";
import { recoverCreating } from "../../../src/services/indexes/recover-creating.ts";
import type { Task } from "../../../src/core/tasks/task.ts";
import type { TaskDraft } from "../../../src/services/tasks/task-registry.ts";
import { SETTINGS_FLOW } from "../../../src/services/settings/open-changes.ts";
import { nodeRequest, runTask, startNodes, type TestNode, waitForTask } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "./small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
let fleet: SmallFleet;

beforeAll(async () => {
  nodes = await startNodes(2);
  fleet = createSmallFleet({
    clients: nodes.map((node, place) =>
      createHttpNodeClient({ nodeId: `n${place}`, address: node.url, masterKey: node.masterKey }),
    ),
  });
}, 60_000);
afterAll(async () => {
  await fleet.close();
  await Promise.all(nodes.map((node) => node.stop()));
});

/** Indexes of which it is to be looked at whether the nodes have carried out what they were told. */
let looked: string[] = [];
const look = (uid: string): void => void looked.push(uid);
beforeEach(() => {
  looked = [];
});

async function entry(uid: string, state: IndexState): Promise<void> {
  const times = { createdAt: 1, updatedAt: 1 };
  await fleet.catalog.put({ uid, primaryKey: "id", shards: 4, state, settingsVersion: 0, settings: {}, ...times });
}

test("an index that no task will finish is told to all nodes again and becomes visible", async () => {
  await entry("half_made", "creating");
  await nodeRequest(nodes[0] as TestNode, "POST", "/indexes", { uid: "half_made", primaryKey: "id" });
  await recoverCreating(fleet.deps, { creating: ["half_made"], isOpen: async () => false, look });
  expect(fleet.catalog.visible("half_made").state).toBe("ready");
  expect(looked).toEqual(["half_made"]);
  for (const node of nodes) {
    const { body: tasks } = await nodeRequest(node, "GET", "/tasks?indexUids=half_made&types=settingsUpdate");
    await waitForTask(node, tasks.results[0].uid);
    const { body } = await nodeRequest(node, "GET", "/indexes/half_made/settings");
    expect(body.sortableAttributes).toEqual(["_miroir_seq"]);
  }
});

for (const kind of [CREATE_INDEX, SETTINGS_FLOW]) {
  test(`${kind}: a creation that was cut off takes away what it has made, and no index that somebody made past the router`, async () => {
    const uid = `cut_off_${kind.replaceAll("-", "_")}`;
    const [mine, foreign] = nodes as [TestNode, TestNode];
    await runTask(foreign, "POST", `/indexes/${uid}/documents`, [{ id: 1 }]);
    const before = await readBirths(fleet.deps, ["n0", "n1"], [uid]);
    await entry(uid, "creating");
    // The router got as far as telling both nodes.
    for (const node of nodes) await runTask(node, "POST", "/indexes", { uid, primaryKey: "id" });
    const data = { uid, createdAt: 1, before, patch: {}, single: null, oneByOne: false, created: true, repairs: 0 };
    const task = await fleet.tasks.register({
      type: kind === CREATE_INDEX ? "indexCreation" : "settingsUpdate",
      indexUid: uid,
      details: null,
      flow: { kind, step: "apply", data },
    });
    await fleet.tasks.adopt();
    expect(await fleet.end(task)).toMatchObject({ status: "failed", error: { code: "miroir_task_interrupted" } });
    expect(fleet.catalog.get(uid)).toBeUndefined();
    expect((await nodeRequest(mine, "GET", `/indexes/${uid}`)).status).toBe(404);
    expect((await nodeRequest(foreign, "GET", `/indexes/${uid}/documents/1`)).body).toEqual({ id: 1 });
  });
}

test("an index that a task is still about is left to that task", async () => {
  await entry("being_made", "creating");
  await recoverCreating(fleet.deps, { creating: ["being_made"], isOpen: async (uid) => uid === "being_made", look });
  expect(fleet.catalog.get("being_made")?.state).toBe("creating");
  expect(looked).toEqual([]);
});

test("an index that is being made at this moment is left to whoever makes it, although its task is noted only then", async () => {
  const noted = Promise.withResolvers<void>();
  const register = async (draft: TaskDraft): Promise<Task> => {
    await noted.promise;
    return fleet.tasks.register(draft);
  };
  const tasks = { ...fleet.tasks, register };
  const making = createIndex({ ...fleet.deps, tasks }, { uid: "at_once", primaryKey: "id" });
  while (fleet.catalog.get("at_once") === undefined) await Bun.sleep(1);
  const isOpen = async (uid: string): Promise<boolean> =>
    (await fleet.store.list({ indexUids: [uid], statuses: ["enqueued", "processing"] }, { limit: 1 })).total > 0;
  const recovering = recoverCreating(fleet.deps, { creating: ["at_once"], isOpen, look });
  await Bun.sleep(200);
  noted.resolve();
  await recovering;
  expect(await fleet.end(await making)).toMatchObject({ status: "succeeded", error: null });
});

test("a deletion that was never noted has not happened", async () => {
  await entry("kept", "deleting");
  await recoverCreating(fleet.deps, { creating: [], isOpen: async () => false, look });
  expect(fleet.catalog.visible("kept").state).toBe("ready");
  // It may have been one that was still to be made.
  for (const node of nodes) {
    const { body: tasks } = await nodeRequest(node, "GET", "/tasks?indexUids=kept&types=settingsUpdate");
    await waitForTask(node, tasks.results[0].uid);
    const { body } = await nodeRequest(node, "GET", "/indexes/kept");
    expect(body).toMatchObject({ uid: "kept", primaryKey: "id" });
  }
});
