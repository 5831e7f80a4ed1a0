/** An index that could not be made on every node: what is taken away again, whatever comes late or is made meanwhile. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import type { NodeClient, NodeRequest } from "../../../src/nodes/node-client.ts";
import type { NodeOutcome } from "../../../src/nodes/node-outcome.ts";
import { PLAIN_FORM } from "../../../src/core/settings/node-form.ts";
import { apiError } from "../../../src/core/errors/api-error.ts";
import { tell } from "../../../src/services/broadcast/advance-broadcast.ts";
import { createIndex } from "../../../src/services/indexes/create-index.ts";
import { DELETE_INDEX, deleteIndex } from "../../../src/services/indexes/delete-index.ts";
import { ENSURE_INDEX_FLOW, ensureIndex, PREPARE_TOLERATED } from "../../../src/services/indexes/ensure-index.ts";
import { changeSettings } from "../../../src/services/settings/change-settings.ts";
import { SETTINGS_FLOW } from "../../../src/services/settings/open-changes.ts";
import { settingsRequest } from "../../../src/services/settings/settings-request.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, runTask, startNodes, type TestNode } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "./small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
let fleet: SmallFleet;
/** What becomes of a request to the second node; undefined: nothing is wrong with it. */
let fate: (request: NodeRequest, send: () => Promise<NodeOutcome>) => Promise<NodeOutcome> | undefined;
let uid: string;
let count = 0;

beforeAll(async () => {
  nodes = await startNodes(2);
}, 60_000);
afterAll(() => Promise.all(nodes.map((node) => node.stop())));
beforeEach(() => {
  uid = `cut_off_${(count += 1)}`;
  fate = () => undefined;
  const [sound, flaky] = clientsOf(nodes) as [NodeClient, NodeClient];
  const send: NodeClient["send"] = (request, signal) => {
    const real = (): Promise<NodeOutcome> => flaky.send(request, signal);
    return fate(request, real) ?? real();
  };
  fleet = createSmallFleet({ clients: [sound, { ...flaky, send }] });
});
afterEach(() => fleet.close());

const lost: NodeOutcome = { kind: "unavailable", nodeId: "n1", reason: "connection", ambiguous: true, message: "gone" };
const once = (when: (request: NodeRequest) => boolean, then: (send: () => Promise<NodeOutcome>) => NodeOutcome) => {
  let isDone = false;
  fate = (request, send) => {
    if (isDone || !when(request)) return undefined;
    isDone = true;
    return Promise.resolve(then(send));
  };
};
const firstSettings = ({ method, path }: NodeRequest): boolean => method === "PATCH" && path.endsWith("/settings");
const creation = ({ method, path }: NodeRequest): boolean => method === "POST" && path === "/indexes";
const lastTask = async () => (await fleet.store.list({ indexUids: [uid] }, { limit: 1 })).tasks[0] as never;
const onNodes = (path: string) => Promise.all(nodes.map(async (node) => (await nodeRequest(node, "GET", path)).body));

const makers = {
  "a creation": { told: creation, make: () => createIndex(fleet.deps, { uid, primaryKey: "id" }) },
  "a change of settings that makes the index": {
    told: firstSettings,
    make: () => changeSettings(fleet.deps, { uid, patch: { stopWords: ["a"] }, single: null, mayCreate: true }),
  },
};

test("a node that is lost between a change that makes the index and what goes with it gets that later", async () => {
  let settings = 0;
  once(
    (request) => firstSettings(request) && (settings += 1) === 2,
    () => lost,
  );
  const task = await changeSettings(fleet.deps, { uid, patch: { stopWords: ["a"] }, single: null, mayCreate: true });
  expect(task.status).toBe("enqueued");
  expect(fleet.missed).toEqual([{ nodeId: "n1", method: "PATCH", path: `/indexes/${uid}/settings` }]);
}, 5_000);

/** As a store that does not work: nothing can be kept for a node. */
const keepsNothing = (): void => {
  const { pending } = fleet.deps.missed;
  const record = (): Promise<boolean> => Promise.reject(apiError("miroir_store_unavailable", "The store is away."));
  Object.assign(fleet.deps.missed, { pending, place: () => ({ hold: () => {}, record, release: () => {} }) });
};

test("what cannot be kept for a node that was lost ends the change at once: it is taken back, not left open", async () => {
  let settings = 0;
  once(
    (request) => firstSettings(request) && (settings += 1) === 2,
    () => lost,
  );
  const { place } = fleet.deps.missed;
  keepsNothing();
  const change = { uid, patch: { stopWords: ["a"] }, single: null, mayCreate: true };
  expect(changeSettings(fleet.deps, change)).rejects.toMatchObject({ code: "miroir_store_unavailable" });
  Object.assign(fleet.deps.missed, { place });
  expect(await fleet.end(await lastTask())).toMatchObject({
    status: "failed",
    error: { code: "miroir_store_unavailable" },
  });
  for (const { code } of await onNodes(`/indexes/${uid}`)) expect(code).toBe("index_not_found");
  expect([fleet.catalog.get(uid), fleet.deps.changes.changing(uid)]).toEqual([undefined, false]);
});

