/** A new name whose request reaches a node after the router has given it up: it does not come behind what takes it back. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import type { NodeClient } from "../../../src/nodes/node-client.ts";
import { createIndex } from "../../../src/services/indexes/create-index.ts";
import { updateIndex } from "../../../src/services/indexes/update-index.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, startNodes, type TestNode } from "../../support/nodes.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { createSmallFleet } from "./small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
beforeAll(async () => {
  nodes = await startNodes(2);
}, 60_000);
afterAll(() => Promise.all(nodes.map((node) => node.stop())));

test("every node has the index by its old name in the end", async () => {
  const late: Promise<unknown>[] = [];
  const [sound, flaky] = clientsOf(nodes) as [NodeClient, NodeClient];
  const send: NodeClient["send"] = async (request, signal) => {
    if (late.length > 0 || request.method !== "PATCH" || request.path !== "/indexes/late") {
      return flaky.send(request, signal);
    }
    late.push(Bun.sleep(200).then(() => flaky.send(request)));
    return { kind: "unavailable", nodeId: "n1", reason: "connection", ambiguous: true, message: "gone" };
  };
  const fleet = createSmallFleet({ clients: [sound, { ...flaky, send }] });
  await fleet.end(await createIndex(fleet.deps, { uid: "late", primaryKey: "id" }));
  const refused = await rejectionOf(updateIndex(fleet.deps, { uid: "late", newUid: "other" }));
  expect(refused).toMatchObject({ status: 503, code: "miroir_node_unavailable" });
  const [task] = (await fleet.store.list({ types: ["indexUpdate"] }, { limit: 1 })).tasks;
  expect(await fleet.end(task as never)).toMatchObject({ status: "failed" });
  expect(late).toHaveLength(1);
  await Promise.all(late);
  await Bun.sleep(300);
  for (const node of nodes) {
    expect((await nodeRequest(node, "GET", "/indexes/late")).body).toMatchObject({ primaryKey: "id" });
    expect((await nodeRequest(node, "GET", "/indexes/other")).status).toBe(404);
  }
  await fleet.close();
});
