/** A change of settings that failed leaves nothing behind: what nodes show decides, and what they were told does not. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import type { JsonObject } from "../../../src/core/settings/json-shape.ts";
import { settingsHashes } from "../../../src/core/settings/settings-hashes.ts";
import { initialNodeSettings } from "../../../src/core/settings/to-node-patch.ts";
import type { NodeTask, Task } from "../../../src/core/tasks/task.ts";
import { changeSettings, type SettingsFlowData } from "../../../src/services/settings/change-settings.ts";
import { SETTINGS_FLOW } from "../../../src/services/settings/open-changes.ts";
import { settingsFlow } from "../../../src/services/settings/settings-flow.ts";
import { verifySettings } from "../../../src/services/settings/verify-change.ts";
import type { FlowStep, TaskFlow } from "../../../src/services/tasks/task-registry.ts";
import { answered, createFakeNodeClient, type FakeNodeClient, unavailable } from "../../support/fake-node-client.ts";
import { createSmallFleet, type SmallFleet } from "../indexes/small-fleet.ts";
import { PLAIN_FORM } from "../../../src/core/settings/node-form.ts";

const NO_SPACE = { message: "No space left on device", code: "internal", type: "internal", link: "" };
const { filterableAttributes, sortableAttributes, rankingRules } = initialNodeSettings({}, PLAIN_FORM);
/** A part of what a new index shows. */
const PLAIN = { filterableAttributes, sortableAttributes, rankingRules, searchableAttributes: ["*"], stopWords: [] };
const CHANGED = { ...PLAIN, stopWords: ["the"] };

let clients: FakeNodeClient[];
/** What each node shows. */
let shown: object[];
/** Changes of settings that a node has still to carry out. */
let queued: Map<string, readonly object[]>;
let fleet: SmallFleet;
let settings: TaskFlow;

beforeEach(() => {
  shown = [PLAIN, PLAIN, PLAIN];
  queued = new Map();
  clients = shown.map((_unused, place) =>
    createFakeNodeClient(`n${place}`, ({ method, path }) => {
      if (path.startsWith("/tasks?")) return answered(`n${place}`, { results: queued.get(`n${place}`) ?? [] });
      if (method === "GET") return answered(`n${place}`, shown[place]);
      const task = { taskUid: 9, status: "enqueued", type: "settingsUpdate", indexUid: "films" };
      return answered(`n${place}`, task, 202);
    }),
  );
  fleet = createSmallFleet({ clients });
  settings = settingsFlow(fleet.deps);
  const entry = { uid: "films", primaryKey: "id", shards: 4, state: "ready", settingsVersion: 1, settings: {} };
  const proven = { createdAt: 5, updatedAt: 5, settingsHashes: settingsHashes(PLAIN) };
  fleet.entries.set("films", { ...entry, ...proven } as IndexEntry);
});
afterEach(() => fleet.close());

const told = (nodeId: string, role: NodeTask["role"], status: NodeTask["status"]): NodeTask => {
  return { nodeId, taskUid: 1, role, status, ...(status === "failed" ? { error: NO_SPACE } : {}) };
};
const MAIN = [told("n0", "main", "succeeded"), told("n1", "main", "failed"), told("n2", "main", "succeeded")];
const UNDONE = [...MAIN, told("n0", "undo", "succeeded"), told("n2", "undo", "succeeded")];

function advance(step: string, nodeTasks: readonly NodeTask[], more: object = {}): Promise<FlowStep> {
  const data = { uid: "films", patch: { stopWords: ["the"] }, single: null, oneByOne: false, createdAt: 5 };
  const flow = { kind: SETTINGS_FLOW, step, data: { ...data, created: false, repairs: 0, error: NO_SPACE, ...more } };
  const task = { uid: 3, indexUid: "films", type: "settingsUpdate", status: "processing", details: null, error: null };
  const enqueuedAt = Date.now();
  return settings.advance({ ...task, enqueuedAt, nodeTasks, flow } as unknown as Task);
}

/** A change that is under way. */
function begun(patch: JsonObject = { stopWords: ["the"] }): SettingsFlowData {
  fleet.deps.changes.add("films", 3, patch);
  return { uid: "films", patch, single: null, oneByOne: false, createdAt: 5, created: false, repairs: 0 };
}

/** What was written to each node. */
const written = (): unknown[][] =>
  clients.map(({ sent }) => sent.filter(({ method }) => method !== "GET").map(({ body }) => body));

test("all nodes are told to go back, and whatever is set up from then on does without it", async () => {
  expect(await advance("apply", MAIN)).toMatchObject({ kind: "more", flow: { step: "undo" } });
  // Also the one on which it failed: what prepares an index may have given it that, and still be in its queue.
  expect(written()).toEqual(shown.map(() => ['{"stopWords":null}']));
  expect(fleet.deps.changes.wanted("films")).toEqual({});
  expect(fleet.deps.changes.changing("films")).toBe(true);
});

