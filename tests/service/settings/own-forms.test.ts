/**
 * An engine that keeps a setting in another form than this version of the router knows, as a later version of it may: its
 * settings can be changed, no index is frozen, and a node that is edited is still found.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import type { Task } from "../../../src/core/tasks/task.ts";
import type { JsonObject } from "../../../src/core/settings/json-shape.ts";
import { settingsHashes } from "../../../src/core/settings/settings-hashes.ts";
import type { NodeClient } from "../../../src/nodes/node-client.ts";
import { checkSettings } from "../../../src/services/admission/repair-settings.ts";
import { createIndex } from "../../../src/services/indexes/create-index.ts";
import { changeSettings } from "../../../src/services/settings/change-settings.ts";
import { settingsFlow } from "../../../src/services/settings/settings-flow.ts";
import { clientOf } from "../../support/node-clients.ts";
import { nodeRequest, runTask, startNodes, type TestNode, waitForTask } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "../indexes/small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
let fleet: SmallFleet;
let uid: string;
let count = 0;
/** Nodes that show words in another case than they were sent. */
let shouting: ReadonlySet<string>;
/** Nodes whose stop words somebody has edited since they were last told of settings. */
let edited: Set<string>;
/** The node that is edited as soon as it has been looked at. */
let editedNext: string | null;

beforeAll(async () => {
  nodes = await startNodes(2);
});
afterAll(() => Promise.all(nodes.map((node) => node.stop())));
beforeEach(async () => {
  shouting = new Set(["n0", "n1"]);
  edited = new Set();
  editedNext = null;
  const clients = nodes.map((node, place) => inItsOwnForm(clientOf(node, place)));
  fleet = createSmallFleet({ clients, haste: 20 });
  uid = `forms_${++count}`;
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
});
afterEach(() => fleet.close());

function inItsOwnForm(client: NodeClient): NodeClient {
  return {
    ...client,
    nodeId: client.nodeId,
    async send(request, signal) {
      if (request.method === "PATCH") edited.delete(client.nodeId);
      const outcome = await client.send(request, signal);
      if (outcome.kind !== "answered" || request.method !== "GET" || !request.path.endsWith("/settings"))
        return outcome;
      const settings = JSON.parse(outcome.text) as { stopWords?: readonly string[] };
      if (edited.has(client.nodeId)) {
        return { ...outcome, text: JSON.stringify({ ...settings, stopWords: ["edited"] }) };
      }
      if (editedNext === client.nodeId) {
        edited.add(client.nodeId);
        editedNext = null;
      }
      if (!shouting.has(client.nodeId) || settings.stopWords === undefined) return outcome;
      const stopWords = settings.stopWords.map((word) => word.toUpperCase());
      return { ...outcome, text: JSON.stringify({ ...settings, stopWords }) };
    },
  };
}

async function change(patch: JsonObject): Promise<string> {
  const task = await changeSettings(fleet.deps, { uid, patch, single: null, mayCreate: false });
  return (await fleet.end(task)).status;
}

const check = async (): Promise<string> =>
  checkSettings(
    {
      ...fleet.deps,
      nodeIds: () => fleet.deps.fleet.nodeIds(),
      healthy: () => true,
      changing: (index) => fleet.deps.changes.changing(index),
      renaming: async () => new Set(),
      expel: (nodeId) => expect(nodeId).toBe("nobody"),
    },
    fleet.deps.catalog.get(uid)!,
    true,
  );

test("what all nodes show alike after they were told again is taken as it is, and nothing is frozen", async () => {
  expect(await change({ stopWords: ["the"] })).toBe("succeeded");
  expect(fleet.deps.catalog.get(uid)).toMatchObject({ settings: { stopWords: ["the"] }, ownForms: ["stopWords"] });
  expect(fleet.deps.catalog.get(uid)?.frozen).toBeUndefined();
  expect(fleet.events).toContain("settings.kept_otherwise");
  // From then on it is known, and no change waits for repairs.
  const before = fleet.events.filter((name) => name === "settings.mismatch_found").length;
  expect(await change({ stopWords: ["of"] })).toBe("succeeded");
  expect(fleet.events.filter((name) => name === "settings.mismatch_found").length).toBe(before);
  expect(await check()).toBe("in_sync");
});

