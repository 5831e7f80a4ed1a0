/** Which indexes that were being made are told to the nodes again. */
import { expect, test } from "bun:test";
import type { Task } from "../../../src/core/tasks/task.ts";
import { type AdoptionParts, buildAdoption } from "../../../src/server/build-adoption.ts";
import type { TaskFilter } from "../../../src/store/task-store.ts";

const RENAME = {
  type: "indexUpdate",
  indexUid: "films",
  status: "processing",
  details: { oldIndexUid: "films", newIndexUid: "shows" },
  flow: { kind: "update-index", step: "apply", data: {} },
} as unknown as Task;

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
    catalog: { creating: () => ["shows", "books"] },
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
