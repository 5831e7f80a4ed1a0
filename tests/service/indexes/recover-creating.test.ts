/** What a router that stopped in the middle of making or deleting an index does at its next start. */
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import type { IndexState } from "../../../src/core/catalog/index-entry.ts";
import { followMaking } from "../../../src/services/admission/follow-making.ts";
import { readBirths } from "../../../src/services/broadcast/index-births.ts";
import { CREATE_INDEX, createIndex } from "../../../src/services/indexes/create-index.ts";
import { type Making, recoverCreating } from "../../../src/services/indexes/recover-creating.ts";
import type { Task } from "../../../src/core/tasks/task.ts";
import type { TaskDraft } from "../../../src/services/tasks/task-registry.ts";
import { SETTINGS_FLOW } from "../../../src/services/settings/open-changes.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, runTask, startNodes, type TestNode, waitForTask } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "./small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
let fleet: SmallFleet;

beforeAll(async () => {
  nodes = await startNodes(2);
  fleet = createSmallFleet({
    clients: clientsOf(nodes),
  });
}, 60_000);
afterAll(async () => {
  await fleet.close();
  await Promise.all(nodes.map((node) => node.stop()));
});

/** Indexes whose nodes are to be followed until they have carried out what they were told. */
let followed: Making[] = [];
const follow = (making: Making): void => void followed.push(making);
beforeEach(() => {
  followed = [];
  fleet.suspects.length = 0;
});
const carriedOut = (): Promise<unknown> =>
  Promise.all(followed.map((making) => followMaking(fleet.deps, making, AbortSignal.timeout(30_000))));

async function entry(uid: string, state: IndexState): Promise<void> {
  const times = { createdAt: 1, updatedAt: 1 };
  await fleet.catalog.put({ uid, primaryKey: "id", shards: 4, state, settingsVersion: 0, settings: {}, ...times });
}

test("an index that no task will finish is told to all nodes again and becomes visible", async () => {
  await entry("half_made", "creating");
  await nodeRequest(nodes[0] as TestNode, "POST", "/indexes", { uid: "half_made", primaryKey: "id" });
  await recoverCreating(fleet.deps, { creating: ["half_made"], isOpen: async () => false, follow });
  expect(followed.map(({ uid }) => uid)).toEqual(["half_made"]);
  expect(fleet.catalog.get("half_made")?.state).toBe("creating");
  await carriedOut();
  expect(fleet.catalog.visible("half_made").state).toBe("ready");
  expect(fleet.suspects).toEqual([]);
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

test("a node that does not carry out what it was told is looked at before it serves, and is not held to have the index", async () => {
  await entry("half_failed", "creating");
  const [, failing] = nodes as [TestNode, TestNode];
  await recoverCreating(fleet.deps, { creating: ["half_failed"], isOpen: async () => false, follow });
  const [making] = followed;
  expect(making?.nodeTasks.map(({ nodeId, taskUid }) => [nodeId, typeof taskUid])).toEqual([
    ["n0", "number"],
    ["n1", "number"],
  ]);
  // A task that it refuses to carry out stands for the one that sets the markers.
  const { body } = await nodeRequest(failing, "POST", "/indexes", { uid: "half_failed", primaryKey: "id" });
  const nodeTasks = [making!.nodeTasks[0]!, { nodeId: "n1", taskUid: body.taskUid as number }];
  await followMaking(fleet.deps, { ...making!, nodeTasks }, AbortSignal.timeout(30_000));
  expect(fleet.catalog.visible("half_failed").state).toBe("ready");
  expect(new Set(fleet.suspects)).toEqual(new Set(["n1"]));
  expect(["n0", "n1"].map((nodeId) => fleet.deps.versions.get("half_failed", nodeId))).toEqual([0, undefined]);
});

test("an index that was deleted, or made anew, while it was followed is left as it is", async () => {
  await entry("gone_since", "creating");
  await recoverCreating(fleet.deps, { creating: ["gone_since"], isOpen: async () => false, follow });
  await fleet.catalog.remove("gone_since", () => true);
  await carriedOut();
  expect(fleet.catalog.get("gone_since")).toBeUndefined();
  await entry("gone_since", "creating");
  await followMaking(fleet.deps, { ...followed[0]!, createdAt: 0 }, AbortSignal.timeout(30_000));
  expect(fleet.catalog.get("gone_since")?.state).toBe("creating");
  expect(fleet.suspects).toEqual([]);
});

test("an index that a task is still about is left to that task", async () => {
  await entry("being_made", "creating");
  await recoverCreating(fleet.deps, { creating: ["being_made"], isOpen: async (uid) => uid === "being_made", follow });
  expect(fleet.catalog.get("being_made")?.state).toBe("creating");
  expect(followed).toEqual([]);
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
  const recovering = recoverCreating(fleet.deps, { creating: ["at_once"], isOpen, follow });
  await Bun.sleep(200);
  noted.resolve();
  await recovering;
  expect(await fleet.end(await making)).toMatchObject({ status: "succeeded", error: null });
});

test("a deletion that was never noted has not happened", async () => {
  await entry("kept", "deleting");
  await recoverCreating(fleet.deps, { creating: [], isOpen: async () => false, follow });
  expect(fleet.catalog.visible("kept").state).toBe("ready");
  // It may have been one that was still to be made.
  for (const node of nodes) {
    const { body: tasks } = await nodeRequest(node, "GET", "/tasks?indexUids=kept&types=settingsUpdate");
    await waitForTask(node, tasks.results[0].uid);
    const { body } = await nodeRequest(node, "GET", "/indexes/kept");
    expect(body).toMatchObject({ uid: "kept", primaryKey: "id" });
  }
});

test("a deletion that was never noted is known as such also while another task waits for its end", async () => {
  await entry("waited_for", "deleting");
  const isOpen = async (_uid: string, types?: readonly string[]): Promise<boolean> =>
    types === undefined || types.includes("settingsUpdate");
  await recoverCreating(fleet.deps, { creating: [], isOpen, follow });
  expect(fleet.catalog.get("waited_for")?.state).toBe("ready");
});
