/** A node that fails a write which it was brought late, after the client was told that it succeeded, does not serve. */
import { expect, test } from "bun:test";
import type { Task } from "../../../src/core/tasks/task.ts";
import { addDocuments } from "../../../src/services/documents/add-documents.ts";
import { createHints } from "../../../src/services/hints/create-hints.ts";
import { failedLate } from "../../../src/services/hints/failed-late.ts";
import type { Hints, HintsDeps } from "../../../src/services/hints/hints.ts";
import { createRepairStates } from "../../../src/services/hints/repair-states.ts";
import { DEFAULT_LANES_OPTIONS } from "../../../src/scatter/create-lanes.ts";
import { memoryHintStore } from "../../../src/store/memory/hint-store.ts";
import { memoryRepairStore } from "../../../src/store/memory/repair-store.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { answered, createFakeNodeClient, unavailable } from "../../support/fake-node-client.ts";
import { memorySpool } from "../../support/memory-spool.ts";
import { addInput, createRig, type Rig, type RigNode } from "./write-rig.ts";

const LATE = "g1n0";

/** One write that `LATE` has missed, and whose task has ended so. */
async function missed(rig: Rig, status: Task["status"]): Promise<{ readonly task: Task; readonly late: RigNode }> {
  const late = rig.nodes.get(LATE) as RigNode;
  late.client.down = true;
  const { task } = await addDocuments(rig.deps, addInput('[{"id":1}]'));
  late.client.down = false;
  rig.tasks.set(task.uid, { ...(rig.tasks.get(task.uid) as Task), status });
  return { task, late };
}

async function caughtUp(hints: Hints): Promise<"idle" | "blocked"> {
  for (;;) {
    const step = await hints.replayStep(LATE);
    if (step !== "more") return step;
  }
}

test("it needs a repair as a whole, once", async () => {
  const repairs = createRepairStates({ store: memoryRepairStore(), clock: createFakeClock() });
  const rig = createRig({ groups: 2, nodesPerGroup: 1, hintsDeps: { repairs } });
  const { task, late } = await missed(rig, "succeeded");
  late.fails.add(task.miroirId);
  expect(await caughtUp(rig.hints)).toBe("blocked");
  expect(late.writes.length).toBe(1);
  expect([repairs.state(LATE), repairs.reason(LATE)]).toEqual(["needed", "task_failed"]);
  expect(rig.hints.behind(LATE)).toBe(true);

  const begun = await repairs.begin(LATE);
  expect(await caughtUp(rig.hints)).toBe("idle");
  expect(begun !== null && (await repairs.end(begun))).toBe(true);
  expect(await caughtUp(rig.hints)).toBe("idle");
  expect(rig.hints.behind(LATE)).toBe(false);
});

test("a write that has failed for everybody, or that it had failed before, is no reason", async () => {
  const rig = createRig({ groups: 2, nodesPerGroup: 1 });
  const late = rig.nodes.get(LATE) as RigNode;
  const { task: before } = await addDocuments(rig.deps, addInput('[{"id":7}]'));
  late.fails.add(before.miroirId);
  rig.tasks.set(before.uid, { ...before, status: "succeeded" });
  const { task } = await missed(rig, "failed");
  late.fails.add(task.miroirId);
  expect(await caughtUp(rig.hints)).toBe("idle");
  expect(rig.hints.behind(LATE)).toBe(false);
});

test("another router, or this one after a restart, finds it in what is kept", async () => {
  const store = memoryHintStore();
  const kept: Partial<HintsDeps> = { hints: store };
  const rig = createRig({ groups: 2, nodesPerGroup: 1, hintsDeps: kept });
  const { task, late } = await missed(rig, "succeeded");
  late.fails.add(task.miroirId);
  // It is brought, and the router stops before the node has carried it out.
  late.busy = true;
  expect(await caughtUp(rig.hints)).toBe("blocked");
  late.busy = false;
  const clock = createFakeClock();
  const repairs = createRepairStates({ store: memoryRepairStore(), clock });
  const hints = createHints(
    {
      hints: store,
      spool: memorySpool(),
      tasks: { replayed: async () => {} },
      taskNamed: async (miroirId) => [...rig.tasks.values()].find((one) => one.miroirId === miroirId),
      repairs,
      client: () => late.client,
      clock,
      random: { fraction: () => 0.5, uint32: () => 1, uuidV4: () => "u", uuidV7: () => "u" },
      emit: () => {},
    },
    { enabled: true, bytesMax: 1e9, ageMaxMs: 86_400_000, send: DEFAULT_LANES_OPTIONS },
  );
  await hints.load();
  expect(hints.behind(LATE)).toBe(true);
  expect(await caughtUp(hints)).toBe("blocked");
  expect(repairs.state(LATE)).toBe("needed");
});

test("a write that nobody has a record of may have succeeded elsewhere; a node that says nothing is asked again", async () => {
  const rows = [
    { uid: 9, type: "documentDeletion", status: "failed", customMetadata: "mtask-known" },
    { uid: 8, type: "documentDeletion", status: "canceled", customMetadata: "mtask-gone" },
  ];
  const client = createFakeNodeClient("n0", ({ path }) => {
    const from = Number(new URLSearchParams(path.split("?")[1]).get("from"));
    const page = rows.filter(({ uid }) => uid <= from).slice(0, 1);
    return answered("n0", { results: page, next: page[0]?.uid === 9 ? 8 : null });
  });
  const known = { status: "failed", nodeTasks: [] } as unknown as Task;
  const taskNamed = async (id: string): Promise<Task | undefined> => (id === "mtask-known" ? known : undefined);
  expect(await failedLate(client, { from: 9, to: 9 }, taskNamed)).toBe(false);
  expect(await failedLate(client, { from: 8, to: 9 }, taskNamed)).toBe(true);
  client.answerWith(() => unavailable("n0", "timeout", true));
  expect(await failedLate(client, { from: 8, to: 9 }, taskNamed)).toBe(null);
});

test("what the engine tolerates of the write is no failure", async () => {
  const error = { message: "there is none", code: "index_not_found", type: "invalid_request", link: "" };
  const rows = [{ uid: 3, type: "documentDeletion", status: "failed", customMetadata: "mtask-a", error }];
  const client = createFakeNodeClient("n0", () => answered("n0", { results: rows, next: null }));
  const nodeTask = { nodeId: "n0", taskUid: 3, role: "main", status: "enqueued" } as const;
  const task = (tolerated: readonly string[]): Task =>
    ({ status: "succeeded", nodeTasks: [{ ...nodeTask, tolerated }] }) as unknown as Task;
  expect(await failedLate(client, { from: 0, to: 3 }, async () => task(["index_not_found"]))).toBe(false);
  expect(await failedLate(client, { from: 0, to: 3 }, async () => task([]))).toBe(true);
});
