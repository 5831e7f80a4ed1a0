/** Settings over three real nodes: told to all, verified, committed; or taken back. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import type { JsonObject } from "../../../src/core/settings/json-shape.ts";
import { RESET_ALL } from "../../../src/core/settings/settings-keys.ts";
import type { Task } from "../../../src/core/tasks/task.ts";
import type { NodeClient } from "../../../src/nodes/node-client.ts";
import { createIndex } from "../../../src/services/indexes/create-index.ts";
import { changeSettings } from "../../../src/services/settings/change-settings.ts";
import { readSettings } from "../../../src/services/settings/read-settings.ts";
import { createSettingsState } from "../../../src/services/settings/settings-state.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, runTask, startNodes, type TestNode } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "../indexes/small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
let fleet: SmallFleet;
let clients: NodeClient[];
let uid: string;
let count = 0;

beforeAll(async () => {
  nodes = await startNodes(3);
}, 60_000);
afterAll(() => Promise.all(nodes.map((node) => node.stop())));
beforeEach(async () => {
  clients = clientsOf(nodes);
  fleet = createSmallFleet({ clients });
  uid = `settings_${++count}`;
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
});
afterEach(() => fleet.close());

const whole = (patch: JsonObject) => ({ uid, patch, single: null, mayCreate: true });
const change = (patch: JsonObject): Promise<Task> => changeSettings(fleet.deps, whole(patch));
const headers = () => createSettingsState(fleet.deps).headers([uid]);
const shown = (): Promise<unknown> => readSettings(fleet.deps, uid, null);

// oxlint-disable-next-line typescript/no-explicit-any
async function onNodes(path: string): Promise<any[]> {
  return Promise.all(nodes.map(async (node) => (await nodeRequest(node, "GET", path)).body));
}

test("a change reaches all nodes, reads back as written, and raises the version", async () => {
  const task = await change({
    filterableAttributes: ["genre"],
    displayedAttributes: ["title"],
    sortableAttributes: null,
  });
  expect(fleet.deps.changes.changing(uid)).toBe(true);
  expect(headers()).toEqual({
    "X-Miroir-Settings-Version": "0",
    "X-Miroir-Settings-Pending": "1",
    "X-Miroir-Settings-Inconsistent": "true",
  });
  const ended = await fleet.end(task);
  expect(ended).toMatchObject({
    status: "succeeded",
    details: { filterableAttributes: ["genre"], displayedAttributes: ["title"], sortableAttributes: null },
  });
  expect(JSON.stringify(ended.details)).not.toContain("miroir");
  expect(await shown()).toMatchObject({
    filterableAttributes: ["genre"],
    displayedAttributes: ["title"],
    sortableAttributes: [],
    rankingRules: ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"],
    faceting: { maxValuesPerFacet: 100 },
  });
  expect(headers()).toEqual({ "X-Miroir-Settings-Version": "1" });
  for (const settings of await onNodes(`/indexes/${uid}/settings`)) expect(settings.displayedAttributes).toEqual(["*"]);
});

test("what nodes refuse at once is told at once in their words, with the client's positions, and leaves no task", async () => {
  const before = await fleet.store.count();
  const refusals: readonly (readonly [unknown, string | null, string])[] = [
    [{ filterableAttributes: ["a", 5] }, null, "Invalid value type at `.filterableAttributes[1]`: expected a string"],
    [{ filterableAttributes: ["a", 5] }, "filterableAttributes", "Invalid value type at `[1]`: expected a string"],
    [{ displayedAttributes: [7] }, null, "Invalid value type at `.displayedAttributes[0]`"],
    [{ faceting: { maxValuesPerFacet: -1 } }, null, "Invalid value type at `.faceting.maxValuesPerFacet`"],
    [{ rankingRules: ["words", "nope"] }, null, "Invalid value at `.rankingRules[1]`"],
    [{ nothing: 1 }, null, "Unknown field `nothing`"],
  ];
  for (const [patch, single, message] of refusals) {
    const refused = changeSettings(fleet.deps, { ...whole(patch as JsonObject), single });
    expect(refused).rejects.toMatchObject({ status: 400 });
    expect(refused).rejects.toThrow(message);
    await refused.catch(() => undefined);
  }
  expect(await fleet.store.count()).toBe(before);
  expect(fleet.deps.changes.changing(uid)).toBe(false);
});

test("what would break the markers is refused before any node hears of it", async () => {
  for (const patch of [
    { nonSeparatorTokens: ["@", "†"] },
    { dictionary: ["‡†"] },
    { sortableAttributes: ["_miroir_seq"] },
    { filterableAttributes: [{ attributePatterns: ["_miroir_shard"] }] },
    { rankingRules: ["_miroir_seq:desc"] },
  ]) {
    const refused = change(patch).then(
      () => JSON.stringify(patch),
      (error: unknown) => error,
    );
    expect(await refused).toMatchObject({ status: 400, code: "miroir_reserved_setting" });
  }
});

test("settings that a node cannot carry out are put back where they were, and the task fails with its error", async () => {
  await fleet.end(await change({ sortableAttributes: ["price"], faceting: { maxValuesPerFacet: 7 } }));
  const before = await onNodes(`/indexes/${uid}/settings`);
  // A document on one node only that is no place: there the change fails, elsewhere it succeeds.
  await runTask(nodes[1] as TestNode, "POST", `/indexes/${uid}/documents`, [{ id: 1, _geo: "nowhere" }]);
  const ended = await fleet.end(await change({ sortableAttributes: ["_geo"], faceting: null }));
  expect(ended.status).toBe("failed");
  expect(ended.error?.code).toBe("invalid_document_geo_field");
  expect(await onNodes(`/indexes/${uid}/settings`)).toEqual(before);
  expect(fleet.catalog.visible(uid).settingsVersion).toBe(1);
  expect(fleet.deps.changes.changing(uid)).toBe(false);
});

test("changes one after the other commit in their order, whatever each of them touches", async () => {
  const tasks = await Promise.all([
    change({ stopWords: ["a"], faceting: { maxValuesPerFacet: 5 } }),
    change({ stopWords: ["b"] }),
    change({ faceting: { sortFacetValuesBy: { "*": "count" } } }),
  ]);
  for (const task of tasks) expect((await fleet.end(task)).status).toBe("succeeded");
  expect(fleet.catalog.visible(uid)).toMatchObject({
    settingsVersion: 3,
    settings: { stopWords: ["b"], faceting: { maxValuesPerFacet: 5, sortFacetValuesBy: { "*": "count" } } },
  });
  expect(await shown()).toMatchObject({ stopWords: ["b"], faceting: { maxValuesPerFacet: 5 } });
});

test("a node edited behind the router's back is repaired with the next change, also in what that does not touch", async () => {
  await fleet.end(await change({ sortableAttributes: ["b"] }));
  const before = (await onNodes(`/indexes/${uid}/settings`))[0];
  await runTask(nodes[2] as TestNode, "PATCH", `/indexes/${uid}/settings`, {
    rankingRules: ["words"],
    stopWords: ["x"],
  });
  const ended = await fleet.end(await change({ sortableAttributes: ["a"] }));
  expect(fleet.events).toContain("settings.mismatch_found");
  expect(ended.status).toBe("succeeded");
  for (const settings of await onNodes(`/indexes/${uid}/settings`)) {
    expect(settings).toEqual({ ...before, sortableAttributes: ["_miroir_seq", "a"] });
  }
  expect(["n0", "n1", "n2"].map((nodeId) => fleet.deps.versions.get(uid, nodeId))).toEqual([2, 2, 2]);
});

test("settings of an index that does not exist make it on every node, with the markers", async () => {
  uid = `made_${count}`;
  const ended = await fleet.end(
    await changeSettings(fleet.deps, {
      uid,
      patch: { filterableAttributes: ["genre"] },
      single: "filterableAttributes",
      mayCreate: true,
    }),
  );
  expect(ended.status).toBe("succeeded");
  expect(fleet.catalog.visible(uid)).toMatchObject({ state: "ready", settingsVersion: 1 });
  for (const settings of await onNodes(`/indexes/${uid}/settings`)) {
    expect(settings.filterableAttributes.at(-1)).toBe("genre");
    expect(settings.sortableAttributes).toEqual(["_miroir_seq"]);
    expect(settings.rankingRules.at(-1)).toBe("_miroir_seq:asc");
  }
});

test("settings that all nodes refuse make no index; a reset of a missing one fails as a task", async () => {
  uid = `missing_${count}`;
  expect(change({ stopWords: 5 })).rejects.toMatchObject({ status: 400 });
  const reset = await fleet.end(
    await changeSettings(fleet.deps, { uid, patch: RESET_ALL, single: null, mayCreate: false }),
  );
  expect(reset).toMatchObject({ status: "failed", error: { code: "index_not_found" } });
  expect(fleet.catalog.get(uid)).toBeUndefined();
  for (const answer of await onNodes(`/indexes/${uid}`)) expect(answer.code).toBe("index_not_found");
});

test("first settings that fail leave the empty index a single node would leave, with its markers", async () => {
  uid = `failed_${count}`;
  const ended = await fleet.end(
    await change({ distinctAttribute: "a", typoTolerance: { minWordSizeForTypos: { oneTypo: 99 } } }),
  );
  expect(ended.status).toBe("failed");
  expect(fleet.catalog.visible(uid)).toMatchObject({ state: "ready", settings: {}, settingsVersion: 0 });
  for (const settings of await onNodes(`/indexes/${uid}/settings`)) {
    expect(settings.sortableAttributes).toEqual(["_miroir_seq"]);
    expect(settings.distinctAttribute).toBeNull();
  }
});

test("a router that stopped before it had told anybody takes the change back at its next start", async () => {
  const data = {
    uid,
    patch: { stopWords: ["z"] },
    createdAt: fleet.catalog.get(uid)?.createdAt,
    created: false,
    repairs: 0,
  };
  await runTask(nodes[0] as TestNode, "PATCH", `/indexes/${uid}/settings`, { stopWords: ["z"] });
  const task = await fleet.tasks.register({
    type: "settingsUpdate",
    indexUid: uid,
    details: null,
    flow: { kind: "settings", step: "apply", data },
  });
  await fleet.tasks.adopt();
  const ended = await fleet.end(task);
  expect(ended).toMatchObject({ status: "failed", error: { code: "miroir_task_interrupted" } });
  for (const settings of await onNodes(`/indexes/${uid}/settings`)) expect(settings.stopWords).toEqual([]);
});

describe("from node to node", () => {
  const made = () => `made_${count}`;
  const sequential = (patch: JsonObject): Promise<Task> => {
    const one = { uid: made(), patch, single: null, mayCreate: true };
    return changeSettings(createdOneByOne.deps, one);
  };
  let createdOneByOne: SmallFleet;
  beforeEach(() => {
    createdOneByOne = createSmallFleet({ clients, strategy: "sequential" });
  });
  afterEach(() => createdOneByOne.close());

  test("a change that makes its index is told to one node after the other, markers and all", async () => {
    const task = await sequential({ stopWords: ["z"] });
    const told = () =>
      onNodes(`/tasks?indexUids=${made()}`).then((lists) => lists.map(({ total }) => Number(total) > 0));
    expect(await told()).toEqual([true, false, false]);
    expect(await createdOneByOne.end(task)).toMatchObject({ status: "succeeded" });
    expect(createdOneByOne.catalog.visible(made())).toMatchObject({ settingsVersion: 1 });
    for (const settings of await onNodes(`/indexes/${made()}/settings`)) {
      expect(settings).toMatchObject({ stopWords: ["z"], sortableAttributes: ["_miroir_seq"] });
    }
  });

  test("the first node that fails ends it, and those behind it never hear of the change", async () => {
    await runTask(nodes[1] as TestNode, "POST", `/indexes/${made()}/documents`, [{ id: 1, _geo: "nowhere" }]);
    await createdOneByOne.end(await sequential({ stopWords: ["z"], sortableAttributes: ["_geo"] }));
    const [last] = (await nodeRequest(nodes[2] as TestNode, "GET", `/tasks?indexUids=${made()}&reverse=true`)).body
      .results;
    expect(JSON.stringify(last.details)).not.toContain("_geo");
  });
});

test("of several indexes the headers name each with its version", async () => {
  const other = `other_${count}`;
  await fleet.end(await createIndex(fleet.deps, { uid: other, primaryKey: "id" }));
  await fleet.end(await change({ stopWords: ["z"] }));
  const state = createSettingsState(fleet.deps);
  expect(state.headers([uid, other, "nobody"])).toMatchObject({ "X-Miroir-Settings-Version": `${uid}=1, ${other}=0` });
  const task = await change({ stopWords: ["y"] });
  expect(state.headers([uid, other])).toEqual({
    "X-Miroir-Settings-Version": `${uid}=1, ${other}=0`,
    "X-Miroir-Settings-Pending": `${uid}=2`,
    "X-Miroir-Settings-Inconsistent": "true",
  });
  await fleet.end(task);
  const many = Array.from({ length: 2_000 }, (_, n) => `index_${n}`);
  for (const name of many) await fleet.catalog.put({ ...fleet.catalog.visible(uid), uid: name });
  expect(state.headers(many)["X-Miroir-Settings-Version"]).toBeUndefined();
});

test.each(["two_phase", "sequential"] as const)(
  "%s: a first change that one node fails leaves the index on all of them, as a single node would, and nothing of the change",
  async (strategy) => {
    const made = `failed_${count}`;
    const world = createSmallFleet({ clients, strategy });
    await runTask(nodes[1] as TestNode, "POST", `/indexes/${made}/documents`, [{ id: 1, _geo: "nowhere" }]);
    const patch = { stopWords: ["z"], sortableAttributes: ["_geo"] };
    const task = await changeSettings(world.deps, { uid: made, patch, single: null, mayCreate: true });
    const error = { code: "invalid_document_geo_field" };
    expect(await world.end(task)).toMatchObject({ status: "failed", error });
    const shown = await onNodes(`/indexes/${made}/settings`);
    expect(shown.map(({ stopWords }) => stopWords)).toEqual([[], [], []]);
    // The document keeps the node that has it from every change.
    for (const place of [0, 2]) expect(shown[place].sortableAttributes).toEqual(["_miroir_seq"]);
    expect(world.catalog.visible(made).settings).toEqual({});
    await world.close();
  },
);
