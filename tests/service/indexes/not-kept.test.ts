/** Nodes have been told, and then the router cannot keep what it needs to go on: it is taken back, or goes on all the same. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import { apiError } from "../../../src/core/errors/api-error.ts";
import type { Task } from "../../../src/core/tasks/task.ts";
import type { NodeClient, NodeRequest } from "../../../src/nodes/node-client.ts";
import { createIndex } from "../../../src/services/indexes/create-index.ts";
import { deleteIndex } from "../../../src/services/indexes/delete-index.ts";
import { ENSURE_INDEX_FLOW, ensureIndex } from "../../../src/services/indexes/ensure-index.ts";
import { changeSettings } from "../../../src/services/settings/change-settings.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, startNodes, type TestNode } from "../../support/nodes.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { createSmallFleet, type SmallFleet } from "./small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
let clients: NodeClient[];
let fleet: SmallFleet;
let uid: string;
let count = 0;

beforeAll(async () => {
  nodes = await startNodes(3);
}, 60_000);
afterAll(() => Promise.all(nodes.map((node) => node.stop())));
beforeEach(() => {
  clients = clientsOf(nodes);
  fleet = createSmallFleet({ clients });
  uid = `kept_${++count}`;
});
afterEach(() => fleet.close());

const storeFails = (): Promise<never> => Promise.reject(apiError("miroir_store_unavailable", "The store is away."));

/** What the catalog is to take fails, once. */
function failingOnce(what: "put" | "change"): void {
  const real = fleet.catalog[what];
  Object.assign(fleet.catalog, {
    [what]: () => {
      Object.assign(fleet.catalog, { [what]: real });
      return storeFails();
    },
  });
}

// oxlint-disable-next-line typescript/no-explicit-any
async function onNodes(path: string): Promise<any[]> {
  return Promise.all(nodes.map(async (node) => (await nodeRequest(node, "GET", path)).body));
}

async function newestTask(of: SmallFleet = fleet): Promise<Task> {
  const [task] = (await of.store.list({}, { limit: 1 })).tasks;
  return task as Task;
}

const settings = (patch: object) => ({ uid, patch: patch as never, single: null, mayCreate: true });

test("settings that make an index of which nothing could be kept: the task ends, and no node keeps the index", async () => {
  failingOnce("put");
  expect(await rejectionOf(changeSettings(fleet.deps, settings({ stopWords: ["a"] })))).toMatchObject({ status: 503 });
  const ended = await fleet.end(await newestTask());
  expect(ended).toMatchObject({ status: "failed", error: { code: "miroir_store_unavailable" } });
  for (const answer of await onNodes(`/indexes/${uid}`)) expect(answer.code).toBe("index_not_found");
  expect(fleet.catalog.get(uid)).toBeUndefined();
  expect(fleet.deps.changes.any()).toBe(false);
});

test("an index that is on all nodes, and of which that could not be noted, is taken back as the client was told", async () => {
  const { tasks } = fleet.deps;
  let failures = 1;
  const dispatch: typeof tasks.dispatch = (...of) => (failures-- > 0 ? storeFails() : tasks.dispatch(...of));
  const deps = { ...fleet.deps, tasks: { ...tasks, dispatch } };
  expect(await rejectionOf(createIndex(deps, { uid, primaryKey: "id" }))).toMatchObject({ status: 503 });
  const ended = await fleet.end(await newestTask());
  expect(ended).toMatchObject({ status: "failed", error: { code: "miroir_store_unavailable" } });
  for (const answer of await onNodes(`/indexes/${uid}`)) expect(answer.code).toBe("index_not_found");
  expect(fleet.catalog.get(uid)).toBeUndefined();
});

test("the documents that somebody has written to it meanwhile stay, only the settings are taken back", async () => {
  failingOnce("put");
  expect(await rejectionOf(changeSettings(fleet.deps, settings({ stopWords: ["a"] })))).toMatchObject({ status: 503 });
  const failed = await newestTask();
  const written = await writeTo("id");
  expect(await fleet.end(failed)).toMatchObject({ status: "failed" });
  expect(await fleet.end(written)).toMatchObject({ status: "succeeded" });
  for (const answer of await onNodes(`/indexes/${uid}/documents`)) expect(answer.total).toBe(1);
  for (const shown of await onNodes(`/indexes/${uid}/settings`)) expect(shown.stopWords).toEqual([]);
  expect(fleet.catalog.visible(uid).primaryKey).toBe("id");
});

