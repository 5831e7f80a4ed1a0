/** The simulated node answers like the engine does, in everything that the simulation relies on. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { encodeShard } from "../../src/core/markers/codec.ts";
import { encodeExpiry, expiredFilter, expiryFilter } from "../../src/core/markers/expiry.ts";
import { filterableMarkers, PLAIN_FORM } from "../../src/core/settings/node-form.ts";
import { nodeRequest, startNode, type TestNode } from "../support/nodes.ts";
import { answerCall } from "./node-routes.ts";
import { SimulatedNode } from "./simulated-node.ts";
import { createTimeline } from "./timeline.ts";

// A busy disk makes tasks of the engine take seconds.
setDefaultTimeout(240_000);

let engine: TestNode;
const timeline = createTimeline();
const START_MS = Date.UTC(2026, 0, 1);
const model = new SimulatedNode("n0", {
  nowMs: () => START_MS + timeline.nowMs(),
  after: (delayMs, work) => timeline.after(delayMs, work),
  taskMs: () => 5,
});

beforeAll(async () => {
  engine = await startNode({ masterKey: "" });
});
afterAll(() => engine.stop());

interface Both {
  readonly status: number;
  readonly body: unknown;
}

/** What differs from run to run is made the same: moments, durations, batches. */
function comparable(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    if (key === "processingTimeMs" || key === "batchUid" || key === "queryUid" || key === "requestUid") return 0;
    if (/^(?:enqueuedAt|startedAt|finishedAt|createdAt|updatedAt|duration)$/.test(key))
      return value === null ? null : "a time";
    return value;
  });
}

async function askBoth(method: string, path: string, body?: unknown, contentType = "application/json"): Promise<Both> {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const type = body === undefined ? undefined : contentType;
  const modelled = answerCall(model, { method, path, body: text, contentType: type });
  const headers = type === undefined ? {} : { "content-type": type };
  const real = await nodeRequest(engine, method, path, body === undefined ? undefined : text, headers);
  const answers = {
    model: { status: modelled.status, body: comparable(modelled.text) },
    real: { status: real.status, body: comparable(real.text) },
  };
  expect(answers.model, `${method} ${path}`).toEqual(answers.real);
  return answers.model;
}

/** A write, carried out by both; their tasks are compared. */
async function taskOnBoth(method: string, path: string, body?: unknown, contentType?: string): Promise<void> {
  const { body: summary } = await askBoth(method, path, body, contentType);
  const { taskUid } = summary as { taskUid: number };
  timeline.run(timeline.nowMs() + 1_000);
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    const open = await nodeRequest(engine, "GET", "/tasks?statuses=enqueued,processing&limit=1");
    if (open.body.total === 0) break;
    await Bun.sleep(10);
  }
  await askBoth("GET", `/tasks?uids=${taskUid}&limit=1`);
}

/** The tasks of an index. Their total is beside the point: the engine counts tasks of other indexes after a swap. */
async function tasksOnBoth(uid: string): Promise<void> {
  const path = `/tasks?indexUids=${uid}&limit=5`;
  const modelled = comparable(answerCall(model, { method: "GET", path, body: "", contentType: undefined }).text);
  const real = comparable((await nodeRequest(engine, "GET", path)).text);
  expect({ ...(modelled as object), total: 0 }, path).toEqual({ ...(real as object), total: 0 });
}

const DOCUMENTS = "/indexes/films/documents";

