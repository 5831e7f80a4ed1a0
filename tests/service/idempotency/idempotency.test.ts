/** One key, one write: whatever is repeated, at the same time or later, with the same body or another. */
import { expect, test } from "bun:test";
import { createIdempotency, type Idempotency } from "../../../src/services/idempotency/idempotency.ts";
import { openMemoryStore } from "../../../src/store/memory/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { newTask } from "../../contract/store/new-task.ts";

const DIGEST = new Uint8Array(32).fill(1);
/** The time of the uuid below. */
const NOW_MS = 0x0190_0000_0000;
const UNDER_WAY = "mtask-01900000-0000-7000-8000-000000000000";
const OTHER = new Uint8Array(32).fill(2);

interface World {
  readonly store: Store;
  readonly outcomes: string[];
  /** As after a restart: nothing is known but what the store says. */
  readonly open: () => Idempotency;
}

function world(shared = false): World {
  let nowMs = NOW_MS;
  const store = openMemoryStore();
  const outcomes: string[] = [];
  let count = 0;
  return {
    store,
    outcomes,
    open: () =>
      createIdempotency({
        store: store.idempotency,
        tasks: store.tasks,
        clock: { sleep: async (ms) => void (nowMs += ms), nowMs: () => nowMs },
        random: { uuidV7: () => `uuid-${count++}` },
        emit: (_, fields) => void outcomes.push((fields as { outcome: string }).outcome),
        ttlMs: 1_000_000,
        shared,
      }),
  };
}

test("a repetition is answered with the first one's task, also after a restart", async () => {
  const { store, open, outcomes } = world();
  const work = async (miroirId: string) => store.tasks.insert(newTask({ miroirId, dispatched: true }));
  const first = await open().once("k", DIGEST, work);
  const again = await open().once("k", DIGEST, work);
  expect(first.kind).toBe("done");
  expect(again).toMatchObject({ kind: "known", task: { uid: first.kind === "done" ? first.result.uid : -1 } });
  expect(await store.tasks.count()).toBe(1);
  expect(outcomes).toEqual(["first", "replayed"]);
});

test("repetitions that come while the first is under way wait for it and are told the same", async () => {
  const { store, open } = world();
  const idempotency = open();
  const work = async (miroirId: string) => store.tasks.insert(newTask({ miroirId, dispatched: true }));
  const all = await Promise.all([1, 2, 3].map(() => idempotency.once("k", DIGEST, work)));
  expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
  expect(await store.tasks.count()).toBe(1);
});

test("the same key for another request is refused with 409, at once and later", async () => {
  const { store, open } = world();
  const idempotency = open();
  const work = async (miroirId: string) => store.tasks.insert(newTask({ miroirId, dispatched: true }));
  const refused = { code: "miroir_idempotency_key_reused", status: 409 };
  const [first, second] = await Promise.allSettled([
    idempotency.once("k", DIGEST, work),
    idempotency.once("k", OTHER, work),
  ]);
  expect(first.status).toBe("fulfilled");
  expect(second).toMatchObject({ status: "rejected", reason: refused });
  const later = await open()
    .once("k", OTHER, work)
    .catch((error: unknown) => error);
  expect(later).toMatchObject(refused);
  expect(await store.tasks.count()).toBe(1);
});

test("a write that was refused gives its key back", async () => {
  const { store, open } = world();
  const fails = () => Promise.reject(new TypeError("refused"));
  await open()
    .once("k", DIGEST, fails)
    .catch((error: unknown) => expect(error).toBeInstanceOf(TypeError));
  const work = async (miroirId: string) => store.tasks.insert(newTask({ miroirId, dispatched: true }));
  expect((await open().once("k", OTHER, work)).kind).toBe("done");
});

test("a write whose router died before it was noted is made again under the same name", async () => {
  const { store, open, outcomes } = world();
  await store.idempotency.claim({ key: "k", bodySha256: DIGEST, taskId: "mtask-lost" }, 1_000_000);
  const work = async (miroirId: string) => store.tasks.insert(newTask({ miroirId, dispatched: true }));
  expect(await open().once("k", DIGEST, work)).toMatchObject({ kind: "done", result: { miroirId: "mtask-lost" } });
  expect(outcomes).toEqual(["resumed"]);
});

test("a write that the router could not hand out to its end is made again as a new task", async () => {
  const { store, open } = world();
  const error = { message: "", code: "miroir_task_interrupted", type: "system", link: "" };
  const work = async (miroirId: string) => store.tasks.insert(newTask({ miroirId, dispatched: true }));
  const first = await open().once("k", DIGEST, work);
  await store.tasks.update(first.kind === "done" ? first.result.uid : -1, { status: "failed", error });
  expect((await open().once("k", DIGEST, work)).kind).toBe("done");
  expect((await open().once("k", DIGEST, work)).kind).toBe("known");
  expect(await store.tasks.count()).toBe(2);
});

test("a task that is being handed out is waited for, and the repetition is told what came of it", async () => {
  const { store, open } = world();
  await store.idempotency.claim({ key: "k", bodySha256: DIGEST, taskId: "mtask-mine" }, 1_000_000);
  const task = await store.tasks.insert(newTask({ miroirId: "mtask-mine" }));
  const never = () => Promise.reject(new TypeError("made twice"));
  const waiting = await open()
    .once("k", DIGEST, never)
    .catch((error: unknown) => error);
  expect(waiting).toMatchObject({ code: "miroir_idempotency_key_busy", status: 503, retryAfterSeconds: 1 });
  await store.tasks.update(task.uid, { dispatched: true });
  expect(await open().once("k", DIGEST, never)).toMatchObject({ kind: "known", task: { uid: task.uid } });
});

test("a key that another router has claimed a moment ago is not taken over before that router must be gone", async () => {
  const { store, open } = world(true);
  await store.idempotency.claim({ key: "k", bodySha256: DIGEST, taskId: UNDER_WAY }, 1_000_000);
  const work = async (miroirId: string) => store.tasks.insert(newTask({ miroirId, dispatched: true }));
  const idempotency = open();
  for (let tries = 0; tries < 6; tries += 1) {
    const refused = await idempotency.once("k", DIGEST, work).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "miroir_idempotency_key_busy", status: 503 });
  }
  expect(await store.tasks.count()).toBe(0);
  // Each of these has waited for ten seconds.
  expect((await idempotency.once("k", DIGEST, work)).kind).toBe("done");
});