test("an index that one node fails to make in the end stays with whoever has come to use it", async () => {
  failToMake(1);
  const creating = await createIndex(fleet.deps, { uid, primaryKey: "id" });
  const written = await writeTo("id");
  expect(await fleet.end(creating)).toMatchObject({ status: "failed", error: { code: "index_not_found" } });
  expect(await fleet.end(written)).toMatchObject({ status: "succeeded" });
  for (const answer of await onNodes(`/indexes/${uid}/documents`)) expect(answer.total).toBe(1);
  expect(fleet.catalog.visible(uid).state).toBe("ready");
});

test("and so do settings that were given to it before it failed", async () => {
  failToMake(1);
  const creating = await createIndex(fleet.deps, { uid, primaryKey: "id" });
  const changed = await changeSettings(fleet.deps, settings({ stopWords: ["a"] }));
  const written = await writeTo("id");
  expect(await fleet.end(creating)).toMatchObject({ status: "failed" });
  expect(await fleet.end(written)).toMatchObject({ status: "succeeded" });
  expect(await fleet.end(changed)).toMatchObject({ status: "succeeded" });
  for (const shown of await onNodes(`/indexes/${uid}/settings`)) expect(shown.stopWords).toEqual(["a"]);
  expect(fleet.catalog.visible(uid).settings).toEqual({ stopWords: ["a"] });
});

test("a node that falls behind between the settings that make an index and its markers gets these later", async () => {
  let isBehind = false;
  const real = clients[1] as NodeClient;
  const send: NodeClient["send"] = async (request, signal) => {
    if (request.method === "PATCH") isBehind = true;
    return real.send(request, signal);
  };
  const behind = createSmallFleet({ clients: clients.with(1, { ...real, send }) });
  const missed = { pending: (nodeId: string) => nodeId === "n1" && isBehind, place: behind.deps.missed.place };
  const changing = await changeSettings({ ...behind.deps, missed }, settings({ stopWords: ["a"] }));
  expect(behind.missed).toEqual([{ nodeId: "n1", method: "PATCH", path: `/indexes/${uid}/settings` }]);
  isBehind = false;
  expect(await behind.end(changing)).toMatchObject({ status: "succeeded" });
  await behind.close();
});

test("what cannot be kept for a node that is away is taken back from the others", async () => {
  const silent: NodeClient = {
    ...(clients[2] as NodeClient),
    send: async () => ({ kind: "unavailable", nodeId: "n2", reason: "connection", ambiguous: false, message: "gone" }),
  };
  const available = createSmallFleet({ clients: clients.with(2, silent), policy: "available" });
  available.away.add("n2");
  const place = () => ({ hold: () => {}, record: storeFails, release: () => {} });
  const deps = { ...available.deps, missed: { pending: () => false, place } };
  expect(await rejectionOf(createIndex(deps, { uid, primaryKey: null }))).toMatchObject({ status: 503 });
  const ended = await available.end(await newestTask(available));
  expect(ended).toMatchObject({ status: "failed", error: { code: "miroir_store_unavailable" } });
  for (const answer of await onNodes(`/indexes/${uid}`)) expect(answer.code).toBe("index_not_found");
  expect(available.catalog.get(uid)).toBeUndefined();
  // Nobody knows what the store has kept for it, so what takes it back is kept behind that.
  expect(available.missed.map(({ nodeId, method }) => [nodeId, method])).toEqual([["n2", "DELETE"]]);
  await available.close();
});

