/** A node serves when it is as the catalog says: over real nodes that lose, miss or were given other things. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import { settingsHashes } from "../../../src/core/settings/settings-hashes.ts";
import type { NodeClient } from "../../../src/nodes/node-client.ts";
import { systemClock } from "../../../src/platform/system.ts";
import { createDriftCheck } from "../../../src/services/admission/drift-check.ts";
import { createNodeAdmission, type NodeAdmission } from "../../../src/services/admission/node-admission.ts";
import { createIndex } from "../../../src/services/indexes/create-index.ts";
import { changeSettings } from "../../../src/services/settings/change-settings.ts";
import { unavailable } from "../../support/fake-node-client.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, runTask, startNodes, type TestNode } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "../indexes/small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
let fleet: SmallFleet;
let admission: NodeAdmission;
let pending: Set<string>;
let unsettled: Set<string>;
let renaming: Set<string>;
let repairs: string[];
let uid: string;
let count = 0;

beforeAll(async () => {
  nodes = await startNodes(2);
});
afterAll(() => Promise.all(nodes.map((node) => node.stop())));
beforeEach(async () => {
  const clients = clientsOf(nodes);
  fleet = createSmallFleet({ clients });
  pending = new Set();
  unsettled = new Set();
  renaming = new Set();
  repairs = [];
  admission = admissionOf(fleet);
  uid = `admission_${++count}`;
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  const patch = { filterableAttributes: ["genre"], stopWords: ["the", "a"] };
  await fleet.end(await changeSettings(fleet.deps, { uid, patch, single: null, mayCreate: false }));
});
afterEach(() => fleet.close());

function admissionOf({ deps, events }: SmallFleet): NodeAdmission {
  const drift = createDriftCheck({
    ...deps,
    nodeIds: () => deps.fleet.nodeIds(),
    healthy: (nodeId) => deps.fleet.healthy(nodeId) && !pending.has(nodeId),
    changing: (index) => deps.changes.changing(index),
    renaming: async () => new Set(),
    admitted: (nodeId) => admission.admitted(nodeId),
    answers: (nodeId) => deps.fleet.healthy(nodeId),
    expel: (nodeId) => admission.expel(nodeId),
    owns: () => true,
    autoRepair: true,
  });
  return createNodeAdmission({
    ...deps,
    compareAll: (index, nodeId) => void drift.repair(index, undefined, nodeId),
    nodeIds: () => deps.fleet.nodeIds(),
    healthy: (nodeId) => deps.fleet.healthy(nodeId),
    renaming: async () => renaming,
    changing: (index) => deps.changes.changing(index),
    confirmSettled: async (index) => !deps.changes.changing(index),
    alignKeys: async () => true,
    unsettled: async () => unsettled,
    lanesPassed: async () => undefined,
    hints: {
      pending: (nodeId) => pending.has(nodeId),
      behind: (nodeId) => pending.has(nodeId),
      requireRepair: async (nodeId, reason) => {
        pending.add(nodeId);
        repairs.push(`${nodeId}: ${reason}`);
      },
    },
    clock: systemClock,
    emit: (kind) => void events.push(kind.name),
  });
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new TypeError(`it did not come to that: ${admission.problem("n1")}`);
    await admission.step(AbortSignal.timeout(20_000));
    await Bun.sleep(10);
  }
}

const settingsOf = async (place: number) =>
  (await nodeRequest(nodes[place] as TestNode, "GET", `/indexes/${uid}/settings`)).body;

test("nodes that are as the catalog says serve after one look", async () => {
  expect([admission.closed("n0"), admission.admitted("n0"), admission.mayReplay("n0")]).toEqual([true, false, false]);
  await admission.step(AbortSignal.timeout(20_000));
  expect([admission.closed("n0"), admission.admitted("n0"), admission.mayReplay("n0")]).toEqual([false, true, true]);
  expect(admission.admitted("n1")).toBe(true);
  expect(repairs).toEqual([]);
});

test("a node whose answer is lost while it is put right may still read what it was given", async () => {
  const { client } = fleet.deps;
  let isLost = false;
  const losing = (nodeId: string): NodeClient => ({
    ...client(nodeId),
    send: async (request, signal) => {
      if (isLost || request.method !== "PATCH") return client(nodeId).send(request, signal);
      isLost = true;
      return unavailable(nodeId, "timeout", true);
    },
  });
  admission = admissionOf({ ...fleet, deps: { ...fleet.deps, client: losing } });
  await until(() => admission.admitted("n1"));
  admission.expel("n1");
  await runTask(nodes[1] as TestNode, "PATCH", `/indexes/${uid}/settings`, { stopWords: ["x"] });
  await until(() => admission.admitted("n1"));
  expect([isLost, fleet.strayed]).toEqual([true, ["n1"]]);
});

test("settings that were changed while a node was away from the router are put right before it serves", async () => {
  const meant = await settingsOf(1);
  await until(() => admission.admitted("n1"));
  admission.expel("n1");
  await runTask(nodes[1] as TestNode, "PATCH", `/indexes/${uid}/settings`, { stopWords: ["x"], rankingRules: null });
  await until(() => admission.admitted("n1"));
  expect(await settingsOf(1)).toEqual(meant);
  expect(fleet.events).toContain("node.repaired");
  expect(fleet.deps.versions.get(uid, "n1")).toBe(1);
});

test("what was noted of an edited node keeps none from serving that has what was sent", async () => {
  await until(() => admission.admitted("n1"));
  const meant = await settingsOf(1);
  // Edited between its part of a change and the look at it, while no other node could be looked at.
  await runTask(nodes[0] as TestNode, "PATCH", `/indexes/${uid}/settings`, { stopWords: ["edited"] });
  const noted = settingsHashes(await settingsOf(0));
  await fleet.catalog.update(uid, (entry) => ({ ...entry, settingsHashes: noted }));
  for (const nodeId of ["n0", "n1"]) admission.expel(nodeId);
  await until(() => admission.admitted("n0") && admission.admitted("n1"));
  expect(await Promise.all([settingsOf(0), settingsOf(1)])).toEqual([meant, meant]);
  expect(fleet.events).not.toContain("node.repair_failed");
});

test("nor where only nodes know the form of a value: all are told again what is meant, and what they show then is noted", async () => {
  const patch = { localizedAttributes: [{ attributePatterns: ["*_ja"], locales: ["ja"] }] };
  await fleet.end(await changeSettings(fleet.deps, { uid, patch, single: null, mayCreate: false }));
  await until(() => admission.admitted("n1"));
  const meant = await settingsOf(1);
  const edited = { localizedAttributes: [{ attributePatterns: ["*_de"], locales: ["de"] }] };
  await runTask(nodes[0] as TestNode, "PATCH", `/indexes/${uid}/settings`, edited);
  const noted = settingsHashes(await settingsOf(0));
  await fleet.catalog.update(uid, (entry) => ({ ...entry, settingsHashes: noted }));
  admission.expel("n1");
  await until(() => admission.admitted("n1"));
  expect(await Promise.all([settingsOf(0), settingsOf(1)])).toEqual([meant, meant]);
  expect(fleet.catalog.get(uid)?.settingsHashes).toEqual(settingsHashes(meant));
});

test("a node that serves again is held to the others in what was noted of none", async () => {
  const patch = { localizedAttributes: [{ attributePatterns: ["*_ja"], locales: ["ja"] }] };
  await fleet.end(await changeSettings(fleet.deps, { uid, patch, single: null, mayCreate: false }));
  const meant = await settingsOf(1);
  // It kept what others gave back, and the last change of it was never looked at.
  const left = { localizedAttributes: [{ attributePatterns: ["*_de"], locales: ["de"] }] };
  await runTask(nodes[0] as TestNode, "PATCH", `/indexes/${uid}/settings`, left);
  await fleet.catalog.update(uid, ({ settingsHashes: _none, ...entry }) => entry);
  admission.expel("n0");
  await until(() => admission.admitted("n0"));
  const noted = settingsHashes(meant);
  await until(() => Bun.deepEquals(fleet.catalog.get(uid)?.settingsHashes, noted));
  expect(await Promise.all([settingsOf(0), settingsOf(1)])).toEqual([meant, meant]);
});

test("a node that lost an index gets it back with its settings and waits for its documents before it serves", async () => {
  const meant = await settingsOf(1);
  await until(() => admission.admitted("n1"));
  await runTask(nodes[1] as TestNode, "DELETE", `/indexes/${uid}`);
  admission.expel("n1");
  await until(() => admission.mayReplay("n1"));
  expect(repairs).toEqual([`n1: the node has lost index \`${uid}\``]);
  expect(await settingsOf(1)).toEqual(meant);
  expect((await nodeRequest(nodes[1] as TestNode, "GET", `/indexes/${uid}`)).body.primaryKey).toBe("id");
  expect([admission.closed("n1"), admission.admitted("n1")]).toEqual([false, false]);
  // Also a router that is started now does not take it for one that has been proven to have them.
  admission = admissionOf(fleet);
  await runTask(nodes[1] as TestNode, "PATCH", `/indexes/${uid}/settings`, { stopWords: ["x"] });
  pending.delete("n1");
  await until(() => admission.admitted("n1"));
  expect(await settingsOf(1)).toEqual(meant);
});

test("an index that was made while the node was away is left to the writes that are kept for it", async () => {
  await fleet.deps.versions.forget(uid);
  await runTask(nodes[1] as TestNode, "DELETE", `/indexes/${uid}`);
  pending.add("n1");
  await until(() => admission.mayReplay("n1"));
  expect(repairs).toEqual([]);
  expect((await settingsOf(1)).code).toBe("index_not_found");
});

test("an index that Miroir did not make does not keep a node from serving and is left alone", async () => {
  await runTask(nodes[1] as TestNode, "POST", "/indexes", { uid: `stranger_${count}` });
  await until(() => admission.admitted("n1"));
  expect((await nodeRequest(nodes[1] as TestNode, "GET", `/indexes/stranger_${count}`)).status).toBe(200);
});

test("a primary key that cannot be changed any more keeps the node from serving, and says why", async () => {
  const [node] = [nodes[1] as TestNode];
  await runTask(node, "DELETE", `/indexes/${uid}`);
  await runTask(node, "POST", `/indexes/${uid}/documents?primaryKey=other`, [{ other: 1 }]);
  const problem = (): string => admission.problem("n1") ?? "";
  await until(() => problem().includes("has the primary key `other`"));
  expect(admission.admitted("n1")).toBe(false);
  expect(fleet.events).toContain("node.repair_failed");
});

/** As clients that never pause: a write is kept for the node whenever it is closed, and brought when that may be done. */
function writeOn(nodeId: string): void {
  if (admission.closed(nodeId)) pending.add(nodeId);
  else if (admission.mayReplay(nodeId)) pending.delete(nodeId);
}