test("a deletion that could not be kept for a node that was lost is told to all nodes again, and none keeps the index", async () => {
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  once(
    ({ method }) => method === "DELETE",
    () => lost,
  );
  const { place } = fleet.deps.missed;
  keepsNothing();
  expect(deleteIndex(fleet.deps, uid)).rejects.toMatchObject({ code: "miroir_store_unavailable" });
  Object.assign(fleet.deps.missed, { place });
  expect((await fleet.end(await lastTask())).status).toBe("succeeded");
  for (const { code } of await onNodes(`/indexes/${uid}`)) expect(code).toBe("index_not_found");
  expect(fleet.catalog.get(uid)).toBeUndefined();
});

test("a deletion that one node has done goes on on those that failed or have come back with another disk", async () => {
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  const entry = fleet.catalog.visible(uid);
  await fleet.catalog.put({ ...entry, state: "deleting" });
  const flow = { kind: DELETE_INDEX, step: "apply", data: { uid, createdAt: entry.createdAt } };
  const task = await fleet.tasks.register({ type: "indexDeletion", indexUid: uid, details: {}, flow });
  await fleet.tasks.dispatch(task.uid, [
    { nodeId: "n0", taskUid: 1, role: "main", status: "lost" },
    { nodeId: "n1", taskUid: 1, role: "main", status: "succeeded" },
  ]);
  await runTask(nodes[1] as TestNode, "DELETE", `/indexes/${uid}`);
  expect(await fleet.end(task)).toMatchObject({ status: "succeeded", error: null });
  for (const { code } of await onNodes(`/indexes/${uid}`)) expect(code).toBe("index_not_found");
  expect(fleet.catalog.get(uid)).toBeUndefined();
});

test("what was being changed in an index that is gone is nothing to another of its name", async () => {
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  const change = { uid, patch: { stopWords: ["old"] }, single: null, mayCreate: false };
  const changed = await changeSettings(fleet.deps, change);
  await fleet.end(await deleteIndex(fleet.deps, uid));
  const { entry } = await ensureIndex(fleet.deps, uid, "id");
  expect(fleet.deps.changes.wanted(uid)).toEqual({});
  expect((await fleet.end(changed)).status).toBe("succeeded");
  expect(fleet.catalog.get(uid)).toEqual(entry);
});

test("a change of settings ends although its index was deleted before it was looked at", async () => {
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  const { createdAt } = fleet.catalog.visible(uid);
  const data = {
    uid,
    patch: { stopWords: ["a"] },
    single: null,
    oneByOne: false,
    createdAt,
    created: false,
    repairs: 0,
  };
  await fleet.end(await deleteIndex(fleet.deps, uid));
  const draft = { type: "settingsUpdate", indexUid: uid, details: {} } as const;
  const done = { nodeId: "n0", taskUid: 1, role: "main", status: "succeeded" } as const;
  const failed = { nodeId: "n1", taskUid: 1, role: "main", status: "failed" } as const;
  for (const [status, nodeTasks] of [
    ["succeeded", [done]],
    ["failed", [failed]],
  ] as const) {
    const flow = { kind: SETTINGS_FLOW, step: "apply", data };
    const task = await fleet.tasks.register({ ...draft, flow });
    await fleet.tasks.dispatch(task.uid, nodeTasks);
    expect((await fleet.end(task)).status).toBe(status);
  }
  expect(fleet.suspects).toEqual([]);
});

test("a deletion that was cut off takes away no index that has come to the name since", async () => {
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  const flow = { kind: DELETE_INDEX, step: "apply", data: { uid, createdAt: 1 } };
  const task = await fleet.tasks.register({ type: "indexDeletion", indexUid: uid, details: null, flow });
  await fleet.tasks.adopt();
  expect(await fleet.end(task)).toMatchObject({ status: "failed", error: { code: "miroir_task_interrupted" } });
  for (const { primaryKey } of await onNodes(`/indexes/${uid}`)) expect(primaryKey).toBe("id");
});

