/** Indexes over three real nodes: what a client is told, what the nodes have, what the catalog says. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import type { NodeClient } from "../../../src/nodes/node-client.ts";
import { createIndex } from "../../../src/services/indexes/create-index.ts";
import { deleteIndex } from "../../../src/services/indexes/delete-index.ts";
import {
  ENSURE_INDEX_FLOW,
  ensureIndex,
  fixPrimaryKey,
  PREPARE_TOLERATED,
} from "../../../src/services/indexes/ensure-index.ts";
import { listIndexes } from "../../../src/services/indexes/list-indexes.ts";
import { swapIndexes } from "../../../src/services/indexes/swap-indexes.ts";
import { changeSettings } from "../../../src/services/settings/change-settings.ts";
import { updateIndex } from "../../../src/services/indexes/update-index.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, runTask, startNodes, type TestNode, waitForTask } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "./small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
let fleet: SmallFleet;
let clients: NodeClient[];
let count = 0;
const fresh = (): string => `index_${++count}`;

beforeAll(async () => {
  nodes = await startNodes(3);
}, 60_000);
afterAll(() => Promise.all(nodes.map((node) => node.stop())));
beforeEach(() => {
  clients = clientsOf(nodes);
  fleet = createSmallFleet({ clients });
});
afterEach(() => fleet.close());

/** The same question to all nodes. */
// oxlint-disable-next-line typescript/no-explicit-any
async function onNodes(path: string): Promise<any[]> {
  return Promise.all(nodes.map(async (node) => (await nodeRequest(node, "GET", path)).body));
}

/** Until the node has carried out all that it was given. */
async function nodesIdle(node: TestNode): Promise<void> {
  while ((await nodeRequest(node, "GET", "/tasks?statuses=enqueued,processing&limit=1")).body.total > 0) {
    await Bun.sleep(5);
  }
}

/** A client that takes the place of one of the fleet's and loses what `lost` says. */
function losing(place: number, lost: (path: string, method: string) => boolean): SmallFleet {
  const real = clients[place] as NodeClient;
  const flaky: NodeClient = {
    ...real,
    send: async (request, signal) =>
      lost(request.path, request.method)
        ? { kind: "unavailable", nodeId: real.nodeId, reason: "connection", ambiguous: false, message: "gone" }
        : real.send(request, signal),
  };
  return createSmallFleet({ clients: clients.with(place, flaky) });
}

test("a created index is on every node with its markers, and visible only then", async () => {
  const uid = fresh();
  const task = await createIndex(fleet.deps, { uid, primaryKey: "id" });
  expect(task.status).toBe("enqueued");
  expect(fleet.catalog.get(uid)?.state).toBe("creating");
  const ended = await fleet.end(task);
  expect(ended).toMatchObject({ status: "succeeded", type: "indexCreation", details: { primaryKey: "id" } });
  expect(fleet.catalog.visible(uid)).toMatchObject({ primaryKey: "id", state: "ready", settingsVersion: 0 });
  for (const settings of await onNodes(`/indexes/${uid}/settings`)) {
    expect(settings.sortableAttributes).toEqual(["_miroir_seq"]);
    expect(settings.rankingRules.at(-1)).toBe("_miroir_seq:asc");
    expect(settings.filterableAttributes[0].attributePatterns).toEqual(["_miroir_shard", "_miroir_none"]);
    expect(settings.faceting.maxValuesPerFacet).toBe(1000);
  }
});

test("creating an index again fails as a task, in the engine's words", async () => {
  const uid = fresh();
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: null }));
  const again = await createIndex(fleet.deps, { uid, primaryKey: null });
  expect(again.status).toBe("enqueued");
  const ended = await fleet.end(again);
  expect(ended.error).toMatchObject({ code: "index_already_exists", message: `Index \`${uid}\` already exists.` });
});

