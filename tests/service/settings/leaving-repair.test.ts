/** Settings are told to node after node when they are put right: not to one that has the deletion of the index by then. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import type { NodeClient } from "../../../src/nodes/node-client.ts";
import { createIndex } from "../../../src/services/indexes/create-index.ts";
import { deleteIndex } from "../../../src/services/indexes/delete-index.ts";
import { changeSettings } from "../../../src/services/settings/change-settings.ts";
import { clientOf } from "../../support/node-clients.ts";
import { nodeRequest, runTask, startNodes, type TestNode } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "../indexes/small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
beforeAll(async () => {
  nodes = await startNodes(2);
}, 60_000);
afterAll(() => Promise.all(nodes.map((node) => node.stop())));

test("no node makes the index again", async () => {
  const uid = "leaving";
  let deletion: ReturnType<typeof deleteIndex> | null = null;
  let isEdited = false;
  const told: string[] = [];
  const clients = nodes.map((node, place) => {
    const real = clientOf(node, place);
    const send: NodeClient["send"] = async (request, signal) => {
      const outcome = await real.send(request, signal);
      if (request.method !== "GET") told.push(`${request.method} ${real.nodeId}`);
      if (isEdited && request.method === "PATCH" && deletion === null) {
        deletion = deleteIndex(fleet.deps, uid);
        while (!told.includes("DELETE n1")) await Bun.sleep(5);
      }
      return outcome;
    };
    return { ...real, send };
  });
  const fleet: SmallFleet = createSmallFleet({ clients });
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  const changing = await changeSettings(fleet.deps, {
    uid,
    patch: { stopWords: ["a"] },
    single: null,
    mayCreate: false,
  });
  for (const node of nodes) await runTask(node, "PUT", `/indexes/${uid}/settings/stop-words`, ["edited"]);
  isEdited = true;
  expect(await fleet.end(changing)).toMatchObject({ status: "succeeded" });
  expect(deletion).not.toBeNull();
  expect(await fleet.end(await deletion!)).toMatchObject({ status: "succeeded" });
  await Bun.sleep(300);
  for (const node of nodes) expect((await nodeRequest(node, "GET", `/indexes/${uid}`)).status).toBe(404);
  await fleet.close();
});