test("nodes that have still to be told to make the next index of that name are not told to go back: they would make it by that", async () => {
  const entry = fleet.entries.get("films") as IndexEntry;
  fleet.entries.set("films", { ...entry, createdAt: 6, state: "creating" });
  await advance("apply", MAIN);
  expect(written()).toEqual([[], [], []]);
  // One that is there is put right like any.
  fleet.entries.set("films", { ...entry, createdAt: 6 });
  await advance("apply", MAIN);
  expect(written()).toEqual(shown.map(() => ['{"stopWords":null}']));
});

test("when all nodes show what they should, it is over, whatever their tasks say", async () => {
  const failing = UNDONE.map((one) => (one.role === "undo" ? told(one.nodeId, "undo", "failed") : one));
  expect(await advance("undo", failing)).toMatchObject({ kind: "done", error: { code: "internal" } });
  expect(written()).toEqual([[], [], []]);
  expect(fleet.suspects).toEqual([]);
  expect(fleet.deps.changes.changing("films")).toBe(false);
});

test("a node that has it although it failed there is told to go back: it was set up anew with what was under way", async () => {
  shown[1] = CHANGED;
  expect(await advance("undo", UNDONE)).toEqual({ kind: "later", delayMs: 200 });
  const step = await advance("undo", UNDONE);
  expect(step).toMatchObject({ kind: "more", nodeTasks: [{ nodeId: "n1", role: "undo" }], flow: { step: "undo" } });
  expect(step).toMatchObject({ flow: { data: { undos: 1 } } });
  expect(written()).toEqual([[], ['{"stopWords":null}'], []]);
  shown[1] = PLAIN;
  expect(await advance("undo", UNDONE, { undos: 1 })).toMatchObject({ kind: "done" });
  expect(fleet.suspects).toEqual([]);
});

test("from node to node: those behind the one that failed never hear of it, unless the change has made the index", async () => {
  const halfWay = { oneByOne: true, remaining: ["n2"] };
  expect(await advance("apply", MAIN.slice(0, 2), halfWay)).toMatchObject({
    nodeTasks: [{ nodeId: "n1" }],
    flow: { data: { undo: ["n0"] } },
  });
  expect(await advance("apply", MAIN.slice(0, 2), { ...halfWay, created: true })).toMatchObject({
    nodeTasks: [{ nodeId: "n2" }],
    flow: { data: { undo: ["n1", "n0"] } },
  });
});

test("so is one that has it although it failed on all", async () => {
  shown[2] = CHANGED;
  const failed = ["n0", "n1", "n2"].map((nodeId) => told(nodeId, "main", "failed"));
  const undone = [...failed, ...["n0", "n1", "n2"].map((nodeId) => told(nodeId, "undo", "failed"))];
  await advance("undo", undone);
  const step = await advance("undo", undone);
  expect(step).toMatchObject({ kind: "more", flow: { step: "undo", data: { error: NO_SPACE } } });
  expect(written()).toEqual([[], [], ['{"stopWords":null}']]);
});

test("a request whose answer was lost may come behind the one that takes it back, and is waited for before nodes are looked at", async () => {
  const lost = { abort: NO_SPACE, lost: ["n1"] };
  expect(await advance("undo", UNDONE, lost)).toEqual({ kind: "later", delayMs: 500 });
  shown[1] = CHANGED;
  expect(await advance("undo", UNDONE, lost)).toEqual({ kind: "later", delayMs: 200 });
  expect(await advance("undo", UNDONE, lost)).toMatchObject({ kind: "more", nodeTasks: [{ nodeId: "n1" }] });
  expect(written()).toEqual([[], ['{"stopWords":null}'], []]);
});

test("what has come behind it may still be in the queue of the node, which shows nothing of it until it is carried out", async () => {
  const lost = { abort: NO_SPACE, lost: ["n1"] };
  await advance("undo", UNDONE, lost);
  queued.set("n1", [{ uid: 7, status: "enqueued", type: "settingsUpdate", indexUid: "films" }]);
  expect(await advance("undo", UNDONE, lost)).toEqual({ kind: "later", delayMs: 250 });
  // Not for ever: then it is looked at anew before it serves again.
  settings = settingsFlow({ ...fleet.deps, verifyTimeoutMs: 0 });
  await advance("undo", UNDONE, lost);
  expect(await advance("undo", UNDONE, lost)).toMatchObject({ kind: "done" });
  expect(fleet.suspects).toEqual(["n1"]);
});

