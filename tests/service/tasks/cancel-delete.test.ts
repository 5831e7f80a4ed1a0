/** Canceling tasks on their nodes and deleting their records. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { cancelFlow } from "../../../src/services/tasks/cancel-tasks.ts";
import type { RunningTaskRegistry } from "../../../src/services/tasks/create-task-registry.ts";
import { deleteFlow } from "../../../src/services/tasks/delete-tasks.ts";
import { newTask } from "../../contract/store/new-task.ts";
import { ask } from "./ask-tasks.ts";
import { createWorld, dispatched, took, type World } from "./registry-world.ts";

let world: World;
const withFlows = (registry: RunningTaskRegistry): void => {
  registry.addFlow(cancelFlow({ registry, clock: { monotonicMs: () => world?.clock.monotonicMs() ?? 0 } }));
  registry.addFlow(
    deleteFlow({
      store: {
        list: (...args) => world.store.tasks.list(...args),
        deleteEnded: (uids) => world.store.tasks.deleteEnded(uids),
      },
    }),
  );
};
beforeEach(async () => {
  world = await createWorld({ prepare: withFlows });
});
afterEach(() => world.stop());

const cancelsAsked = () =>
  world.nodes.map(({ client }) =>
    client.sent.filter(({ path }) => path.startsWith("/tasks/cancel")).map(({ path }) => path),
  );

describe("a cancelation", () => {
  test("needs a filter, if only a star", async () => {
    const { status, body } = await ask(world, "POST", "/tasks/cancel");
    expect([status, body.code]).toEqual([400, "missing_task_filters"]);
    expect((await ask(world, "POST", "/tasks/cancel?uids=*")).status).toBe(200);
  });

  test("is a task of its own, tells each node its own uids, and counts what was canceled", async () => {
    const { uid, nodeUids } = await dispatched(world);
    const { status, body, task } = await ask(world, "POST", `/tasks/cancel?uids=${uid},77`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ taskUid: 1, indexUid: null, status: "enqueued", type: "taskCancelation" });
    expect(task).toMatch(/^mtask-/);
    expect(cancelsAsked()).toEqual(nodeUids.map((nodeUid) => [`/tasks/cancel?uids=${nodeUid}`]));
    await world.clock.advance(3000);
    expect((await ask(world, "GET", "/tasks/1")).body).toMatchObject({
      status: "succeeded",
      details: { matchedTasks: 1, canceledTasks: 1, originalFilter: `?uids=${uid},77` },
    });
    expect((await ask(world, "GET", `/tasks/${uid}`)).body).toMatchObject({
      status: "canceled",
      canceledBy: 1,
      error: null,
      details: { receivedDocuments: 30, indexedDocuments: 0 },
    });
  });

  test("that comes too late cancels nothing and shows nothing in the task", async () => {
    const { uid, nodeUids } = await dispatched(world);
    world.nodes.forEach((node, n) => node.set(nodeUids[n] as number, took(10)));
    await ask(world, "POST", "/tasks/cancel?statuses=enqueued");
    await world.clock.advance(3000);
    expect((await ask(world, "GET", "/tasks/1")).body.details).toMatchObject({ matchedTasks: 1, canceledTasks: 0 });
    expect((await ask(world, "GET", `/tasks/${uid}`)).body).toMatchObject({ status: "succeeded", canceledBy: null });
    expect((await world.store.tasks.get(uid))?.canceledBy).toBeNull();
  });

  test("leaves a task that some nodes had carried out as failed, naming them", async () => {
    const { uid, nodeUids } = await dispatched(world);
    world.nodes[0].set(nodeUids[0] as number, took(10));
    await ask(world, "DELETE", `/tasks/${uid}`);
    await world.clock.advance(3000);
    expect((await ask(world, "GET", `/tasks/${uid}`)).body).toMatchObject({
      status: "failed",
      error: { code: "miroir_task_partly_canceled" },
    });
  });

  test("does not wait for a node that is away", async () => {
    const { uid } = await dispatched(world);
    world.nodes[2].client.down = true;
    await ask(world, "POST", `/tasks/cancel?uids=${uid}`);
    await world.clock.advance(3000);
    expect((await ask(world, "GET", "/tasks/1")).body).toMatchObject({
      status: "succeeded",
      details: { canceledTasks: 0 },
    });
    expect((await ask(world, "GET", `/tasks/${uid}`)).body.status).toBe("processing");
  });

  test("of one task is Miroir's own, and of a task that is not there an error", async () => {
    const { uid } = await dispatched(world);
    const { status, body } = await ask(world, "DELETE", `/tasks/${uid}`);
    expect([status, body.type]).toEqual([200, "taskCancelation"]);
    expect((await ask(world, "DELETE", "/tasks/99")).body.code).toBe("task_not_found");
  });

  test("by a limited key matches only what the key may see", async () => {
    const { uid } = await dispatched(world);
    const limited = { indexes: ["books"] };
    await ask(world, "POST", "/tasks/cancel?uids=*", limited);
    await world.clock.advance(3000);
    expect((await ask(world, "GET", "/tasks/1")).body.details).toMatchObject({ matchedTasks: 0, canceledTasks: 0 });
    expect((await ask(world, "GET", `/tasks/${uid}`)).body.status).toBe("enqueued");
    expect((await ask(world, "DELETE", `/tasks/${uid}`, limited)).status).toBe(404);
  });

  test("ends after a restart in its middle", async () => {
    const { uid } = await dispatched(world);
    await ask(world, "POST", `/tasks/cancel?uids=${uid}`);
    await world.restart(withFlows);
    await world.clock.advance(3000);
    expect((await ask(world, "GET", "/tasks/1")).body).toMatchObject({
      status: "succeeded",
      details: { canceledTasks: 1 },
    });
  });
});

describe("a deletion", () => {
  test("needs a filter", async () => {
    expect((await ask(world, "DELETE", "/tasks")).body.code).toBe("missing_task_filters");
  });

  test("removes ended tasks, leaves open ones, and counts both", async () => {
    for (const status of ["succeeded", "enqueued", "failed"] as const)
      await world.store.tasks.insert(newTask({ status }));
    const { status, body } = await ask(world, "DELETE", "/tasks?statuses=succeeded,enqueued");
    expect([status, body.taskUid, body.type]).toEqual([200, 3, "taskDeletion"]);
    await world.clock.advance(1000);
    expect((await ask(world, "GET", "/tasks/3")).body).toMatchObject({
      status: "succeeded",
      details: { matchedTasks: 2, deletedTasks: 1, originalFilter: "?statuses=succeeded,enqueued" },
    });
    expect((await ask(world, "GET", "/tasks")).body.results.map(({ uid }: { uid: number }) => uid)).toEqual([3, 2, 1]);
  });

  test("removes thousands page by page, and nothing that came after it", async () => {
    for (let n = 0; n < 2500; n += 1) await world.store.tasks.insert(newTask({ status: "succeeded" }));
    await ask(world, "DELETE", "/tasks?uids=*");
    await world.store.tasks.insert(newTask({ status: "succeeded" }));
    await world.clock.advance(3000);
    expect((await ask(world, "GET", "/tasks/2500")).body.details).toMatchObject({
      matchedTasks: 2500,
      deletedTasks: 2500,
    });
    expect(await world.store.tasks.count()).toBe(2);
  });

  test("by a limited key removes only what the key may see", async () => {
    for (const indexUid of ["films", "books"]) await world.store.tasks.insert(newTask({ indexUid, status: "failed" }));
    await ask(world, "DELETE", "/tasks?statuses=failed", { indexes: ["books"] });
    await world.clock.advance(1000);
    expect((await ask(world, "GET", "/tasks/2")).body.details).toMatchObject({ matchedTasks: 1, deletedTasks: 1 });
    expect((await ask(world, "GET", "/tasks/0")).status).toBe(200);
    expect((await ask(world, "GET", "/tasks/1")).status).toBe(404);
  });
});
