/** `GET /tasks`, `GET /batches` and single ones, as a client sees them. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { newTask } from "../../contract/store/new-task.ts";
import { ask } from "./ask-tasks.ts";
import { createWorld, type World } from "./registry-world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
  const tasks = [
    newTask({ type: "indexCreation", indexUid: "films", status: "succeeded", details: { primaryKey: null } }),
    newTask({ indexUid: "films", status: "failed" }),
    newTask({ indexUid: "books", status: "processing" }),
    newTask({ type: "indexSwap", indexUid: null, status: "enqueued", details: { swaps: [] } }),
    newTask({ indexUid: "films", status: "canceled", canceledBy: 5 }),
    newTask({ type: "taskCancelation", indexUid: null, status: "succeeded", details: null }),
  ];
  for (const task of tasks) await world.store.tasks.insert(task);
});
afterEach(() => world.stop());

const uidsOf = async (target: string, indexes?: readonly string[]) => {
  const { body } = await ask(world, "GET", target, indexes === undefined ? {} : { indexes });
  return body.results.map(({ uid }: { uid: number }) => uid);
};

describe("a list of tasks", () => {
  test("is newest first, with the total and the next page", async () => {
    const { status, body } = await ask(world, "GET", "/tasks?limit=2");
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(["results", "total", "limit", "from", "next"]);
    expect(body).toMatchObject({ results: [{ uid: 5 }, { uid: 4 }], total: 6, limit: 2, from: 5, next: 3 });
    expect((await ask(world, "GET", "/tasks?limit=4&from=3")).body).toMatchObject({ total: 6, from: 3, next: null });
    expect((await ask(world, "GET", "/tasks?limit=0")).body).toEqual({
      results: [],
      total: 6,
      limit: 0,
      from: null,
      next: 5,
    });
    expect(await uidsOf("/tasks?reverse=true&from=4")).toEqual([4, 5]);
  });

  test.each([
    ["uids=1,4,99", [4, 1]],
    ["uids=", []],
    ["uids=1,*", [5, 4, 3, 2, 1, 0]],
    ["statuses=FAILED,canceled", [4, 1]],
    ["types=indexcreation", [0]],
    ["indexUids=books", [2]],
    ["canceledBy=5", [4]],
    ["batchUids=0,3", [0]],
    ["statuses=*&types=indexSwap", [3]],
    ["afterEnqueuedAt=2030-01-01", []],
    ["beforeEnqueuedAt=2030-01-01&statuses=processing", [2]],
  ])("filtered by %s", async (query, expected) => {
    expect(await uidsOf(`/tasks?${query}`)).toEqual(expected);
  });

  test("hides tasks of no single index once indexes are named", async () => {
    expect(await uidsOf("/tasks?indexUids=films,books")).toEqual([4, 2, 1, 0]);
  });

  test("for a limited key has only its indexes, a short page without a next one, and the total of all", async () => {
    expect(await uidsOf("/tasks", ["films"])).toEqual([4, 1, 0]);
    const { body } = await ask(world, "GET", "/tasks?limit=2", { indexes: ["films"] });
    expect(body).toMatchObject({ results: [{ uid: 4 }], total: 6, from: 4, next: null });
  });

  test("takes names wherever it takes numbers, and gives names where they are the ids", async () => {
    const name = "mtask-00000000-0000-4000-8000-000000000001";
    const { uid } = await world.store.tasks.insert(newTask({ miroirId: name, status: "canceled", canceledBy: 5 }));
    expect(await uidsOf(`/tasks?uids=${name}`)).toEqual([uid]);
    expect(await uidsOf("/tasks?uids=mtask-00000000-0000-4000-8000-00000000ffff")).toEqual([]);
    expect((await ask(world, "GET", `/tasks/${name}`)).body.uid).toBe(uid);
    const named = await ask(world, "GET", `/tasks?from=${name}&limit=1`, { idFormat: "mtask" });
    expect(named.body).toMatchObject({ results: [{ uid: name, batchUid: uid }], from: name });
    expect(named.body.results[0].canceledBy).toMatch(/^mtask-/);
  });
});

describe("one task", () => {
  test("is found by its number", async () => {
    expect((await ask(world, "GET", "/tasks/2")).body).toMatchObject({ uid: 2, status: "processing", batchUid: 2 });
  });

  test("is not there for a key that may not see its index, or that sees single indexes only", async () => {
    const limited = { indexes: ["films"] };
    for (const uid of [2, 3, 99]) {
      const { status, body } = await ask(world, "GET", `/tasks/${uid}`, limited);
      expect([status, body.code, body.message]).toEqual([404, "task_not_found", `Task \`${uid}\` not found.`]);
    }
    expect((await ask(world, "GET", "/tasks/0", limited)).status).toBe(200);
  });

  test("has no documents to give back once it has ended, or when it carries none", async () => {
    const { status, body } = await ask(world, "GET", "/tasks/2/documents");
    expect([status, body.code]).toEqual([404, "task_file_not_found"]);
  });
});

describe("batches", () => {
  test("are tasks that have begun, each under its own uid", async () => {
    expect(await uidsOf("/batches")).toEqual([5, 4, 2, 1, 0]);
    expect(await uidsOf("/batches?statuses=enqueued")).toEqual([]);
    expect(await uidsOf("/batches?uids=0,3")).toEqual([0]);
    expect((await ask(world, "GET", "/batches/0")).body).toMatchObject({ uid: 0, stats: { totalNbTasks: 1 } });
    expect((await ask(world, "GET", "/batches/3")).body).toMatchObject({ code: "batch_not_found" });
  });

  test("of canceled tasks are found through their cancelation", async () => {
    expect(await uidsOf("/batches?canceledBy=5")).toEqual([5]);
    expect(await uidsOf("/batches?canceledBy=4")).toEqual([]);
  });
});
