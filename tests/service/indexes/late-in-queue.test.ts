/** A request that comes behind the one that takes it back, and then stands in the queue of a busy node: nothing is left of it. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import type { NodeClient, NodeRequest } from "../../../src/nodes/node-client.ts";
import { createIndex } from "../../../src/services/indexes/create-index.ts";
import { changeSettings } from "../../../src/services/settings/change-settings.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, startNodes, type TestNode } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "./small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
beforeAll(async () => {
  nodes = await startNodes(2);
}, 60_000);
afterAll(() => Promise.all(nodes.map((node) => node.stop())));

interface Maker {
  readonly uid: string;
  readonly told: (request: NodeRequest) => boolean;
  readonly make: (fleet: SmallFleet) => Promise<unknown>;
}

const makers: readonly Maker[] = [
  {
    uid: "created",
    told: ({ method, path }) => method === "POST" && path === "/indexes",
    make: ({ deps }) => createIndex(deps, { uid: "created", primaryKey: "id" }),
  },
  {
    uid: "set",
    told: ({ method, path }) => method === "PATCH" && path === "/indexes/set/settings",
    make: ({ deps }) =>
      changeSettings(deps, { uid: "set", patch: { stopWords: ["a"] }, single: null, mayCreate: true }),
  },
];

for (const { uid, told, make } of makers) {
  test(`an index that was to be ${uid}`, async () => {
    const [sound, busy] = clientsOf(nodes) as [NodeClient, NodeClient];
    // It has taken the request before it was looked at, and shows nothing of it until it comes to it.
    let isDone = false;
    let late: Promise<unknown> | null = null;
    const queued = { uid: 1, status: "enqueued", type: "indexCreation", indexUid: uid };
    const send: NodeClient["send"] = async (request, signal) => {
      if (late === null && told(request)) {
        late = Bun.sleep(1_200)
          .then(() => busy.send(request))
          .then(() => (isDone = true));
        return { kind: "unavailable", nodeId: "n1", reason: "connection", ambiguous: true, message: "gone" };
      }
      if (isDone || !request.path.includes("types=indexCreation,settingsUpdate")) return busy.send(request, signal);
      return { kind: "answered", nodeId: "n1", status: 200, text: JSON.stringify({ results: [queued] }) };
    };
    const fleet = createSmallFleet({ clients: [sound, { ...busy, send }] });
    expect(make(fleet)).rejects.toMatchObject({ status: 503, code: "miroir_node_unavailable" });
    const [task] = (await fleet.store.list({ indexUids: [uid] }, { limit: 1 })).tasks;
    expect(await fleet.end(task as never)).toMatchObject({ status: "failed" });
    expect(isDone).toBe(true);
    for (const node of nodes) expect((await nodeRequest(node, "GET", `/indexes/${uid}`)).status).toBe(404);
    await fleet.close();
  });
}