test("a deletion that nodes have been told of goes on, though the client is told of a failure", async () => {
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  const lost = losingDeletions(2);
  const place = () => ({ hold: () => {}, record: storeFails, release: () => {} });
  const deps = { ...lost.deps, missed: { pending: () => false, place } };
  lost.entries.set(uid, fleet.catalog.visible(uid));
  expect(await rejectionOf(deleteIndex(deps, uid))).toMatchObject({ status: 503 });
  expect(lost.catalog.get(uid)?.state).toBe("deleting");
  expect(await lost.end(await newestTask(lost))).toMatchObject({ status: "succeeded" });
  for (const answer of await onNodes(`/indexes/${uid}`)) expect(answer.code).toBe("index_not_found");
  expect(lost.catalog.get(uid)).toBeUndefined();
  await lost.close();
});

test("a node that got a new index only later is looked at before it serves", async () => {
  const available = createSmallFleet({ clients, policy: "available" });
  available.away.add("n2");
  await available.end(await createIndex(available.deps, { uid, primaryKey: null }));
  expect(available.suspects).toEqual(["n2"]);
  expect(["n0", "n2"].map((nodeId) => available.deps.versions.get(uid, nodeId))).toEqual([0, undefined]);
  await available.close();
});

/** The first index that a node is told to make it does not make: its task fails. */
function failToMake(place: number): void {
  const client = clients[place] as NodeClient;
  const real = { ...client };
  let isToFail = true;
  Object.assign(client, {
    send: (request: NodeRequest, signal?: AbortSignal) => {
      if (request.operation !== "indexes.create" || !isToFail) return real.send(request, signal);
      isToFail = false;
      const { body: _body, ...bare } = request;
      return real.send({ ...bare, method: "DELETE", path: "/indexes/not-there" }, signal);
    },
  });
}

test("what was prepared for an index that is gone does not make the next of its name visible", async () => {
  const older = await writeTo("id");
  await fleet.deps.catalog.remove(uid, () => true);
  const { entry } = await ensureIndex(fleet.deps, uid, "id");
  expect(entry.createdAt).not.toBe(older.flow?.data["preparedFor"]);
  expect(await fleet.end(older)).toMatchObject({ status: "succeeded" });
  expect(fleet.catalog.get(uid)?.state).toBe("creating");
  expect(fleet.deps.versions.get(uid, "n0")).toBeUndefined();
  expect(await fleet.end(await writeTo("id"))).toMatchObject({ status: "succeeded" });
  expect(fleet.catalog.get(uid)?.state).toBe("ready");
});

/** One document on every node, with the index made for it first. */
async function writeTo(primaryKey: string): Promise<Task> {
  const { prepare, entry } = await ensureIndex(fleet.deps, uid, primaryKey);
  const task = await fleet.tasks.register({ type: "documentAdditionOrUpdate", indexUid: uid, details: null });
  const writes = clients.map(({ nodeId }) => ({
    nodeId,
    request: {
      method: "POST" as const,
      path: `/indexes/${uid}/documents?primaryKey=${primaryKey}`,
      body: JSON.stringify([{ [primaryKey]: 1 }]),
      contentType: "application/json",
      operation: "documents.add",
      timeoutMs: 10_000,
      repeat: "once" as const,
    },
  }));
  const outcomes = await fleet.deps.lanes.submit(uid, [...prepare.map((entry) => entry()), ...writes]);
  const nodeTasks = outcomes.map((outcome, place) => {
    if (outcome.kind !== "enqueued") throw new TypeError("the node did not take it");
    const role = place < prepare.length ? ("prepare" as const) : ("main" as const);
    const tolerated = ["index_already_exists", "index_primary_key_already_exists"];
    return { nodeId: outcome.nodeId, taskUid: outcome.taskUid, role, status: "enqueued" as const, tolerated };
  });
  const data = { preparedFor: entry.createdAt };
  return fleet.tasks.dispatch(task.uid, nodeTasks, { ...ENSURE_INDEX_FLOW, data });
}

/** The first deletion that a node is told never reaches it. */
function losingDeletions(place: number): SmallFleet {
  const real = clients[place] as NodeClient;
  let isLost = false;
  const flaky: NodeClient = {
    ...real,
    send: async (request, signal) => {
      if (request.method !== "DELETE" || isLost) return real.send(request, signal);
      isLost = true;
      return { kind: "unavailable", nodeId: real.nodeId, reason: "connection", ambiguous: false, message: "gone" };
    },
  };
  return createSmallFleet({ clients: clients.with(place, flaky) });
}
