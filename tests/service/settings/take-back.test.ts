/** A change of settings that failed is taken back on every node that was told, and what is left of it is not served. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import type { NodeTask, Task } from "../../../src/core/tasks/task.ts";
import type { NodeRequest } from "../../../src/nodes/node-client.ts";
import { SETTINGS_FLOW } from "../../../src/services/settings/open-changes.ts";
import { settingsFlow } from "../../../src/services/settings/settings-flow.ts";
import { verifySettings } from "../../../src/services/settings/verify-change.ts";
import type { FlowStep, TaskFlow } from "../../../src/services/tasks/task-registry.ts";
import { createFakeNodeClient, type FakeNodeClient } from "../../support/fake-node-client.ts";
import { createSmallFleet, type SmallFleet } from "../indexes/small-fleet.ts";

const NO_SPACE = { message: "No space left on device", code: "internal", type: "internal", link: "" };
let clients: FakeNodeClient[];
let fleet: SmallFleet;
let settings: TaskFlow;

beforeEach(() => {
  clients = ["n0", "n1"].map((nodeId) =>
    createFakeNodeClient(nodeId, async () => {
      const text = JSON.stringify({ taskUid: 9, status: "enqueued", type: "settingsUpdate", indexUid: "films" });
      return { kind: "answered", nodeId, status: 202, text };
    }),
  );
  fleet = createSmallFleet({ clients });
  settings = settingsFlow(fleet.deps);
  const entry = { uid: "films", primaryKey: "id", shards: 4, state: "ready", settingsVersion: 1, settings: {} };
  fleet.entries.set("films", { ...entry, createdAt: 5, updatedAt: 5 } as IndexEntry);
});
afterEach(() => fleet.close());

function advance(step: string, nodeTasks: readonly NodeTask[], undos = 0, more: object = {}): Promise<FlowStep> {
  const data = { uid: "films", patch: { stopWords: ["the"] }, single: null, oneByOne: false, createdAt: 5 };
  const flow = {
    kind: SETTINGS_FLOW,
    step,
    data: { ...data, created: false, repairs: 0, undos, error: NO_SPACE, ...more },
  };
  const task = { uid: 3, indexUid: "films", type: "settingsUpdate", status: "processing", details: null, error: null };
  return settings.advance({ ...task, nodeTasks, flow } as unknown as Task);
}

const told = (nodeId: string, role: NodeTask["role"], status: NodeTask["status"]): NodeTask => {
  return { nodeId, taskUid: 1, role, status, ...(status === "failed" ? { error: NO_SPACE } : {}) };
};

test("also a node on which it failed is told to go back: it may have been set up anew with what was under way", async () => {
  const step = await advance("apply", [told("n0", "main", "failed"), told("n1", "main", "succeeded")]);
  expect(step).toMatchObject({ kind: "more", flow: { step: "undo" } });
  const sent = (client: FakeNodeClient): unknown[] =>
    client.sent.map(({ method, path, body }: NodeRequest) => [method, path, body]);
  expect(sent(clients[0] as FakeNodeClient)).toEqual([["PATCH", "/indexes/films/settings", '{"stopWords":null}']]);
  expect(sent(clients[1] as FakeNodeClient)).toEqual(sent(clients[0] as FakeNodeClient));
  // Whatever is set up from now on does without it.
  expect(fleet.deps.changes.wanted("films")).toEqual({});
});

test("so it is when the change could not be told to all nodes", async () => {
  const abort = {
    message: "Node `n2` was lost while it was told.",
    code: "miroir_node_unavailable",
    type: "system",
    link: "",
  };
  await advance("apply", [told("n0", "main", "lost"), told("n1", "main", "succeeded")], 0, { abort });
  expect(clients.map(({ sent }) => sent.length)).toEqual([1, 1]);
});

test("a node that is still to be brought earlier writes is not judged, and so not repaired in vain", async () => {
  const missed = { ...fleet.deps.missed, pending: (nodeId: string) => nodeId === "n0" };
  const shown = JSON.stringify({ stopWords: ["the"] });
  for (const client of clients) {
    const text = client.nodeId === "n0" ? "{}" : shown;
    client.answerWith(async () => ({ kind: "answered", nodeId: client.nodeId, status: 200, text }));
  }
  const verdict = await verifySettings(
    { ...fleet.deps, missed },
    {
      uid: 3,
      enqueuedAt: 0,
      nodeTasks: [told("n0", "main", "succeeded"), told("n1", "main", "succeeded")],
    } as unknown as Task,
    { uid: "films", patch: {}, single: null, oneByOne: false, createdAt: 5, created: false, repairs: 0 },
  );
  expect(clients.map(({ sent }) => sent.length)).toEqual([0, 1]);
  expect(verdict).not.toMatchObject({ mismatch: expect.stringContaining("n0") });
});

test("a node that fails to go back is told again after a pause, and by what it does then", async () => {
  const main = [told("n0", "main", "succeeded"), told("n1", "main", "failed")];
  const undone = [...main, told("n0", "undo", "failed"), told("n1", "undo", "succeeded")];
  expect(await advance("undo", undone)).toEqual({ kind: "later", delayMs: 200 });
  const step = await advance("undo", undone);
  expect(step).toMatchObject({ kind: "more", flow: { step: "undo", data: { undos: 1 } } });
  expect(clients.map(({ sent }) => sent.length)).toEqual([1, 0]);
  expect(await advance("undo", [...undone, told("n0", "undo", "succeeded")], 1)).toMatchObject({ kind: "done" });
  expect(fleet.suspects).toEqual([]);
});

test("a node that still fails to go back is compared with the catalog before it serves again", async () => {
  await fleet.deps.versions.proven("films", ["n0", "n1"], 1);
  const main = [told("n0", "main", "succeeded"), told("n1", "main", "failed")];
  const undone = [...main, told("n0", "undo", "failed"), told("n1", "undo", "succeeded")];
  const step = await advance("undo", undone, fleet.deps.repairsMax);
  expect(step).toMatchObject({ kind: "done", error: { code: "internal" } });
  expect(fleet.suspects).toEqual(["n0"]);
  expect(fleet.deps.versions.get("films", "n0")).toBe(-1);
  expect(fleet.deps.versions.get("films", "n1")).toBe(1);
});
