/** An export in chunks that several routers do: every document arrives, and what one of them leaves another goes on with. */
import { expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import { encodeShard } from "../../../src/core/markers/codec.ts";
import type { Task } from "../../../src/core/tasks/task.ts";
import type { OutgoingOutcome, OutgoingRequest } from "../../../src/outgoing/outgoing.ts";
import { EXPORT_CHUNK, exportChunk } from "../../../src/services/export/export-chunk.ts";
import { exportFlow, type ExportDeps } from "../../../src/services/export/export-indexes.ts";
import { CLAIM_TTL_MS, createJobRunner } from "../../../src/services/routers/run-jobs.ts";
import type { FlowStep } from "../../../src/services/tasks/task-registry.ts";
import { openMemoryStore } from "../../../src/store/memory/open.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { answered, createFakeNodeClient } from "../../support/fake-node-client.ts";

const SHARDS = 20;
const REQUEST = {
  url: "http://target",
  apiKey: null,
  payloadBytes: null,
  indexes: { "*": { filter: null, overrideSettings: false } },
};

/** A fleet of one node that holds a document for each shard of each index, and a target that keeps what it is sent. */
function setUp(target: (request: OutgoingRequest) => OutgoingOutcome | undefined = () => undefined) {
  const clock = createFakeClock();
  const { jobs } = openMemoryStore(clock);
  const entries = new Map(["books", "films"].map((uid) => [uid, entryOf(uid)]));
  const node = createFakeNodeClient("n", ({ body }) => {
    const text = body as string;
    const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
    const shard = shards.find((one) => text.includes(`\\"${encodeShard(one)}\\"`)) ?? -1;
    return answered("n", `{"results":[{"id":${shard}}],"offset":0,"limit":20,"total":1}`);
  });
  const arrived: string[] = [];
  const outgoing = {
    send: async (request: OutgoingRequest): Promise<OutgoingOutcome> => {
      const refusal = target(request);
      if (refusal !== undefined) return refusal;
      const uid = /indexes\/([^/]+)\/documents/.exec(request.url)?.[1];
      if (uid !== undefined && request.body !== undefined) {
        for (const line of gunzipSync(request.body).toString().split("\n")) arrived.push(`${uid} ${line}`);
      }
      return { kind: "answered", status: 200, text: "{}" };
    },
  };
  const map = { epoch: 1, shards: SHARDS, owners: [Array.from({ length: SHARDS }, () => ["n"])], shardsOf: new Map() };
  const deps = {
    catalog: { get: (uid: string) => entries.get(uid), list: () => [...entries.values()] },
    fleet: { shardMap: () => map, readable: () => true, client: () => node },
    knownFields: { among: async () => new Set<string>() },
    switches: async () => ({}),
    stopping: new AbortController().signal,
    payloadBytesMax: 1_000_000,
    timeoutMs: 1_000,
    outgoing,
    clock,
    jobs,
  };
  const flow = exportFlow(deps as unknown as ExportDeps);
  const router = (run: string) => {
    const handlers = new Map([[EXPORT_CHUNK, exportChunk(deps)]]);
    return createJobRunner({ jobs, run, handlers, clock, emit: () => {}, concurrencyMax: 2 });
  };
  /** Advances the task as the registry would, until its flow wants to wait or ends. */
  const advance = async (task: Task): Promise<{ readonly task: Task; readonly step: FlowStep }> => {
    for (let now = task; ;) {
      const step = await flow.advance(now);
      if (step.kind !== "more") return { task: now, step };
      now = { ...now, flow: step.flow };
    }
  };
  return { clock, jobs, arrived, router, advance, entries };
}

function entryOf(uid: string): IndexEntry {
  const times = { createdAt: 0, updatedAt: 0 };
  return { uid, primaryKey: "id", shards: SHARDS, state: "ready", settingsVersion: 0, settings: {}, ...times };
}

function newExport(): Task {
  const indexes = ["books", "films"].map((uid) => ({ uid, pattern: "*" }));
  const data = { request: REQUEST, progress: { indexes, at: 0, shard: -1, sent: {} } };
  return { uid: 7, canceledBy: null, flow: { kind: "export", step: "run", data } } as unknown as Task;
}

const everything = ["books", "films"]
  .flatMap((uid) => Array.from({ length: SHARDS }, (_, shard) => `${uid} {"id":${shard}}`))
  .toSorted();
const never = new AbortController().signal;

test("two routers share the chunks of each index, every document arrives once, and nothing stays in the queue", async () => {
  const { advance, router, arrived, jobs } = setUp();
  const [a, b] = [router("a/1"), router("b/1")];
  let { task, step } = await advance(newExport());
  for (let round = 0; step.kind === "later" && round < 20; round += 1) {
    await Promise.all([a.claim(never), b.claim(never)]);
    await Promise.all([a.idle(), b.idle()]);
    ({ task, step } = await advance(task));
  }
  expect(step).toMatchObject({
    kind: "done",
    details: { indexes: { books: { matched_documents: SHARDS }, films: { matched_documents: SHARDS } } },
  });
  expect(arrived.toSorted()).toEqual(everything);
  expect([...(await jobs.pending()).values()]).toEqual([]);
  for (const at of [0, 1]) expect(await jobs.get(`export-7-${at}-0`)).toBeUndefined();
});

test("what a router has left when it died another one finishes after a while, from where it had come to", async () => {
  const { advance, router, arrived, clock, jobs } = setUp();
  let { task, step } = await advance(newExport());
  // Claimed, and a shard sent, by a router that is heard of no more.
  const left = await jobs.claim([EXPORT_CHUNK], "dead/1", CLAIM_TTL_MS);
  await jobs.renew(left?.id ?? "", "dead/1", CLAIM_TTL_MS, { shard: 3, sent: 3 });
  const b = router("b/1");
  for (let round = 0; step.kind === "later" && round < 20; round += 1) {
    await b.claim(never);
    await b.idle();
    await clock.advance(CLAIM_TTL_MS / 4);
    ({ task, step } = await advance(task));
  }
  expect(step).toMatchObject({ kind: "done", details: { indexes: { books: { matched_documents: SHARDS } } } });
  expect(arrived.toSorted()).toEqual(everything.filter((one) => !/^books \{"id":[012]\}$/.test(one)));
});

test("a target that takes nothing for a while gets everything later; one that refuses ends the export with its words", async () => {
  let answers: OutgoingOutcome | undefined = { kind: "answered", status: 503, text: "" };
  const { advance, router, arrived, clock, jobs } = setUp((request) =>
    request.url.endsWith("/documents") ? answers : undefined,
  );
  const a = router("a/1");
  let { task, step } = await advance(newExport());
  await a.claim(never);
  await clock.advance(60_000);
  expect((await advance(task)).step.kind).toBe("later");
  expect(arrived).toEqual([]);
  answers = undefined;
  await clock.advance(60_000);
  await a.idle();
  expect(arrived.length).toBeGreaterThan(0);
  const refusal = { message: "no", code: "invalid_api_key", type: "auth", link: "" };
  answers = { kind: "answered", status: 403, text: JSON.stringify(refusal) };
  await a.claim(never);
  await a.idle();
  ({ task, step } = await advance(task));
  expect(step).toMatchObject({ kind: "done", error: { code: "internal" } });
  expect(JSON.stringify(step)).toContain("invalid_api_key");
  expect([...(await jobs.pending()).values()]).toEqual([]);
});

test("a canceled export leaves nothing in the queue, and an index that is deleted meanwhile is passed over", async () => {
  const { advance, router, arrived, entries, jobs } = setUp();
  const { task, step } = await advance(newExport());
  expect(step.kind).toBe("later");
  expect((await advance({ ...task, canceledBy: 9 })).step.kind).toBe("canceled");
  expect([...(await jobs.pending()).values()]).toEqual([]);

  const again = await advance(newExport());
  entries.delete("books");
  const after = await advance(again.task);
  const a = router("a/1");
  for (let round = 0; round < 5; round += 1) {
    await a.claim(never);
    await a.idle();
  }
  expect((await advance(after.task)).step).toMatchObject({ kind: "done" });
  expect(arrived.toSorted()).toEqual(everything.filter((one) => one.startsWith("films")));
});