test("from node to node: an index whose making was cut off is taken away from all nodes, not only from the first", async () => {
  await fleet.catalog.remove("films", () => true);
  const making = { created: true, oneByOne: true, before: { n0: {}, n1: {}, n2: {} } };
  let step = await advance("apply", [], making);
  for (let steps = 1; step.kind === "more" && steps < 3; steps += 1) {
    step = await advance("undo", step.nodeTasks, step.flow.data);
  }
  expect(clients.map(({ sent }) => sent.map(({ method }) => method))).toEqual([["DELETE"], ["DELETE"], ["DELETE"]]);
});

test("a node that still has it in the end is noted, and looked at anew before it serves again", async () => {
  await fleet.deps.versions.proven(fleet.catalog.visible("films"), ["n0", "n1", "n2"], 1);
  shown[0] = CHANGED;
  const step = await advance("undo", UNDONE, { undos: fleet.deps.repairsMax });
  expect(step).toMatchObject({ kind: "done", error: { code: "internal" } });
  expect(fleet.suspects).toEqual(["n0"]);
  expect(["n0", "n1"].map((nodeId) => fleet.deps.versions.get("films", nodeId))).toEqual([-1, 1]);
});

test("of one that is away it is noted too, as far as it has ever had the index: it may fail what it is brought late", async () => {
  await fleet.deps.versions.proven(fleet.catalog.visible("films"), ["n0", "n1"], 1);
  fleet.away.add("n1").add("n2");
  expect(await advance("undo", UNDONE)).toMatchObject({ kind: "done" });
  expect(["n0", "n1", "n2"].map((nodeId) => fleet.deps.versions.get("films", nodeId))).toEqual([1, -1, undefined]);
  expect(fleet.suspects).toEqual([]);
});

test("a node that does not say is waited for, whatever its clock says, and suspected then; one that is away is not asked", async () => {
  clients[1]?.answerWith(() => unavailable("n1", "timeout"));
  settings = settingsFlow({ ...fleet.deps, verifyTimeoutMs: 20 });
  const ahead = UNDONE.map((one) => ({ ...one, finishedAt: Date.now() + 7_200_000 }));
  expect(await advance("undo", ahead)).toEqual({ kind: "later", delayMs: 250 });
  fleet.away.add("n2");
  await Bun.sleep(25);
  expect(await advance("undo", ahead)).toMatchObject({ kind: "done" });
  expect(fleet.suspects).toEqual(["n1"]);
});

test("what a later change touches as well cannot be told apart and is left to that one, which waits for the earlier", async () => {
  shown[1] = CHANGED;
  fleet.deps.changes.add("films", 2, { stopWords: ["a"] });
  fleet.deps.changes.takeBack("films", 2);
  expect(await advance("undo", UNDONE)).toEqual({ kind: "later", delayMs: 25 });
  fleet.deps.changes.remove("films", 2);
  fleet.deps.changes.add("films", 8, { stopWords: ["a"] });
  expect(await advance("undo", UNDONE)).toMatchObject({ kind: "done" });
  expect([written(), fleet.suspects]).toEqual([[[], [], []], []]);
  fleet.deps.changes.remove("films", 8);
  fleet.deps.changes.add("films", 9, { synonyms: {} });
  expect(await advance("undo", UNDONE)).toEqual({ kind: "later", delayMs: 200 });
  expect(await advance("undo", UNDONE)).toMatchObject({ kind: "more", nodeTasks: [{ nodeId: "n1", role: "undo" }] });
});

test("nor is it left to one that has been seen on all nodes already, and will not look again", async () => {
  fleet.deps.changes.add("films", 2, { stopWords: ["a"] });
  fleet.deps.changes.decide("films", 2);
  shown = [{ ...PLAIN, stopWords: ["a"] }, CHANGED, { ...PLAIN, stopWords: ["a"] }];
  expect(await advance("undo", UNDONE)).toEqual({ kind: "later", delayMs: 200 });
  expect(await advance("undo", UNDONE)).toMatchObject({ kind: "more", nodeTasks: [{ nodeId: "n1", role: "undo" }] });
  expect(written()).toEqual([[], ['{"stopWords":["a"]}'], []]);
});

test("a node that is still to be brought earlier writes is not judged, so the index is not frozen for it", async () => {
  shown = [PLAIN, CHANGED, CHANGED];
  const missed = { ...fleet.deps.missed, pending: (nodeId: string) => nodeId === "n0" };
  const nodeTasks = ["n0", "n1", "n2"].map((nodeId) => told(nodeId, "main", "succeeded"));
  const task = { uid: 3, enqueuedAt: 0, nodeTasks } as unknown as Task;
  const verdict = await verifySettings({ ...fleet.deps, missed }, task, begun(), 0);
  expect(verdict).toMatchObject({ kind: "agreed", nodeIds: ["n1", "n2"] });
});