test("writes, their tasks and what is stored afterwards", async () => {
  await taskOnBoth("POST", "/indexes", { uid: "films", primaryKey: "id" });
  await taskOnBoth("POST", "/indexes", { uid: "films", primaryKey: "id" });
  await taskOnBoth("PATCH", "/indexes/films/settings", {
    filterableAttributes: [
      {
        attributePatterns: ["_miroir_shard", "_miroir_none"],
        features: { facetSearch: false, filter: { equality: true, comparison: true } },
      },
      "tag",
    ],
    sortableAttributes: ["seq"],
    stopWords: ["W3", "the", "É15"],
  });
  const path = "/indexes/films/settings";
  const modelled = JSON.parse(answerCall(model, { method: "GET", path, body: "", contentType: undefined }).text);
  expect(modelled.stopWords).toEqual((await nodeRequest(engine, "GET", path)).body.stopWords);
  const first = [
    { id: "a", tag: "red", seq: "1", _miroir_shard: "x" },
    { id: "b", tag: "blue", seq: "3", _miroir_shard: "y" },
    { id: "c", tag: "red", seq: "2", _miroir_shard: "x" },
  ];
  await taskOnBoth("POST", `${DOCUMENTS}?primaryKey=id&customMetadata=mtask-1`, first);
  const lines = `{"id":"b","more":1}\n{"id":"d","tag":"green","seq":"0"}\n{"id":"d","more":2}\n`;
  await taskOnBoth("PUT", `${DOCUMENTS}?primaryKey=id&customMetadata=mtask-2`, lines, "application/x-ndjson");
  await taskOnBoth("PUT", `${DOCUMENTS}?primaryKey=id&skipCreation=true`, [{ id: "z", more: 1 }]);
  await askBoth("POST", `${DOCUMENTS}/fetch`, { limit: 10, sort: ["seq:asc"] });
  await taskOnBoth("POST", `${DOCUMENTS}?primaryKey=id`, [{ id: "v", seq: "9", _vectors: {} }]);
  await askBoth("POST", `${DOCUMENTS}/fetch`, { ids: ["v"], limit: 1 });
  await askBoth("POST", `${DOCUMENTS}/fetch`, { ids: ["v"], limit: 1, retrieveVectors: true });
  await taskOnBoth("POST", `${DOCUMENTS}/delete-batch?customMetadata=mtask-3`, ["a", "none"]);
  await taskOnBoth("POST", `${DOCUMENTS}/delete?customMetadata=mtask-4`, { filter: "tag = blue" });
  await askBoth("POST", `${DOCUMENTS}/fetch`, { limit: 10, sort: ["seq:asc"], fields: ["id", "seq"] });
  await askBoth("GET", `${DOCUMENTS}/c`);
  await askBoth("GET", `${DOCUMENTS}/a`);
});

test("reads with filters, ids and pages, and their refusals", async () => {
  await askBoth("POST", `${DOCUMENTS}/fetch`, { filter: '_miroir_shard IN ["x"]', limit: 5, sort: ["seq:asc"] });
  await askBoth("POST", `${DOCUMENTS}/fetch`, { filter: ['_miroir_shard IN ["x", "y"]', "tag = red"], limit: 5 });
  await askBoth("POST", `${DOCUMENTS}/fetch`, { ids: ["c", "d", "none"], limit: 5, sort: ["seq:asc"] });
  await askBoth("POST", `${DOCUMENTS}/fetch`, { limit: 1, offset: 1, sort: ["seq:asc"] });
  for (const asked of ["", "?limit=1000", "?limit=1&offset=1", "?ids=c,d,none", "?fields=id,seq&sort=seq:desc"]) {
    await askBoth("GET", `${DOCUMENTS}${asked}`);
  }
  await askBoth("GET", `${DOCUMENTS}?filter=${encodeURIComponent("tag = red")}&retrieveVectors=true`);
  await askBoth("GET", "/indexes/none/documents?limit=1");
  await askBoth("POST", "/indexes/none/documents/fetch", { limit: 1 });
  await askBoth("GET", "/indexes/none");
  await askBoth("GET", "/indexes?limit=10&offset=0");
  await askBoth("POST", `${DOCUMENTS}/fetch`, { ids: ["c"], limit: 1, retrieveVectors: true });
});

test("deletions of everything, on an index that is there and on one that is not", async () => {
  await taskOnBoth("DELETE", `${DOCUMENTS}?customMetadata=mtask-5`);
  await taskOnBoth("DELETE", "/indexes/none/documents");
  await taskOnBoth("POST", "/indexes/none/documents/delete-batch", ["a"]);
  await taskOnBoth("PATCH", "/indexes/films", { primaryKey: "other" });
  await taskOnBoth("POST", "/indexes/made/documents?primaryKey=id", [{ id: "a" }]);
  await taskOnBoth("DELETE", "/indexes/films");
});