test("a node that has an index nobody knows of makes the creation fail everywhere, and keeps its index", async () => {
  const uid = fresh();
  const stranger = nodes[1] as TestNode;
  const { body: strange } = await nodeRequest(stranger, "POST", "/indexes", { uid, primaryKey: "mine" });
  const ended = await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  expect(ended).toMatchObject({ status: "failed", error: { code: "index_already_exists" } });
  expect(fleet.catalog.get(uid)).toBeUndefined();
  // A node has an index a moment before it has its key.
  await waitForTask(stranger, strange.taskUid);
  const [first, second, third] = await onNodes(`/indexes/${uid}`);
  expect([first.code, third.code]).toEqual(["index_not_found", "index_not_found"]);
  expect(second.primaryKey).toBe("mine");
});

test("with a node away nothing is sent and the answer names it", async () => {
  const uid = fresh();
  fleet.away.add("n1");
  const refusal = createIndex(fleet.deps, { uid, primaryKey: null });
  expect(refusal).rejects.toMatchObject({ status: 503, code: "miroir_node_unavailable" });
  expect(refusal).rejects.toThrow("`n1`");
  expect(fleet.catalog.get(uid)).toBeUndefined();
  for (const answer of await onNodes(`/indexes/${uid}`)) expect(answer.code).toBe("index_not_found");
});

test("a node lost in the instant of creating is undone on the others", async () => {
  const uid = fresh();
  const flaky = losing(2, (path, method) => method === "POST" && path === "/indexes");
  expect(createIndex(flaky.deps, { uid, primaryKey: null })).rejects.toMatchObject({ status: 503 });
  await Bun.sleep(0);
  const [task] = (await flaky.store.list({}, { limit: 1 })).tasks;
  const ended = await flaky.end(task as never);
  expect(ended).toMatchObject({ status: "failed", error: { code: "miroir_node_unavailable" } });
  for (const answer of await onNodes(`/indexes/${uid}`)) expect(answer.code).toBe("index_not_found");
  expect(flaky.catalog.get(uid)).toBeUndefined();
  await flaky.close();
});

test("while a node does not say what it has by the name, no node is told to make an index", async () => {
  const uid = fresh();
  const flaky = losing(1, (path, method) => method === "GET" && path === `/indexes/${uid}`);
  const gone = { status: 503, code: "miroir_node_unavailable" };
  expect(createIndex(flaky.deps, { uid, primaryKey: null })).rejects.toMatchObject(gone);
  const change = { uid, patch: { stopWords: ["a"] }, single: null, mayCreate: true };
  expect(changeSettings(flaky.deps, change)).rejects.toMatchObject(gone);
  await Bun.sleep(0);
  expect((await flaky.store.list({}, { limit: 1 })).total).toBe(0);
  expect(flaky.catalog.get(uid)).toBeUndefined();
  for (const answer of await onNodes(`/indexes/${uid}`)) expect(answer.code).toBe("index_not_found");
  await flaky.close();
});

test("policy `available` creates on the others and remembers the absent node's part in order", async () => {
  const uid = fresh();
  const available = createSmallFleet({ clients, policy: "available" });
  available.away.add("n2");
  const ended = await available.end(await createIndex(available.deps, { uid, primaryKey: null }));
  expect(ended.status).toBe("succeeded");
  expect(available.missed).toEqual([
    { nodeId: "n2", method: "POST", path: "/indexes" },
    { nodeId: "n2", method: "PATCH", path: `/indexes/${uid}/settings` },
  ]);
  expect((await onNodes(`/indexes/${uid}`)).map((answer) => answer.code)).toEqual([
    undefined,
    undefined,
    "index_not_found",
  ]);
  await available.close();
});

test("a deleted index is gone from nodes and catalog; a missing one fails as a task", async () => {
  const uid = fresh();
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: null }));
  const deleting = await deleteIndex(fleet.deps, uid);
  expect(fleet.catalog.visible(uid).state).toBe("deleting");
  const ended = await fleet.end(deleting);
  expect(ended).toMatchObject({ status: "succeeded", details: { deletedDocuments: 0 } });
  expect(fleet.catalog.get(uid)).toBeUndefined();
  for (const answer of await onNodes(`/indexes/${uid}`)) expect(answer.code).toBe("index_not_found");
  const missing = await fleet.end(await deleteIndex(fleet.deps, uid));
  expect(missing.error).toMatchObject({ code: "index_not_found", message: `Index \`${uid}\` not found.` });
});

