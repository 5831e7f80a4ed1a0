/** What every task store must do with lists: filters, pages, totals. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { TaskStatus, TaskType } from "../../../src/core/tasks/task.ts";
import { memoryTaskStore } from "../../../src/store/memory/task-store.ts";
import type { Store } from "../../../src/store/store.ts";
import type { NewTask, TaskFilter } from "../../../src/store/task-store.ts";
import { newTask } from "./new-task.ts";

export function taskListContract(store: () => Store): void {
  const uids = async (filter: TaskFilter, page: { limit?: number; from?: number; reverse?: boolean } = {}) =>
    (await store().tasks.list(filter, { limit: 20, ...page })).tasks.map(({ uid }) => uid);

  test("newest first, inclusive from, and next is the first that did not fit", async () => {
    for (let n = 0; n < 5; n += 1) await store().tasks.insert(newTask());
    const first = await store().tasks.list({}, { limit: 2 });
    expect(first.tasks.map(({ uid }) => uid)).toEqual([4, 3]);
    expect(first).toMatchObject({ total: 5, next: 2 });
    expect(await store().tasks.list({}, { limit: 3, from: 2 })).toMatchObject({ total: 5, next: null });
    expect(await uids({}, { from: 1, reverse: true })).toEqual([1, 2, 3, 4]);
    expect(await store().tasks.list({}, { limit: 0 })).toEqual({ tasks: [], total: 5, next: 4 });
  });

  test("an empty list of wanted values matches nothing", async () => {
    await store().tasks.insert(newTask());
    for (const filter of [{ uids: [] }, { statuses: [] }, { types: [] }, { indexUids: [] }, { canceledBy: [] }]) {
      expect(await store().tasks.list(filter, { limit: 20 })).toEqual({ tasks: [], total: 0, next: null });
    }
  });

  test("bounds in time are exclusive and a time that is not there matches no bound", async () => {
    await store().tasks.insert(newTask({ startedAt: 10, finishedAt: 20 }));
    await store().tasks.insert(newTask());
    expect(await uids({ afterStartedAt: 10 })).toEqual([]);
    expect(await uids({ afterStartedAt: 9.999 })).toEqual([0]);
    expect(await uids({ beforeFinishedAt: 20 })).toEqual([]);
    expect(await uids({ beforeFinishedAt: 20.001, afterFinishedAt: 1 })).toEqual([0]);
  });

  test("totals follow changes of status and of index", async () => {
    const { uid } = await store().tasks.insert(newTask({ indexUid: "a" }));
    await store().tasks.insert(newTask({ indexUid: "b" }));
    await store().tasks.update(uid, { status: "succeeded", indexUid: "b" });
    const total = async (filter: TaskFilter) => (await store().tasks.list(filter, { limit: 0 })).total;
    expect(await total({ indexUids: ["a"] })).toBe(0);
    expect(await total({ indexUids: ["b"] })).toBe(2);
    expect(await total({ indexUids: ["b"], statuses: ["succeeded"] })).toBe(1);
    await store().tasks.deleteEnded([uid]);
    expect(await total({ indexUids: ["b"] })).toBe(1);
  });

  test("any filter on any page gives what looking at every task gives", async () => {
    const model = memoryTaskStore();
    const tasks = fc.sample(arbitraryTask(), { numRuns: 120, seed: 7 });
    for (const task of tasks) await Promise.all([model.insert(task), store().tasks.insert(task)]);
    const changes = fc.sample(arbitraryTask(), { numRuns: 40, seed: 8 });
    for (const [n, { status, startedAt, finishedAt, indexUid }] of changes.entries()) {
      const change = n % 2 === 0 ? { status, startedAt, finishedAt } : { indexUid };
      for (const one of [model, store().tasks]) await one.update(n * 3, change);
    }
    for (const one of [model, store().tasks]) await one.deleteEnded([1, 2, 3, 50, 60, 119]);
    for (const one of [model, store().tasks]) await one.prune(2 * STRETCH_MS, 20);
    await fc.assert(
      fc.asyncProperty(fc.oneof(arbitraryFilter, arbitraryRange), arbitraryPage, async (filter, page) => {
        expect(await store().tasks.list(filter, page)).toEqual(await model.list(filter, page));
      }),
      { numRuns: 300 },
    );
  });
}

const statuses = fc.constantFrom<TaskStatus>("enqueued", "processing", "succeeded", "failed", "canceled");
const types = fc.constantFrom<TaskType>("documentAdditionOrUpdate", "settingsUpdate", "indexSwap", "taskDeletion");
const indexes = fc.constantFrom("films", "books", "a-b_c");
/** Many at the same moment, and over several of the stretches by which a store may count them, also at their edges. */
const STRETCH_MS = 2 ** 20;
const moment = fc.oneof(
  fc.integer({ min: 0, max: 12 }).map((n) => n * 300_000),
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: -1, max: 1 })).map(([n, by]) => n * STRETCH_MS + by),
);

function arbitraryTask(): fc.Arbitrary<NewTask> {
  return fc
    .record({
      status: statuses,
      type: types,
      indexUid: fc.option(indexes),
      canceledBy: fc.option(fc.integer({ min: 0, max: 5 })),
      enqueuedAt: moment,
      startedAt: fc.option(moment),
      finishedAt: fc.option(moment),
    })
    .map((fields) => newTask(fields));
}

const arbitraryFilter: fc.Arbitrary<TaskFilter> = fc.record(
  {
    uids: fc.array(fc.integer({ min: 0, max: 130 }), { maxLength: 30 }),
    statuses: fc.array(statuses, { maxLength: 3 }),
    types: fc.array(types, { maxLength: 3 }),
    indexUids: fc.array(indexes, { maxLength: 2 }),
    canceledBy: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
    beforeEnqueuedAt: moment,
    afterEnqueuedAt: moment,
    beforeStartedAt: moment,
    afterStartedAt: moment,
    beforeFinishedAt: moment,
    afterFinishedAt: moment,
  },
  { requiredKeys: [] },
);

/** What a list over a time is asked for most. */
const arbitraryRange: fc.Arbitrary<TaskFilter> = fc
  .tuple(
    fc.constantFrom("EnqueuedAt", "StartedAt", "FinishedAt"),
    fc.option(moment),
    fc.option(moment),
    fc.record({ statuses: fc.array(statuses), indexUids: fc.array(indexes) }, { requiredKeys: [] }),
  )
  .map(([name, after, before, kinds]) => ({
    ...kinds,
    ...(after === null ? {} : { [`after${name}`]: after }),
    ...(before === null ? {} : { [`before${name}`]: before }),
  }));

const arbitraryPage = fc.record(
  { limit: fc.integer({ min: 0, max: 25 }), from: fc.integer({ min: 0, max: 130 }), reverse: fc.boolean() },
  { requiredKeys: ["limit"] },
);