for (const [what, { told, make }] of Object.entries(makers)) {
  test(`${what}: a request that reaches its node behind the one that takes it back leaves nothing`, async () => {
    const late: Promise<unknown>[] = [];
    once(told, (send) => {
      late.push(Bun.sleep(200).then(send));
      return lost;
    });
    expect(make()).rejects.toMatchObject({ status: 503, code: "miroir_node_unavailable" });
    const ended = await fleet.end(await lastTask());
    expect(ended).toMatchObject({ status: "failed", error: { code: "miroir_node_unavailable" } });
    expect(late).toHaveLength(1);
    await Promise.all(late);
    for (const { code } of await onNodes(`/indexes/${uid}`)) expect(code).toBe("index_not_found");
    expect(fleet.catalog.get(uid)).toBeUndefined();
  });

  test(`${what}: a node that has yet to come to the deletion of the one before keeps nothing either`, async () => {
    await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
    const path = `/indexes/${uid}`;
    const request = { method: "GET", path, operation: "indexes.get", timeoutMs: 5_000, repeat: "safe" } as const;
    const before = await fleet.deps.client("n1").send(request);
    const deleting = await deleteIndex(fleet.deps, uid);
    let isTold = false;
    fate = (asked, send) => {
      if (isTold) return undefined;
      if (asked.method === "GET" && asked.path === path) return Promise.resolve(before);
      isTold = told(asked);
      return isTold ? send().then(() => lost) : undefined;
    };
    expect(make()).rejects.toMatchObject({ status: 503, code: "miroir_node_unavailable" });
    const failed = await lastTask();
    expect(await fleet.end(deleting)).toMatchObject({ status: "succeeded" });
    expect(await fleet.end(failed)).toMatchObject({ status: "failed", error: { code: "miroir_node_unavailable" } });
    for (const { code } of await onNodes(path)) expect(code).toBe("index_not_found");
    expect(fleet.catalog.get(uid)).toBeUndefined();
  });

  test(`${what}: an index that a writer makes before it is taken back stays, with its documents`, async () => {
    once(told, () => lost);
    expect(make()).rejects.toMatchObject({ status: 503 });
    const failed = await lastTask();
    const { prepare } = await ensureIndex(fleet.deps, uid, "id");
    const task = await fleet.tasks.register({ type: "documentAdditionOrUpdate", indexUid: uid, details: null });
    const document = { id: 1 };
    const write = {
      method: "POST",
      path: `/indexes/${uid}/documents?primaryKey=id`,
      body: JSON.stringify([document]),
      operation: "documents.add",
      timeoutMs: 5_000,
      repeat: "once",
    } as const;
    const entries = [...prepare.map((one) => one()), ...["n0", "n1"].map((nodeId) => ({ nodeId, request: write }))];
    const outcomes = await fleet.deps.lanes.submit(uid, entries);
    const nodeTasks = outcomes.map((outcome, place) => {
      if (outcome.kind !== "enqueued") throw new TypeError("the node did not take it");
      const role = place < prepare.length ? ("prepare" as const) : ("main" as const);
      const { nodeId, taskUid } = outcome;
      return { nodeId, taskUid, role, status: "enqueued" as const, tolerated: PREPARE_TOLERATED };
    });
    await fleet.end(await fleet.tasks.dispatch(task.uid, nodeTasks, ENSURE_INDEX_FLOW));
    expect(await fleet.end(failed)).toMatchObject({ status: "failed", error: { code: "miroir_node_unavailable" } });
    expect(await onNodes(`/indexes/${uid}/documents/1`)).toEqual([document, document]);
    expect(fleet.catalog.visible(uid).state).toBe("ready");
    const [left, right] = await onNodes(`/indexes/${uid}/settings`);
    expect(right).toEqual(left);
    expect(left.stopWords).toEqual([]);
  });
}

test("settings that failed are not put back behind the deletion of their index, which would make it again", async () => {
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  // A document that is no place: there the change fails.
  await runTask(nodes[1] as TestNode, "POST", `/indexes/${uid}/documents`, [{ id: 1, _geo: "nowhere" }]);
  const patch = { sortableAttributes: ["_geo"] };
  const changing = await changeSettings(fleet.deps, { uid, patch, single: null, mayCreate: false });
  // A node takes a change that waits behind others together with the deletion, and calls it done.
  const failed = `/tasks?indexUids=${uid}&types=settingsUpdate&statuses=failed`;
  while ((await nodeRequest(nodes[1] as TestNode, "GET", failed)).body.total === 0) await Bun.sleep(5);
  const deleting = await deleteIndex(fleet.deps, uid);
  expect(await fleet.end(deleting)).toMatchObject({ status: "succeeded" });
  expect(await fleet.end(changing)).toMatchObject({ status: "failed" });
  for (const shown of await onNodes(`/indexes/${uid}`)) expect(shown.code).toBe("index_not_found");
});

test("what a node misses is kept in the order in which the others were told", async () => {
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  const { missed, lanes } = fleet.deps;
  const path = `/indexes/${uid}`;
  let deletion: Promise<boolean> | undefined;
  fate = ({ method }) => {
    if (method !== "PATCH") return undefined;
    // Somebody who comes behind it has found out earlier that the node is away.
    const behind = missed.place("n1");
    const request = { method: "DELETE", path, operation: "indexes.delete" } as const;
    deletion = behind.record({ indexUid: uid, request, taskUid: null, operationId: null, body: null });
    void deletion.finally(() => behind.release());
    return Promise.resolve({ ...lost, ambiguous: false });
  };
  const order = {
    request: settingsRequest(uid, { patch: {}, before: {}, single: null }, PLAIN_FORM),
    role: "undo",
  } as const;
  const nodeTasks = await tell({ missed, lanes }, 1, uid, ["n0", "n1"], order);
  expect(nodeTasks.map(({ nodeId, status }) => `${nodeId} ${status}`)).toEqual(["n0 enqueued", "n1 hinted"]);
  await deletion;
  expect(fleet.missed.map(({ nodeId, method }) => `${nodeId} ${method}`)).toEqual(["n1 PATCH", "n1 DELETE"]);
});
