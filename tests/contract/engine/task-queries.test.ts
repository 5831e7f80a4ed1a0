/** The same requests to a real node and to the router's task routes: the same status, code and words. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { nodeRequest, realEnginePath, startNode, type TestNode } from "../../support/nodes.ts";
import { ask } from "../../service/tasks/ask-tasks.ts";
import { createWorld, type World } from "../../service/tasks/registry-world.ts";

const refused = [
  "GET /tasks/abc",
  "GET /tasks/99",
  "GET /tasks/-1",
  "GET /tasks/4294967296",
  "GET /batches/abc",
  "GET /batches/99",
  "GET /tasks?limit=abc",
  "GET /tasks?limit=-1",
  "GET /tasks?limit=",
  "GET /tasks?limit=4294967296",
  "GET /tasks?from=x",
  "GET /tasks?reverse=1",
  "GET /tasks?uids=x",
  "GET /tasks?uids=1,x",
  "GET /tasks?uids=1,*,x",
  "GET /tasks?uids=,x,,2",
  "GET /tasks?uids=%201",
  "GET /tasks?uids=4294967296",
  "GET /tasks?batchUids=x",
  "GET /tasks?canceledBy=x",
  "GET /tasks?statuses=done",
  "GET /tasks?statuses=enqueued,foo",
  "GET /tasks?types=foo",
  "GET /tasks?indexUids=a%20b",
  "GET /tasks?indexUids=a,b!",
  "GET /tasks?afterEnqueuedAt=yesterday",
  "GET /tasks?beforeEnqueuedAt=2024-13-01",
  "GET /tasks?beforeEnqueuedAt=2024-02-30",
  "GET /tasks?afterStartedAt=2024-01-01T00:00:00",
  "GET /tasks?beforeStartedAt=2024-01-01T24:00:00Z",
  "GET /tasks?beforeFinishedAt=2024-01-01T00:00:00.Z",
  "GET /tasks?afterFinishedAt=",
  "GET /tasks?limits=3",
  "GET /tasks?foo=3",
  "GET /tasks?limit=x&foo=3",
  "GET /tasks?foo=3&limit=x",
  "GET /tasks?limit=1&limit=x",
  "GET /batches?foo=1",
  "GET /batches?statuses=x",
  "POST /tasks/cancel",
  "POST /tasks/cancel?limit=3",
  "POST /tasks/cancel?uids=x",
  "DELETE /tasks",
  "DELETE /tasks?from=1",
  "DELETE /tasks?canceldBy=1",
];

/** Accepted ones, on a node without any task as here. */
const accepted = [
  "GET /tasks",
  "GET /tasks?limit=0",
  "GET /tasks?limit=4294967295",
  "GET /tasks?limit=4294967294",
  "GET /tasks?uids=%2B1",
  "GET /tasks?uids=1,*&statuses=*&types=*&indexUids=*&canceledBy=*&batchUids=*",
  "GET /tasks?statuses=SUCCEEDED&types=INDEXcreation",
  "GET /tasks?afterStartedAt=2024-01-01t00:00:00z&beforeStartedAt=2024-01-01_00:00:00.1234567891%2B02:00",
  "GET /tasks?afterFinishedAt=*&beforeFinishedAt=2016-12-31T23:59:60Z",
  "GET /tasks?afterEnqueuedAt=9999-12-31",
  "GET /batches?from=7&reverse=true",
];

/** A development node does not follow the engine into every corner of numbers, lists and dates. */
describe.skipIf(realEnginePath() === null)("on the real engine", () => {
  let node: TestNode;
  let world: World;
  beforeAll(async () => {
    node = await startNode({ kind: "meilisearch" });
    world = await createWorld();
  });
  afterAll(async () => {
    await world.stop();
    await node.stop();
  });

  test.each([...refused, ...accepted])("%s is answered alike", async (request) => {
    const [method = "", path = ""] = request.split(" ");
    const theirs = await nodeRequest(node, method, path);
    const ours = await ask(world, method, path);
    expect({ status: ours.status, text: ours.text }).toEqual({ status: theirs.status, text: theirs.text });
  });
});
