/** Nodes that somebody edits behind the router's back are found, told of, and put right. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import { settingsHashes } from "../../../src/core/settings/settings-hashes.ts";
import { systemClock } from "../../../src/platform/system.ts";
import { createDriftCheck, type DriftCheck } from "../../../src/services/admission/drift-check.ts";
import { thaw } from "../../../src/services/admission/thaw.ts";
import { createIndex } from "../../../src/services/indexes/create-index.ts";
import { changeSettings } from "../../../src/services/settings/change-settings.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, runTask, startNodes, type TestNode } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "../indexes/small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
let fleet: SmallFleet;
let expelled: string[];
/** Nodes that have still to be brought writes. */
const behind = new Set<string>();
let uid: string;
let count = 0;

beforeAll(async () => {
  nodes = await startNodes(3);
});
afterAll(() => Promise.all(nodes.map((node) => node.stop())));
beforeEach(async () => {
  const clients = clientsOf(nodes);
  fleet = createSmallFleet({ clients });
  expelled = [];
  behind.clear();
  uid = `drift_${++count}`;
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: null }));
});
afterEach(async () => {
  await fleet.close();
  for (const node of nodes) {
    const { body } = await nodeRequest(node, "GET", "/indexes?limit=100");
    for (const index of body.results) await runTask(node, "DELETE", `/indexes/${index.uid}`);
  }
});

function driftOf(autoRepair: boolean, owns: (index: string) => boolean = () => true): DriftCheck {
  const { deps } = fleet;
  return createDriftCheck({
    ...deps,
    nodeIds: () => deps.fleet.nodeIds(),
    healthy: (nodeId) => deps.fleet.healthy(nodeId) && !behind.has(nodeId),
    answers: (nodeId) => deps.fleet.healthy(nodeId),
    changing: (index) => deps.changes.changing(index),
    renaming: async () => new Set(),
    admitted: () => true,
    expel: (nodeId) => void expelled.push(nodeId),
    owns,
    autoRepair,
    clock: systemClock,
  });
}

const signal = (): AbortSignal => AbortSignal.timeout(30_000);
const edit = (place: number, patch: object) =>
  runTask(nodes[place] as TestNode, "PATCH", `/indexes/${uid}/settings`, patch);
const settingsOf = (place: number) =>
  nodeRequest(nodes[place] as TestNode, "GET", `/indexes/${uid}/settings`).then(({ body }) => body);
const versions = () => ["n0", "n1", "n2"].map((nodeId) => fleet.deps.versions.get(uid, nodeId));

async function change(patch: Record<string, unknown>): Promise<void> {
  const input = { uid, patch, single: null, mayCreate: false };
  expect((await fleet.end(await changeSettings(fleet.deps, input))).status).toBe("succeeded");
}

const EDITS: readonly (readonly [string, object])[] = [
  ["a setting that the client has set", { filterableAttributes: ["other"] }],
  ["one that nobody has set", { synonyms: { a: ["b"] }, typoTolerance: { minWordSizeForTypos: { oneTypo: 2 } } }],
  ["what Miroir itself has put there", { rankingRules: ["words"], sortableAttributes: [] }],
  ["a limit that Miroir has raised", { faceting: { maxValuesPerFacet: 3, sortFacetValuesBy: { "*": "count" } } }],
  ["an embedder", { embedders: { mine: { source: "userProvided", dimensions: 4 }, e: null } }],
  ["everything at once", { stopWords: ["x"], pagination: { maxTotalHits: 5 }, searchableAttributes: ["a"] }],
];

for (const [what, patch] of EDITS) {
  test(`an edit of ${what} is found and put right, and the node's version rises`, async () => {
    await change({
      filterableAttributes: ["genre"],
      embedders: { e: { source: "userProvided", dimensions: 2 } },
      pagination: { maxTotalHits: 50 },
    });
    const meant = await settingsOf(0);
    await edit(1, patch);
    expect(await settingsOf(1)).not.toEqual(meant);
    const drift = driftOf(true);
    const before = await drift.report(uid);
    expect(before?.nodes.map(({ node, in_sync }) => [node, in_sync])).toEqual([
      ["n0", true],
      ["n1", false],
      ["n2", true],
    ]);
    await drift.run(signal());
    expect(await settingsOf(1)).toEqual(meant);
    expect(fleet.events.filter((name) => name === "drift.repaired")).toHaveLength(1);
    expect(versions()).toEqual([1, 1, 1]);
    expect((await drift.report(uid))?.in_sync).toBe(true);
    expect(drift.problems("n1")).toEqual([]);
  });
}

test("nor against one that is being mended, and has writes to be brought meanwhile", async () => {
  // No form is known for such a word: nodes are held to what all have shown, which was one that somebody had edited.
  await change({ stopWords: ["Été"] });
  const { stopWords } = await settingsOf(1);
  for (const edited of [0, 2]) await edit(edited, { stopWords: ["edited"] });
  const shown = settingsHashes(await settingsOf(0));
  await fleet.catalog.update(uid, (entry) => ({ ...entry, settingsHashes: shown }));
  behind.add("n1");
  const drift = driftOf(true);
  expect(await drift.repair(uid)).toBe("incomplete");
  expect((await settingsOf(0)).stopWords).toEqual(["edited"]);
  expect(await drift.repair(uid, signal(), "n1")).toBe("repaired");
  for (const place of [0, 1, 2]) expect((await settingsOf(place)).stopWords).toEqual(stopWords);
  expect(fleet.catalog.get(uid)?.settingsHashes).toEqual(settingsHashes(await settingsOf(1)));
});

