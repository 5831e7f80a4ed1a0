/** Deliveries on a clock and a network of their own: attempts, pauses, giving up, and who delivers. */
import { gunzipSync } from "node:zlib";
import { beforeEach, expect, test } from "bun:test";
import type { OutgoingOutcome, OutgoingRequest } from "../../../src/outgoing/outgoing.ts";
import { createWebhookDelivery, type WebhookDelivery } from "../../../src/services/webhooks/deliver-webhooks.ts";
import { openMemoryStore } from "../../../src/store/memory/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { newTask } from "../../contract/store/new-task.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const clock = createFakeClock();
let store: Store;
let sent: { url: string; uids: readonly number[] }[];
let answer: (request: OutgoingRequest) => OutgoingOutcome | Promise<OutgoingOutcome>;
let gaveUp: unknown[];

beforeEach(() => {
  store = openMemoryStore({ nowMs: () => clock.nowMs() });
  sent = [];
  gaveUp = [];
  answer = () => ({ kind: "answered", status: 200, text: "" });
});

function delivery(): WebhookDelivery {
  return createWebhookDelivery({
    webhooks: store.webhooks,
    tasks: store.tasks,
    outgoing: {
      send: async (request) => {
        const lines = gunzipSync(request.body ?? new Uint8Array()).toString("utf8");
        const uids = lines
          .split("\n")
          .slice(0, -1)
          .map((line) => (JSON.parse(line) as { uid: number }).uid);
        sent.push({ url: request.url, uids });
        return answer(request);
      },
    },
    idFormat: "integer",
    clock,
    emit: (kind, fields) => void (kind.name === "webhook.gave_up" && gaveUp.push(fields)),
  });
}

async function end(count: number): Promise<readonly number[]> {
  const uids: number[] = [];
  for (let n = 0; n < count; n += 1) uids.push((await store.tasks.insert(newTask())).uid);
  for (const uid of uids.toReversed()) await store.tasks.update(uid, { status: "succeeded", finishedAt: 1 });
  return uids;
}

async function round(of: WebhookDelivery): Promise<void> {
  await of.tick();
  for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
}

const hook = (uuid: string) => ({ uuid, url: `https://${uuid}.example/`, headers: {} });

test("what has ended since goes into one request, sorted by number, and is told once", async () => {
  await store.webhooks.add(hook("a"), 9);
  const one = delivery();
  const uids = await end(3);
  await round(one);
  await round(one);
  expect(sent).toEqual([{ url: "https://a.example/", uids }]);
  const [next = -1] = await end(1);
  await round(one);
  expect(sent.at(-1)?.uids).toEqual([next]);
});

test("a webhook that refuses is tried five times with growing pauses, then misses these tasks and no later ones", async () => {
  await store.webhooks.add(hook("a"), 9);
  const one = delivery();
  answer = () => ({ kind: "answered", status: 500, text: "" });
  const missed = await end(2);
  for (const pauseMs of [0, 1_000, 2_000, 4_000, 8_000]) {
    await clock.advance(Math.max(0, pauseMs - 1));
    const before = sent.length;
    if (pauseMs > 0) await round(one);
    expect(sent).toHaveLength(before);
    await clock.advance(1);
    await round(one);
    expect(sent).toHaveLength(before + 1);
  }
  expect(gaveUp).toEqual([expect.objectContaining({ webhook: "a", tasks: 2 })]);
  expect(await store.webhooks.pending("a", 9)).toEqual([]);
  answer = () => ({ kind: "answered", status: 204, text: "" });
  const later = await end(1);
  await round(one);
  expect(sent.map(({ uids }) => uids)).toEqual([missed, missed, missed, missed, missed, later]);
});

test("a webhook that does not answer delays no other", async () => {
  await store.webhooks.add(hook("a"), 9);
  await store.webhooks.add(hook("b"), 9);
  answer = ({ url }) => (url.includes("a.") ? new Promise(() => {}) : { kind: "answered", status: 200, text: "" });
  const one = delivery();
  const first = await end(1);
  await round(one);
  const second = await end(1);
  await round(one);
  expect(sent.filter(({ url }) => url.includes("b.")).map(({ uids }) => uids)).toEqual([first, second]);
  expect(sent.filter(({ url }) => url.includes("a."))).toHaveLength(1);
});

test("a task whose record is gone is not told of, and holds up nothing", async () => {
  await store.webhooks.add(hook("a"), 9);
  const [gone = -1, kept = -1] = await end(2);
  await store.tasks.deleteEnded([gone]);
  await round(delivery());
  expect(sent.map(({ uids }) => uids)).toEqual([[kept]]);
  expect(await store.webhooks.pending("a", 9)).toEqual([]);
});