test("a node that is written to all the time serves once it has what it missed", async () => {
  await until(() => {
    writeOn("n1");
    return admission.admitted("n1");
  });
  expect(fleet.events).not.toContain("node.repaired");
});

test("what is wrong with it after that is put right while it is written to", async () => {
  const meant = await settingsOf(0);
  await runTask(nodes[1] as TestNode, "PATCH", `/indexes/${uid}/settings`, { stopWords: ["x"] });
  admission.expel("n1");
  const closed: boolean[] = [];
  await until(() => {
    writeOn("n1");
    if (closed.at(-1) !== admission.closed("n1")) closed.push(admission.closed("n1"));
    return admission.admitted("n1");
  });
  expect(await settingsOf(1)).toEqual(meant);
  expect(fleet.events).toContain("node.repaired");
  // It took writes once it had what it had missed, and none while it was mended.
  expect(closed).toEqual([true, false, true, false]);
  expect(repairs).toEqual([]);
});

for (const [what, begin, end] of [
  [
    "a change of it",
    () => fleet.deps.changes.add(uid, 99, { stopWords: ["the"] }),
    () => fleet.deps.changes.remove(uid, 99),
  ],
  ["a change of its name", () => void renaming.add(uid), () => void renaming.delete(uid)],
] as const) {
  test(`a node that may never have had what an index needs is compared before it serves, however long ${what} takes`, async () => {
    const meant = await settingsOf(0);
    await runTask(nodes[1] as TestNode, "PATCH", `/indexes/${uid}/settings`, { sortableAttributes: [] });
    await fleet.deps.versions.doubt(fleet.catalog.visible(uid), "n1");
    begin();
    for (let step = 0; step < 3; step += 1) await admission.step(AbortSignal.timeout(20_000));
    // It gets writes meanwhile, and so the change, which would wait for it otherwise.
    expect([admission.admitted("n0"), admission.admitted("n1"), admission.closed("n1")]).toEqual([true, false, false]);
    end();
    await until(() => admission.admitted("n1"));
    expect(await settingsOf(1)).toEqual(meant);
  });
}

test("a node that an exchange of names was decided without serves only once it has been settled for it", async () => {
  unsettled.add("n1");
  for (let step = 0; step < 3; step += 1) await admission.step(AbortSignal.timeout(20_000));
  expect([admission.admitted("n0"), admission.closed("n1"), admission.mayReplay("n1")]).toEqual([true, true, false]);
  expect(admission.problem("n1")).toContain("by which name");
  unsettled.delete("n1");
  await until(() => admission.admitted("n1"));
  expect(admission.problem("n1")).toBeNull();
});