test("what was noted while a node was edited is not held against the others for ever", async () => {
  await change({ stopWords: ["meant"] });
  const meant = await settingsOf(0);
  // Edited between its part of a change and the look at it, while no other node could be looked at.
  await edit(1, { stopWords: ["edited"] });
  const hashes = settingsHashes(await settingsOf(1));
  await fleet.catalog.update(uid, (entry) => ({ ...entry, settingsHashes: hashes }));
  await driftOf(true).run(signal());
  expect(await Promise.all([0, 1, 2].map(settingsOf))).toEqual([meant, meant, meant]);
  expect(fleet.catalog.get(uid)?.settingsHashes).toEqual(settingsHashes(meant));
});

test("nothing is called in sync, or repaired, while a node cannot be looked at", async () => {
  await change({ stopWords: ["meant"] });
  fleet.away.add("n2");
  const drift = driftOf(true);
  expect(await drift.repair(uid)).toBe("incomplete");
  await edit(1, { stopWords: ["edited"] });
  expect(await drift.repair(uid)).toBe("incomplete");
  expect((await settingsOf(1)).stopWords).toEqual(["meant"]);
  fleet.away.delete("n2");
  expect(await drift.repair(uid)).toBe("in_sync");
});

test("a node that falls silent after it was told is not called put right, and is looked at before it serves", async () => {
  await change({ stopWords: ["meant"] });
  await edit(1, { stopWords: ["edited"] });
  const { emit } = fleet.deps;
  // It takes what it is told; what has become of that nobody sees.
  fleet.deps.emit = (kind, data) => {
    if (kind.name === "drift.settings_differ") fleet.away.add("n1");
    emit(kind, data);
  };
  expect(await driftOf(true).repair(uid)).toBe("incomplete");
  expect(fleet.events).not.toContain("drift.repaired");
  expect(expelled).toEqual(["n1"]);
  expect(versions()).toEqual([1, -1, 1]);
});

test("an edit of an index that no client has ever configured is found as well", async () => {
  const meant = await settingsOf(0);
  await edit(2, { stopWords: ["x"] });
  await driftOf(true).run(signal());
  expect(await settingsOf(2)).toEqual(meant);
  expect(versions()).toEqual([0, 0, 0]);
});

test("with auto_repair off an edit is only told of, and the node counts below every version until it is repaired", async () => {
  await change({ stopWords: ["the"] });
  await edit(1, { stopWords: ["a"] });
  const drift = driftOf(false);
  await drift.run(signal());
  expect((await settingsOf(1)).stopWords).toEqual(["a"]);
  expect(drift.problems("n1")).toEqual([`index \`${uid}\` has other settings: stopWords`]);
  expect(drift.problems("n0")).toEqual([]);
  expect(versions()).toEqual([1, -1, 1]);
  expect(fleet.events).toContain("drift.settings_differ");
  expect(await drift.repair(uid)).toBe("repaired");
  expect((await settingsOf(1)).stopWords).toEqual(["the"]);
  expect([drift.problems("n1"), versions()]).toEqual([[], [1, 1, 1]]);
});

test("a lost index takes the node out of service, an unknown one is told of and left alone", async () => {
  const stranger = `stranger_${count}`;
  await runTask(nodes[0] as TestNode, "POST", "/indexes", { uid: stranger });
  await runTask(nodes[2] as TestNode, "DELETE", `/indexes/${uid}`);
  const drift = driftOf(true);
  await drift.run(signal());
  expect(expelled).toEqual(["n2"]);
  expect(drift.problems("n0").join()).toContain(`it has index \`${stranger}\`, which Miroir did not make`);
  expect((await nodeRequest(nodes[0] as TestNode, "GET", `/indexes/${stranger}`)).status).toBe(200);
});

test("another primary key is set right while the index is empty", async () => {
  uid = `keyed_${count}`;
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  await runTask(nodes[1] as TestNode, "PATCH", `/indexes/${uid}`, { primaryKey: "other" });
  await driftOf(true).run(signal());
  const keyOf = async () => (await nodeRequest(nodes[1] as TestNode, "GET", `/indexes/${uid}`)).body.primaryKey;
  for (let tries = 0; tries < 100 && (await keyOf()) !== "id"; tries += 1) await Bun.sleep(20);
  expect(await keyOf()).toBe("id");
});

test("an index that another router looks at is left to it", async () => {
  await change({ stopWords: ["the"] });
  await edit(1, { stopWords: ["a"] });
  await driftOf(true, () => false).run(signal());
  expect((await settingsOf(1)).stopWords).toEqual(["a"]);
});

test("a freeze ends when all nodes are seen to agree, or when the operator says so", async () => {
  await change({ stopWords: ["the"] });
  const freeze = () => fleet.deps.catalog.update(uid, (entry) => ({ ...entry, frozen: "The nodes differ." }));
  await freeze();
  const drift = driftOf(true);
  expect((await drift.report(uid))?.frozen).toBe("The nodes differ.");
  await drift.run(signal());
  expect(fleet.catalog.get(uid)?.frozen).toBeUndefined();
  await freeze();
  expect([await thaw(fleet.deps, uid), await thaw(fleet.deps, "none")]).toEqual([true, false]);
  expect(fleet.catalog.get(uid)?.frozen).toBeUndefined();
});