test("an index made anew while the old one is being deleted survives the deletion", async () => {
  const uid = fresh();
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "old" }));
  const deleting = await deleteIndex(fleet.deps, uid);
  await Bun.sleep(2);
  const creating = await createIndex(fleet.deps, { uid, primaryKey: "new" });
  expect((await fleet.end(deleting)).status).toBe("succeeded");
  expect((await fleet.end(creating)).status).toBe("succeeded");
  expect(fleet.catalog.visible(uid)).toMatchObject({ primaryKey: "new", state: "ready" });
  for (const answer of await onNodes(`/indexes/${uid}`)) expect(answer.primaryKey).toBe("new");
});

test("a primary key that one node's documents forbid is taken back from the nodes without documents", async () => {
  const uid = fresh();
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  const holder = nodes[0] as TestNode;
  await nodeRequest(holder, "POST", `/indexes/${uid}/documents`, [{ id: 1, other: 2 }]);
  const ended = await fleet.end(await updateIndex(fleet.deps, { uid, primaryKey: "other" }));
  expect(ended).toMatchObject({ status: "failed", error: { code: "index_primary_key_already_exists" } });
  for (const answer of await onNodes(`/indexes/${uid}`)) expect(answer.primaryKey).toBe("id");
  expect(fleet.catalog.visible(uid).primaryKey).toBe("id");
});

test("a renamed index has its new name everywhere and keeps its settings", async () => {
  const [uid, newUid] = [fresh(), fresh()];
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: null }));
  const ended = await fleet.end(await updateIndex(fleet.deps, { uid, newUid, primaryKey: "key" }));
  expect(ended).toMatchObject({
    status: "succeeded",
    details: { primaryKey: "key", oldIndexUid: uid, newIndexUid: newUid },
  });
  expect(fleet.catalog.get(uid)).toBeUndefined();
  expect(fleet.catalog.visible(newUid)).toMatchObject({ uid: newUid, primaryKey: "key" });
  for (const answer of await onNodes(`/indexes/${newUid}`)) expect(answer.primaryKey).toBe("key");
});

test("a swap exchanges nodes' indexes and catalog entries; one that a node refuses exchanges nothing", async () => {
  const [left, right] = [fresh(), fresh()];
  await fleet.end(await createIndex(fleet.deps, { uid: left, primaryKey: "l" }));
  await Bun.sleep(2);
  await fleet.end(await createIndex(fleet.deps, { uid: right, primaryKey: "r" }));
  const done = await fleet.end(await swapIndexes(fleet.deps, [{ indexes: [left, right], rename: false }]));
  expect(done).toMatchObject({ status: "succeeded", indexUid: null });
  expect([fleet.catalog.visible(left).primaryKey, fleet.catalog.visible(right).primaryKey]).toEqual(["r", "l"]);
  for (const answer of await onNodes(`/indexes/${left}`)) expect(answer.primaryKey).toBe("r");

  await nodeRequest(nodes[1] as TestNode, "DELETE", `/indexes/${right}`);
  const failed = await fleet.end(await swapIndexes(fleet.deps, [{ indexes: [left, right], rename: false }]));
  expect(failed).toMatchObject({ status: "failed", error: { code: "index_not_found" } });
  expect(fleet.catalog.visible(left).primaryKey).toBe("r");
  for (const answer of await onNodes(`/indexes/${left}`)) expect(answer.primaryKey).toBe("r");
});

