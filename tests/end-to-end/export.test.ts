/** Exports into a node and into another router: what arrives is what a single node would have sent. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startMiroir, waitForEnd, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest, realEnginePath, runTask, startNode, type NodeAnswer, type TestNode } from "../support/nodes.ts";

const TIMEOUT_MS = 120_000;
const ALLOWED = '  outgoing: { allowed_ip_networks: ["127.0.0.0/8"] }';
const real = realEnginePath() !== null;

type Side = Pick<TestNode, "url" | "masterKey">;

// A development node finds no document by a number that JavaScript cannot hold.
const documents = Array.from(
  { length: 250 },
  (_unused, id) =>
    `{"id":${id === 7 && real ? "12345678901234567890" : id},"title":"Film ${id}","real":1.0,"kind":"k${id % 3}","nested":{"a":[${id}]}}`,
);
const settings = {
  filterableAttributes: ["kind"],
  sortableAttributes: ["title"],
  synonyms: { film: ["movie"] },
  faceting: { maxValuesPerFacet: 7 },
};

let miroir: TestMiroir;
let target: TestNode;
beforeAll(async () => {
  miroir = await startMiroir({ nodes: 2, replicationFactor: 2, shards: 8, config: ALLOWED });
  target = await startNode();
  await fill(miroir);
}, TIMEOUT_MS);
afterAll(async () => {
  await target.stop();
  await miroir.stop();
});

async function fill(side: Side): Promise<void> {
  await runTask(side, "POST", "/indexes", { uid: "films", primaryKey: "id" });
  await runTask(side, "PATCH", "/indexes/films/settings", settings);
  await runTask(side, "POST", "/indexes/films/documents", `[${documents.join(",")}]`);
  await runTask(side, "POST", "/indexes", { uid: "film-empty" });
  await runTask(side, "POST", "/indexes/other/documents", [{ key_id: "a" }]);
}

/** Everything of the target that an export may have brought; its tasks are awaited first. */
async function contentOf(side: Side): Promise<Record<string, unknown>> {
  const deadline = performance.now() + TIMEOUT_MS / 2;
  for (;;) {
    const { body } = await nodeRequest(side, "GET", "/tasks?statuses=enqueued,processing");
    if (body.total === 0) break;
    if (performance.now() > deadline) throw new TypeError(`not done in time: ${JSON.stringify(body.results)}`);
    await Bun.sleep(20);
  }
  const { body } = await nodeRequest(side, "GET", "/indexes?limit=100");
  const content: Record<string, unknown> = {};
  for (const { uid, primaryKey } of body.results) {
    const all = await nodeRequest(side, "GET", `/indexes/${uid}/documents?limit=1000`);
    content[uid] = {
      primaryKey,
      documents: hitsIn(all.text).toSorted(),
      settings: (await nodeRequest(side, "GET", `/indexes/${uid}/settings`)).body,
    };
  }
  return content;
}

/** The documents of an answer as text, so that numbers are compared as they are written. */
function hitsIn(text: string): string[] {
  return [...text.matchAll(/\{"id":.*?\]\}\}|\{"key_id":"a"\}/g)].map(([hit]) => hit);
}

async function clear(side: Side): Promise<void> {
  const { body } = await nodeRequest(side, "GET", "/indexes?limit=100");
  for (const { uid } of body.results) await runTask(side, "DELETE", `/indexes/${uid}`);
}

async function exported(from: Side, request: object): Promise<NodeAnswer["body"]> {
  const answer = await nodeRequest(from, "POST", "/export", request);
  expect([answer.status, answer.body.type, answer.body.indexUid]).toEqual([200, "export", null]);
  return waitForEnd(from, answer.body.taskUid, TIMEOUT_MS);
}

test(
  "every index arrives with its settings and its documents, and nothing of the router's",
  async () => {
    const request = { url: target.url, apiKey: target.masterKey, payloadSize: "4 KiB" };
    const task = await exported(miroir, request);
    expect(task).toMatchObject({
      status: "succeeded",
      error: null,
      details: { url: target.url, payloadSize: "4 KiB" },
    });
    expect(task.details.indexes).toEqual({
      "film-empty": { filter: null, overrideSettings: false, matched_documents: 0 },
      films: { filter: null, overrideSettings: false, matched_documents: 250 },
      other: { filter: null, overrideSettings: false, matched_documents: 1 },
    });
    expect(JSON.stringify(task)).not.toContain(target.masterKey);
    const arrived = await contentOf(target);
    expect(arrived).toEqual(await contentOf(miroir));
    expect((arrived["films"] as { documents: string[] }).documents).toEqual(documents.toSorted());
    expect(JSON.stringify(arrived)).not.toContain("_miroir");
    await clear(target);
  },
  TIMEOUT_MS,
);

