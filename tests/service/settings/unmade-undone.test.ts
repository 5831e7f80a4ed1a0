/** The end of a failed change that was to make an index: what has become of that meanwhile, or never was. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import { PLAIN_FORM } from "../../../src/core/settings/node-form.ts";
import { initialNodeSettings } from "../../../src/core/settings/to-node-patch.ts";
import type { NodeTask, Task } from "../../../src/core/tasks/task.ts";
import type { SettingsFlowData } from "../../../src/services/settings/change-settings.ts";
import { SETTINGS_FLOW } from "../../../src/services/settings/open-changes.ts";
import { settingsFlow } from "../../../src/services/settings/settings-flow.ts";
import { answered, createFakeNodeClient, refused } from "../../support/fake-node-client.ts";
import { createSmallFleet, type SmallFleet } from "../indexes/small-fleet.ts";

const NO_SPACE = { message: "No space left on device", code: "internal", type: "internal", link: "" };
const UID = "films";
const { filterableAttributes, sortableAttributes, rankingRules } = initialNodeSettings({}, PLAIN_FORM);
/** A part of what a new index shows. */
const PLAIN = { filterableAttributes, sortableAttributes, rankingRules, searchableAttributes: ["*"], stopWords: [] };

let fleet: SmallFleet;
/** What happens when a node is asked what it shows. */
let whenLookedAt: () => void;
/** These do not have the index. */
let without: string[];
beforeEach(() => {
  without = [];
  whenLookedAt = () => {};
  const clients = ["n0", "n1"].map((nodeId) =>
    createFakeNodeClient(nodeId, () => {
      whenLookedAt();
      return without.includes(nodeId) ? refused(nodeId, 404, "index_not_found") : answered(nodeId, PLAIN);
    }),
  );
  fleet = createSmallFleet({ clients });
  const entry = { uid: UID, primaryKey: null, shards: 4, settingsVersion: 0, settings: {}, createdAt: 5, updatedAt: 5 };
  fleet.entries.set(UID, { ...entry, state: "creating" });
});
afterEach(() => fleet.close());

for (const [what, during, after] of [
  ["is there, empty, when it has been taken back", "creating", "ready"],
  ["goes when it is deleted before that", "deleting", "deleting"],
] as const) {
  test(`an index that a failed change has made ${what}`, async () => {
    whenLookedAt = () => void fleet.entries.set(UID, { ...(fleet.entries.get(UID) as IndexEntry), state: during });
    expect(await settingsFlow(fleet.deps).advance(undone())).toMatchObject({
      kind: "done",
      error: { code: "internal" },
    });
    expect(fleet.catalog.get(UID)?.state).toBe(after);
  });
}

test("a node that does not have the index is not waited for, and is looked at before it serves", async () => {
  without = ["n1"];
  expect(await settingsFlow(fleet.deps).advance(undone())).toMatchObject({ kind: "done" });
  expect(fleet.suspects).toEqual(["n1"]);
});

/** n1 has failed the change, and both have carried out what takes it back. */
function undone(): Task {
  const about = { uid: UID, patch: { stopWords: ["the"] }, single: null, oneByOne: false, createdAt: 5 };
  const data = { ...about, created: true, repairs: 0 } satisfies SettingsFlowData;
  const nodeTasks: NodeTask[] = [
    { nodeId: "n0", taskUid: 1, role: "main", status: "succeeded" },
    { nodeId: "n1", taskUid: 1, role: "main", status: "failed", error: NO_SPACE },
    { nodeId: "n0", taskUid: 2, role: "undo", status: "succeeded" },
    { nodeId: "n1", taskUid: 2, role: "undo", status: "succeeded" },
  ];
  const flow = { kind: SETTINGS_FLOW, step: "undo", data: { ...data, error: NO_SPACE } };
  const task = { uid: 3, indexUid: UID, type: "settingsUpdate", status: "processing", details: null, error: null };
  return { ...task, enqueuedAt: Date.now(), nodeTasks, flow } as unknown as Task;
}
