/** What every task store must do with single tasks. */
import { expect, test } from "bun:test";
import type { TaskStatus } from "../../../src/core/tasks/task.ts";
import type { Store } from "../../../src/store/store.ts";
import { newTask } from "./new-task.ts";

export function taskContract(store: () => Store): void {
  test("uids start at 0 and rise by one", async () => {
    const uids = [];
    for (let n = 0; n < 3; n += 1) uids.push((await store().tasks.insert(newTask())).uid);
    expect(uids).toEqual([0, 1, 2]);
  });

  test("tasks inserted in the same instant get different uids in the order of the calls", async () => {
    const tasks = await Promise.all(Array.from({ length: 200 }, () => store().tasks.insert(newTask())));
    expect(tasks.map(({ uid }) => uid)).toEqual(Array.from({ length: 200 }, (_, n) => n));
  });

  test("the uid of a deleted newest task is never given out again", async () => {
    const { uid } = await store().tasks.insert(newTask({ status: "succeeded", finishedAt: 1 }));
    expect(await store().tasks.deleteEnded([uid])).toBe(1);
    expect((await store().tasks.insert(newTask())).uid).toBe(uid + 1);
  });

  test("what was inserted reads back unchanged, by uid and by name", async () => {
    const task = await store().tasks.insert(
      newTask({
        indexUid: null,
        status: "failed",
        nodeTasks: [{ nodeId: "node-0", taskUid: 7, role: "main", status: "failed", tolerated: ["index_not_found"] }],
        details: null,
        error: { message: "no ✗", code: "internal", type: "internal", link: "" },
        canceledBy: 3,
        customMetadata: "of the client's",
        flow: { kind: "settings", step: "propose", data: { deep: { list: [1, null, "x"] } } },
        dispatched: true,
        startedAt: 5,
        finishedAt: 6,
      }),
    );
    expect(await store().tasks.get(task.uid)).toEqual(task);
    expect(await store().tasks.getByMiroirId(task.miroirId)).toEqual(task);
    expect(await store().tasks.get(99)).toBeUndefined();
    expect(await store().tasks.getByMiroirId("mtask-none")).toBeUndefined();
  });

  test("an update changes what it names and nothing else", async () => {
    const task = await store().tasks.insert(newTask());
    const change = { status: "processing", startedAt: 50, dispatched: true, flow: null } as const;
    await store().tasks.update(task.uid, change);
    await store().tasks.update(task.uid, {});
    expect(await store().tasks.get(task.uid)).toEqual({ ...task, ...change });
  });

  test("updates of one task made in one instant are applied in order", async () => {
    const { uid } = await store().tasks.insert(newTask());
    await Promise.all([1, 2, 3, 4].map((startedAt) => store().tasks.update(uid, { startedAt })));
    expect((await store().tasks.get(uid))?.startedAt).toBe(4);
  });

  test("unfinished tasks come oldest first and ended ones not at all", async () => {
    const statuses: TaskStatus[] = ["enqueued", "succeeded", "processing", "failed", "canceled", "enqueued"];
    for (const status of statuses) await store().tasks.insert(newTask({ status }));
    expect((await store().tasks.unfinished()).map(({ uid }) => uid)).toEqual([0, 2, 5]);
  });

  test("nothing that a living router inserted is handed to another", async () => {
    await store().tasks.insert(newTask());
    expect(await store().tasks.adopt()).toEqual([]);
  });

  test("an open task can be taken over, one that has ended or never was cannot", async () => {
    const open = await store().tasks.insert(newTask());
    const ended = await store().tasks.insert(newTask({ status: "succeeded" }));
    expect(await store().tasks.takeOver(open.uid)).toEqual(open);
    expect(await store().tasks.takeOver(ended.uid)).toBeUndefined();
    expect(await store().tasks.takeOver(99)).toBeUndefined();
  });

  test("uids below a reserved one are not given out any more, and a lower reservation changes nothing", async () => {
    await store().tasks.reserve(70);
    await store().tasks.reserve(5);
    expect((await store().tasks.insert(newTask())).uid).toBe(70);
    expect((await store().tasks.insert(newTask())).uid).toBe(71);
  });

  test("only ended tasks can be deleted", async () => {
    await store().tasks.insert(newTask({ status: "succeeded" }));
    await store().tasks.insert(newTask({ status: "processing" }));
    expect(await store().tasks.deleteEnded([0, 1, 2])).toBe(1);
    expect(await store().tasks.get(0)).toBeUndefined();
    expect(await store().tasks.count()).toBe(1);
  });

  test("pruning takes the oldest ended tasks, at most as many as asked", async () => {
    for (const finishedAt of [30, 10, 20, 40]) await store().tasks.insert(newTask({ status: "succeeded", finishedAt }));
    await store().tasks.insert(newTask({ status: "enqueued" }));
    expect(await store().tasks.prune(40, 2)).toBe(2);
    expect((await store().tasks.list({}, { limit: 10 })).tasks.map(({ uid }) => uid)).toEqual([4, 3, 0]);
    expect(await store().tasks.prune(40, 10)).toBe(1);
    expect(await store().tasks.prune(40, 10)).toBe(0);
    expect(await store().tasks.count()).toBe(2);
  });
}