test("a renaming swap moves the entry", async () => {
  const [uid, newUid] = [fresh(), fresh()];
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "k" }));
  const done = await fleet.end(await swapIndexes(fleet.deps, [{ indexes: [uid, newUid], rename: true }]));
  expect(done.status).toBe("succeeded");
  expect(fleet.catalog.get(uid)).toBeUndefined();
  expect(fleet.catalog.visible(newUid).primaryKey).toBe("k");
});

test("what a writer is given to prepare makes the index on every node before its documents, and then visible", async () => {
  const uid = fresh();
  // Left there by a change that was cut off and could not be taken back.
  await runTask(nodes[1] as TestNode, "PATCH", `/indexes/${uid}/settings`, {
    stopWords: ["left"],
    synonyms: { a: ["b"] },
  });
  const { entry, prepare } = await ensureIndex(fleet.deps, uid, "id");
  expect(entry).toMatchObject({ state: "creating", primaryKey: "id" });
  expect(prepare.map((one) => one().nodeId)).toEqual(["n0", "n0", "n1", "n1", "n2", "n2"]);
  const task = await fleet.tasks.register({ type: "documentAdditionOrUpdate", indexUid: uid, details: null });
  const entries = prepare.map((one) => one());
  const outcomes = await fleet.deps.lanes.submit(uid, entries);
  const nodeTasks = outcomes.map((outcome) => {
    if (outcome.kind !== "enqueued") throw new TypeError("the node did not take it");
    return {
      nodeId: outcome.nodeId,
      taskUid: outcome.taskUid,
      role: "prepare",
      status: "enqueued",
      tolerated: PREPARE_TOLERATED,
    } as const;
  });
  await fleet.end(await fleet.tasks.dispatch(task.uid, nodeTasks, ENSURE_INDEX_FLOW));
  expect(fleet.catalog.visible(uid).state).toBe("ready");
  expect((await ensureIndex(fleet.deps, uid, "id")).prepare).toEqual([]);
  const keys = (await onNodes(`/indexes/${uid}`)).map(({ primaryKey }) => primaryKey);
  expect(keys.filter((_key, place) => place !== 1)).toEqual(["id", "id"]);
  const [first, second, third] = await onNodes(`/indexes/${uid}/settings`);
  expect([second, third]).toEqual([first, first]);
  expect(first.stopWords).toEqual([]);
});

test("a change of settings that is told to the nodes before what a writer has to prepare is not undone by it", async () => {
  const uid = fresh();
  const { prepare } = await ensureIndex(fleet.deps, uid, null);
  const change = { uid, patch: { stopWords: ["the"] }, single: null, mayCreate: true };
  const task = await changeSettings(fleet.deps, change);
  const entries = prepare.map((one) => one());
  const settings = entries.filter(({ request }) => request.path.endsWith("/settings"));
  expect(settings.map(({ request }) => JSON.parse(request.body as string).stopWords)).toEqual([
    ["the"],
    ["the"],
    ["the"],
  ]);
  await fleet.deps.lanes.submit(uid, entries);
  expect((await fleet.end(task)).status).toBe("succeeded");
  for (const node of nodes) await nodesIdle(node);
  for (const { stopWords } of await onNodes(`/indexes/${uid}/settings`)) expect(stopWords).toEqual(["the"]);
});

test("the first writer's primary key stays", async () => {
  const uid = fresh();
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: null }));
  const [first, second] = await Promise.all([fixPrimaryKey(fleet.deps, uid, "a"), fixPrimaryKey(fleet.deps, uid, "b")]);
  expect(first.prepare.length).toBe(3);
  expect(second).toMatchObject({ entry: { primaryKey: "a" }, prepare: [] });
});

test("lists show what the caller may see, sorted, with the total of it", async () => {
  for (const uid of ["z_1", "a_1", "a_2"]) await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: null }));
  const page = await listIndexes(fleet.deps, { offset: 1, limit: 1, allows: (uid) => uid.startsWith("a_") });
  expect(page).toMatchObject({ offset: 1, limit: 1, total: 2, results: [{ uid: "a_2", primaryKey: null }] });
});