test("indexes that exchange their names: also the tasks from before are found under the new ones", async () => {
  for (const uid of ["left", "right"]) await taskOnBoth("POST", "/indexes", { uid, primaryKey: uid });
  await taskOnBoth("POST", "/swap-indexes", [{ indexes: ["left", "right"] }]);
  await taskOnBoth("POST", "/swap-indexes", [{ indexes: ["left", "nowhere"] }]);
  for (const uid of ["left", "right"]) {
    await askBoth("GET", `/indexes/${uid}`);
    await tasksOnBoth(uid);
  }
  await askBoth("GET", "/tasks?types=indexSwap&statuses=succeeded&limit=1");
});

test("an index that gets another name, which is free or taken: also the tasks from before are found under it", async () => {
  await taskOnBoth("POST", "/indexes/one/documents?primaryKey=id", [{ id: "a" }]);
  await taskOnBoth("PATCH", "/indexes/one", { uid: "two" });
  await taskOnBoth("PATCH", "/indexes/one", { uid: "three" });
  await taskOnBoth("POST", "/indexes/one/documents?primaryKey=id", [{ id: "b" }]);
  await taskOnBoth("PATCH", "/indexes/one", { uid: "two" });
  for (const uid of ["one", "two", "three"]) {
    await askBoth("GET", `/indexes/${uid}`);
    await askBoth("POST", `/indexes/${uid}/documents/fetch`, { limit: 5 });
    await tasksOnBoth(uid);
  }
});

test("lists of tasks: newest first, oldest first, from a number, of an index, by name", async () => {
  await askBoth("GET", "/tasks?indexUids=films&limit=3");
  await askBoth("GET", "/tasks?indexUids=films&limit=3&reverse=true");
  await askBoth("GET", "/tasks?limit=2&from=4");
  await askBoth("GET", "/tasks?limit=2&from=4&reverse=true");
  await askBoth("GET", "/tasks?statuses=enqueued,processing&from=3&limit=1");
  await askBoth("GET", "/tasks?uids=1,2,99&limit=3");
  await askBoth("GET", "/tasks/3");
  await askBoth("GET", "/tasks/99");
});

test("what has expired is found and deleted by its marker, of a name that stands twice the second", async () => {
  const documents = "/indexes/expiring/documents";
  await taskOnBoth("POST", "/indexes", { uid: "expiring", primaryKey: "id" });
  await taskOnBoth("PATCH", "/indexes/expiring/settings", { filterableAttributes: filterableMarkers(FORM) });
  const [shard, other] = [encodeShard(1), encodeShard(2)];
  const lines = [1, 2, 3, 4].map((id) => {
    const markers = `"_miroir_shard":"${id === 4 ? other : shard}","_miroir_expires_at":"${encodeExpiry(id * 1_000)}"`;
    return `{"id":"e${id}","_miroir_expires_at":${id * 1_000},${markers}}\n`;
  });
  await taskOnBoth("POST", `${documents}?primaryKey=id`, lines.join(""), "application/x-ndjson");
  await taskOnBoth("PUT", `${documents}?primaryKey=id`, [{ id: "e5", tag: "none" }]);
  for (const now of [999, 1_000, 2_500, 9_000]) {
    await askBoth("POST", `${documents}/fetch`, { filter: expiredFilter([1], now), fields: ["id"], limit: 9 });
  }
  const some = `(${expiredFilter([2], 9_000)}) OR (_miroir_shard IN ["${shard}"] AND ${expiryFilter([1_000])})`;
  await askBoth("POST", `${documents}/fetch`, { filter: some, limit: 9 });
  await taskOnBoth("POST", `${documents}/delete`, { filter: some });
  await askBoth("POST", `${documents}/fetch`, { limit: 9 });
});

const FORM = { ...PLAIN_FORM, expiry: true };
