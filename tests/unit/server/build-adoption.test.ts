/** Which indexes that were being made are told to the nodes again. */
import { expect, test } from "bun:test";
import type { Task } from "../../../src/core/tasks/task.ts";
import { type AdoptionParts, buildAdoption } from "../../../src/server/build-adoption.ts";
import { SETTINGS_FLOW } from "../../../src/services/settings/open-changes.ts";
import type { TaskFilter } from "../../../src/store/task-store.ts";

const RENAME = {
  type: "indexUpdate",
  indexUid: "films",
  status: "processing",
  details: { oldIndexUid: "films", newIndexUid: "shows" },
  flow: { kind: "update-index", step: "apply", data: {} },
} as unknown as Task;

/** A change that was to make an index of this name at this moment. */
const MAKING = (createdAt: number) =>
  ({
    type: "settingsUpdate",
    indexUid: "books",
    status: "processing",
    flow: { kind: SETTINGS_FLOW, step: "undo", data: { uid: "books", createdAt } },
  }) as unknown as Task;

const BORN = 5;

/** Names of the indexes that nodes were told to make, while these tasks are open. */
async function toldAgain(open: readonly Task[]): Promise<readonly string[]> {
  const told: string[] = [];
  const indexes = {
    catalog: { get: () => undefined, list: () => [] },
    turns: { run: (_scopes: unknown, work: () => Promise<unknown>) => work() },
    gate: {
      run: async (uid: string) => {
        told.push(uid);
        return null;
      },
    },
  };
  const list = async ({ indexUids, types }: TaskFilter) => {
    const tasks = open.filter(
      ({ type, indexUid }) =>
        (indexUids === undefined || indexUids.includes(indexUid ?? "")) &&
        (types === undefined || types.includes(type)),
    );
    return { tasks, total: tasks.length };
  };
  const parts = {
    tasks: { adopt: async () => undefined },
    taskStore: { list },
    catalog: { creating: () => ["shows", "books"], get: (uid: string) => ({ uid, createdAt: BORN }) },
    indexes,
    drift: { repair: async () => undefined },
  };
  await buildAdoption(parts as unknown as AdoptionParts).adopt();
  return told;
}

test("one that no open task is about is", async () => {
  expect(await toldAgain([])).toEqual(["shows", "books"]);
});

test("one of whose name an open task may take an index away again is not: what nodes have by it is another one", async () => {
  expect(await toldAgain([RENAME])).toEqual(["books"]);
  expect(await toldAgain([{ ...RENAME, indexUid: "books" }])).toEqual([]);
});

test("one is not left to a task that was to make another index of its name, which may wait for this one", async () => {
  expect(await toldAgain([MAKING(BORN - 1)])).toEqual(["shows", "books"]);
  expect(await toldAgain([MAKING(BORN - 1), MAKING(BORN)])).toEqual(["shows"]);
});