test("a node that the change has not looked at is looked at when it is decided, whether it was told or passed over", async () => {
  shown = [CHANGED, CHANGED, CHANGED];
  begun();
  const nodeTasks = [told("n0", "main", "succeeded"), told("n1", "main", "hinted"), told("n2", "main", "succeeded")];
  const step = await advance("apply", nodeTasks);
  expect(step).toMatchObject({ kind: "more", flow: { step: "commit", data: { decision: { nodeIds: ["n0", "n2"] } } } });
  // Until then it counts as one that is as it was before the change, and may be let in.
  expect(fleet.suspects).toEqual([]);
  expect(await advance("commit", nodeTasks, step.kind === "more" ? step.flow.data : {})).toMatchObject({
    kind: "done",
  });
  expect(fleet.deps.catalog.get("films")?.settingsVersion).toBe(2);
  expect(fleet.suspects).toEqual(["n1"]);
});

test("one node alone that was edited before it was looked at is not the measure: what was sent is", async () => {
  shown = [PLAIN, { ...PLAIN, stopWords: ["edited"] }, PLAIN];
  for (const silent of [0, 2]) clients[silent]?.answerWith(() => unavailable(`n${silent}`, "timeout"));
  const nodeTasks = ["n0", "n1", "n2"].map((nodeId) => told(nodeId, "main", "succeeded"));
  const task = { uid: 3, enqueuedAt: 0, nodeTasks } as unknown as Task;
  const verdict = await verifySettings({ ...fleet.deps, verifyTimeoutMs: 0 }, task, begun(), 0);
  expect(verdict).toMatchObject({ kind: "mismatch", wrong: [{ nodeId: "n1", keys: ["stopWords"] }] });
});

test("of an index that the failed change has made it is known what is left there, though no node was looked at before", async () => {
  await fleet.catalog.update("films", ({ settingsHashes: _none, ...entry }) => ({ ...entry, state: "creating" }));
  shown = [CHANGED, PLAIN, PLAIN];
  fleet.away.add("n1").add("n2");
  const made = { created: true };
  expect(await advance("undo", UNDONE, made)).toEqual({ kind: "later", delayMs: 200 });
  expect(await advance("undo", UNDONE, made)).toMatchObject({
    kind: "more",
    nodeTasks: [{ nodeId: "n0", role: "undo" }],
  });
  expect(written()).toEqual([['{"stopWords":null}'], [], []]);
});

for (const [what, differs] of [
  ["is noted before the first change", false],
  ["is not noted while they differ", true],
] as const) {
  test(`what all nodes show ${what}`, async () => {
    await fleet.catalog.update("films", ({ settingsHashes: _none, ...entry }) => entry);
    if (differs) shown[1] = CHANGED;
    const patch = { searchCutoffMs: 100 };
    await changeSettings(fleet.deps, { uid: "films", patch, single: null, mayCreate: false });
    expect(fleet.catalog.get("films")?.settingsHashes).toEqual(differs ? undefined : settingsHashes(PLAIN));
    expect(written()).toEqual(clients.map(() => [JSON.stringify(patch)]));
  });
}

test("a node that failed what was to make the index, and has not got its undoing, has lost nothing", async () => {
  await fleet.catalog.update("films", ({ settingsHashes: _none, ...entry }) => ({ ...entry, state: "creating" }));
  fleet.away.add("n1");
  const undone = [
    ...MAIN,
    told("n0", "undo", "succeeded"),
    told("n1", "undo", "hinted"),
    told("n2", "undo", "succeeded"),
  ];
  settings = settingsFlow({ ...fleet.deps, verifyTimeoutMs: 0 });
  expect(await advance("undo", undone, { created: true })).toMatchObject({ kind: "done" });
  expect(fleet.catalog.get("films")?.state).toBe("ready");
  expect(["n0", "n1", "n2"].map((nodeId) => fleet.deps.versions.get("films", nodeId))).toEqual([0, undefined, 0]);
});

test("an index that the markers alone have made goes from a node that failed the settings, too", async () => {
  await fleet.catalog.update("films", (entry) => ({ ...entry, state: "creating", updatedAt: entry.createdAt }));
  const made = { created: true, before: { n0: {}, n1: {}, n2: {} }, abort: NO_SPACE, lost: [] };
  const nodeTasks = [...MAIN, told("n1", "prepare", "succeeded")];
  const step = await advance("apply", nodeTasks, made);
  expect(step).toMatchObject({ kind: "more", flow: { step: "undo" } });
  expect(clients.map(({ sent }) => sent.map(({ method }) => method))).toEqual([["DELETE"], ["DELETE"], ["DELETE"]]);
});