test(
  "an export that the router dies under goes on after the start",
  async () => {
    const answer = await nodeRequest(miroir, "POST", "/export", {
      url: target.url,
      apiKey: target.masterKey,
      payloadSize: 600,
    });
    await miroir.kill();
    await miroir.start();
    const task = await waitForEnd(miroir, answer.body.taskUid, TIMEOUT_MS);
    expect(task).toMatchObject({ status: "succeeded", details: { indexes: { films: { matched_documents: 250 } } } });
    expect(await contentOf(target)).toEqual(await contentOf(miroir));
    await clear(target);
  },
  TIMEOUT_MS,
);

test(
  "an export that gets nowhere can be canceled, and one that is refused fails with the target's words",
  async () => {
    const stuck = await nodeRequest(miroir, "POST", "/export", { url: "http://127.0.0.1:9" });
    const cancelation = await nodeRequest(miroir, "POST", `/tasks/cancel?uids=${stuck.body.taskUid}`);
    expect(await waitForEnd(miroir, cancelation.body.taskUid)).toMatchObject({ details: { canceledTasks: 1 } });
    expect(await waitForEnd(miroir, stuck.body.taskUid)).toMatchObject({
      status: "canceled",
      canceledBy: cancelation.body.taskUid,
    });
    const wrong = await exported(miroir, { url: target.url, apiKey: "wrong" });
    expect(wrong).toMatchObject({ status: "failed", error: { code: "internal" } });
    expect(wrong.error.message).toContain("invalid_api_key");
  },
  TIMEOUT_MS,
);

test(
  "an internal address that the operator has not allowed is refused",
  async () => {
    const closed = await startMiroir({ use: [await startNode()] });
    await closed.write("POST", "/indexes", { uid: "films" });
    expect(await exported(closed, { url: target.url })).toMatchObject({ status: "failed" });
    expect((await nodeRequest(target, "GET", "/indexes")).body.results).toEqual([]);
    await closed.stop();
  },
  TIMEOUT_MS,
);

describe.skipIf(!real)("beside a single node", () => {
  let single: TestNode;
  let second: TestNode;
  beforeAll(async () => {
    const extraArgs = ["--experimental-allowed-ip-networks", "127.0.0.0/8"];
    [single, second] = await Promise.all([startNode({ extraArgs }), startNode()]);
    await fill(single);
  }, TIMEOUT_MS);
  afterAll(() => Promise.all([single.stop(), second.stop()]));

  const cases: readonly [string, object][] = [
    ["some indexes, one with a filter", { indexes: { "film*": { filter: 'kind = "k1"' }, other: {} } }],
    ["settings over those that are there", { indexes: { films: { overrideSettings: true } } }],
    ["a filter that is wrong", { indexes: { films: { filter: "kind =" } } }],
    ["a filter on what is not filterable", { indexes: { films: { filter: "title = 1" } } }],
    ["an index that is not there", { indexes: { nothing: {} } }],
  ];
  test.each(cases)(
    "%s: the same arrives, and the task says the same",
    async (_what, request) => {
      const run = async (from: Side, to: TestNode): Promise<unknown> => {
        await runTask(to, "PATCH", "/indexes/films/settings", { stopWords: ["the"] });
        const task = await exported(from, { url: to.url, apiKey: to.masterKey, ...request });
        const { status, error, details } = task;
        const content = await contentOf(to);
        await clear(to);
        const shown = JSON.stringify({ status, error: error?.code ?? null, details, content });
        return JSON.parse(shown.replaceAll(to.url, "target"));
      };
      expect(await run(miroir, target)).toEqual(await run(single, second));
    },
    TIMEOUT_MS,
  );

  const wrong: readonly [string, unknown][] = [
    ["a number as address", { url: 5 }],
    ["a list as key", { url: "http://a", apiKey: [] }],
    ["a size that is none", { url: "http://a", payloadSize: "big" }],
    ["a list as size", { url: "http://a", payloadSize: [] }],
    ["a pattern that is none", { url: "http://a", indexes: { "a b": {} } }],
    ["a star in the middle", { url: "http://a", indexes: { "a*b": {} } }],
    ["an unknown field", { url: "http://a", colour: 1 }],
    ["an unknown field of an index", { url: "http://a", indexes: { films: { colour: 1 } } }],
    ["text for a switch", { url: "http://a", indexes: { films: { overrideSettings: "yes" } } }],
    ["a list", []],
    ["nothing", ""],
  ];
  test.each(wrong)("%s is refused in the same words, and nothing is exported", async (_what, body) => {
    const [left, right] = await Promise.all([single, miroir].map((side) => nodeRequest(side, "POST", "/export", body)));
    expect([right?.status, right?.body]).toEqual([left?.status, left?.body]);
    expect(right?.status).toBeGreaterThanOrEqual(400);
  });

  test(
    "a router is a target as good as a node",
    async () => {
      const other = await startMiroir({ nodes: 2, shards: 4 });
      const task = await exported(single, { url: other.url, apiKey: other.masterKey });
      expect(task).toMatchObject({ status: "succeeded" });
      expect(await contentOf(other)).toEqual(await contentOf(single));
      await other.stop();
    },
    TIMEOUT_MS,
  );
});