test("a node that is edited then is found by the others, and put right", async () => {
  expect(await change({ stopWords: ["the"] })).toBe("succeeded");
  await runTask(nodes[1] as TestNode, "PATCH", `/indexes/${uid}/settings`, { stopWords: ["edited"] });
  expect(await check()).toBe("repaired");
  for (const node of nodes) {
    expect((await nodeRequest(node, "GET", `/indexes/${uid}/settings/stop-words`)).body).toEqual(["the"]);
  }
});

test("the check of settings comes to the same when nodes were exchanged for such an engine", async () => {
  shouting = new Set();
  expect(await change({ stopWords: ["the"] })).toBe("succeeded");
  expect(fleet.deps.catalog.get(uid)?.ownForms).toBeUndefined();
  shouting = new Set(["n0", "n1"]);
  expect(await check()).toBe("repaired");
  expect(fleet.deps.catalog.get(uid)?.ownForms).toEqual(["stopWords"]);
  expect(await check()).toBe("in_sync");
});

test("nodes that differ from each other are no form of their own: the change is taken back", async () => {
  shouting = new Set(["n1"]);
  expect(await change({ stopWords: ["the"] })).toBe("failed");
  expect(fleet.deps.catalog.get(uid)?.frozen).toContain("differs in `stopWords`");
});

test("nodes that differ are told again at once, before one that was edited can be edited to be like the other", async () => {
  shouting = new Set();
  const task = await changeSettings(fleet.deps, { uid, patch: { stopWords: ["Été"] }, single: null, mayCreate: false });
  // No form is known of such a word, so that the nodes are held to each other: one was edited, the other is after the look.
  edited = new Set(["n0"]);
  editedNext = "n1";
  expect((await fleet.end(task)).status).toBe("succeeded");
  expect([...edited]).toEqual([]);
  expect(fleet.events).toContain("settings.mismatch_found");
  expect(fleet.deps.catalog.get(uid)?.ownForms).toBeUndefined();
});

test("what only nodes can tell of is told again where it could not be seen soon after they had it", async () => {
  shouting = new Set();
  const change = await changeSettings(fleet.deps, {
    uid,
    patch: { stopWords: ["Été"] },
    single: null,
    mayCreate: false,
  });
  const done = await Promise.all(
    change.nodeTasks.map(async ({ taskUid }, place) => waitForTask(nodes[place]!, taskUid!)),
  );
  const finishedAt = Math.max(...done.map((task) => Date.parse(task.finishedAt)));
  const nodeTasks = change.nodeTasks.map((one) => ({ ...one, status: "succeeded" as const, finishedAt }));
  let nowMs = 0;
  const clock = { nowMs: () => finishedAt, monotonicMs: () => nowMs };
  const flow = settingsFlow({ ...fleet.deps, clock });
  const task = { ...((await fleet.tasks.get(change.uid)) as Task), nodeTasks };
  expect(await flow.advance(task)).toMatchObject({ kind: "more", flow: { step: "commit" } });
  // That could not be kept, and by the time of the next look all nodes have been edited alike.
  nowMs = 2_000;
  edited = new Set(["n0", "n1"]);
  const step = await flow.advance(task);
  expect(step).toMatchObject({ kind: "more", flow: { step: "apply", data: { repairs: 0, toldAgain: true } } });
  expect([...edited]).toEqual([]);
  // Once is enough, whatever the clocks say.
  const data = step.kind === "more" ? step.flow : null;
  expect(await flow.advance({ ...task, flow: data })).toMatchObject({ kind: "more", flow: { step: "commit" } });
  await fleet.end(change);
});

test("what was noted of an edited node makes no change fail, and freezes no index", async () => {
  shouting = new Set();
  expect(await change({ stopWords: ["Été"] })).toBe("succeeded");
  const path = `/indexes/${uid}/settings`;
  const shownBy = (place: number) => nodeRequest(nodes[place] as TestNode, "GET", path).then(({ body }) => body);
  const { stopWords } = await shownBy(0);
  // Somebody edits one node, which is looked at while the other is away.
  await runTask(nodes[1] as TestNode, "PATCH", path, { stopWords: ["edited"] });
  const noted = settingsHashes(await shownBy(1));
  await fleet.catalog.update(uid, (entry) => ({ ...entry, settingsHashes: noted }));
  expect(await change({ searchCutoffMs: 500 })).toBe("succeeded");
  expect(fleet.catalog.get(uid)?.frozen).toBeUndefined();
  for (const place of [0, 1]) expect(await shownBy(place)).toMatchObject({ stopWords, searchCutoffMs: 500 });
});
