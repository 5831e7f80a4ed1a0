/** A change of settings of an index that is in the catalog, but that nobody has come to make on the nodes. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import type { NodeClient } from "../../../src/nodes/node-client.ts";
import { newEntry } from "../../../src/services/indexes/lifecycle-deps.ts";
import { changeSettings } from "../../../src/services/settings/change-settings.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, startNodes, type TestNode } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "../indexes/small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
let clients: NodeClient[];
let uid: string;
let count = 0;
beforeAll(async () => {
  nodes = await startNodes(2);
}, 60_000);
afterAll(() => Promise.all(nodes.map((node) => node.stop())));

describe.each(["two_phase", "sequential"] as const)("%s", (strategy) => {
  let fleet: SmallFleet;
  beforeEach(async () => {
    clients = clientsOf(nodes);
    fleet = createSmallFleet({ clients, strategy });
    uid = `unmade_${++count}`;
    await fleet.catalog.put(newEntry(fleet.deps, uid, "id"));
  });
  afterEach(() => fleet.close());

  const onNodes = (path: string): Promise<{ readonly status: number; readonly body: unknown }[]> =>
    Promise.all(nodes.map((node) => nodeRequest(node, "GET", path)));

  test("it makes the index as a write would, with its key and markers, and the index is there when it has succeeded", async () => {
    const task = await changeSettings(fleet.deps, { uid, patch: { stopWords: ["a"] }, single: null, mayCreate: true });
    expect(await fleet.end(task)).toMatchObject({ status: "succeeded", details: { stopWords: ["a"] } });
    expect(fleet.catalog.get(uid)).toMatchObject({
      state: "ready",
      settingsVersion: 1,
      settings: { stopWords: ["a"] },
    });
    for (const { body } of await onNodes(`/indexes/${uid}`)) expect(body).toMatchObject({ uid, primaryKey: "id" });
    for (const { body } of await onNodes(`/indexes/${uid}/settings`)) {
      expect(body).toMatchObject({ stopWords: ["a"] });
      expect(JSON.stringify(body)).toContain("_miroir_shard");
    }
  });
});
