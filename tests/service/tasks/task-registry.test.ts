/** Tasks from their registration to their end, over fake nodes and with a clock that only moves when told to. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { errorBody } from "../../../src/core/errors/api-error.ts";
import type { TaskChange } from "../../../src/store/task-store.ts";
import { unavailable } from "../../support/fake-node-client.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { addition, createWorld, dispatched, storeError, took, type World } from "./registry-world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.stop());

describe("a task", () => {
  test("is in the store before any node is touched", async () => {
    const task = await world.registry.register(addition);
    expect(await world.store.tasks.get(task.uid)).toEqual(task);
    expect(task).toMatchObject({ uid: 0, status: "enqueued", dispatched: false, startedAt: null });
    expect(task.miroirId).toMatch(/^mtask-[0-9a-f-]{36}$/);
  });

  test("goes from enqueued over processing to succeeded as its nodes go", async () => {
    const { uid, nodeUids } = await dispatched(world);
    const status = async () => (await world.registry.get(uid))?.status;
    await world.clock.advance(100);
    expect(await status()).toBe("enqueued");
    world.nodes[1].set(nodeUids[1] as number, { status: "processing" });
    await world.clock.advance(1000);
    expect(await status()).toBe("processing");
    expect((await world.store.tasks.get(uid))?.status).toBe("processing");
    world.nodes.forEach((node, n) => node.set(nodeUids[n] as number, took(10)));
    await world.clock.advance(1000);
    const stored = await world.store.tasks.get(uid);
    expect(stored).toMatchObject({
      status: "succeeded",
      error: null,
      details: { receivedDocuments: 30, indexedDocuments: 30 },
      flow: null,
    });
    expect(stored?.finishedAt).toBeGreaterThanOrEqual(stored?.startedAt as number);
    expect(await world.registry.get(uid)).toEqual(stored);
  });

  test("ends as failed with the node's error, and never before the last node is done", async () => {
    const { uid, nodeUids } = await dispatched(world);
    const error = errorBody("invalid_document_id", "The id is bad.");
    world.nodes[0].set(nodeUids[0] as number, { status: "failed", error });
    world.nodes[1].set(nodeUids[1] as number, took(10));
    await world.clock.advance(2000);
    expect((await world.registry.get(uid))?.status).toBe("processing");
    world.nodes[2].set(nodeUids[2] as number, took(10));
    await world.clock.advance(2000);
    expect(await world.store.tasks.get(uid)).toMatchObject({ status: "failed", error });
  });

  test("waits for a node that is away, while the other nodes are followed", async () => {
    const { uid, nodeUids } = await dispatched(world);
    world.nodes[2].client.down = true;
    world.nodes.forEach((node, n) => node.set(nodeUids[n] as number, took(10)));
    await world.clock.advance(5000);
    expect(await world.registry.get(uid)).toMatchObject({
      status: "processing",
      nodeTasks: [{ status: "succeeded" }, { status: "succeeded" }, { status: "enqueued" }],
    });
    world.nodes[2].client.down = false;
    await world.clock.advance(2000);
    expect((await world.registry.get(uid))?.status).toBe("succeeded");
  });

  test("a node that hangs does not keep the answers of the others", async () => {
    const { uid, nodeUids } = await dispatched(world);
    world.nodes[2].client.answerWith(
      (_, signal) =>
        new Promise((resolve) => signal?.addEventListener("abort", () => resolve(unavailable("node-2", "aborted")))),
    );
    world.nodes[0].set(nodeUids[0] as number, took(10));
    await world.clock.advance(1000);
    expect((await world.registry.get(uid))?.nodeTasks[0]?.status).toBe("succeeded");
  });

  test("fails with a clear error when a node has forgotten it", async () => {
    const { uid, nodeUids } = await dispatched(world);
    world.nodes.forEach((node, n) => node.set(nodeUids[n] as number, took(10)));
    world.nodes[1].forget(nodeUids[1] as number);
    await world.clock.advance(2000);
    const task = await world.registry.get(uid);
    expect(task?.status).toBe("failed");
    expect(task?.error).toMatchObject({ code: "miroir_node_task_lost" });
    expect(world.events.map(({ name }) => name)).toContain("task.node_task_lost");
  });

  test("another task under the same number, as after a node was set up anew, is not taken for it", async () => {
    const { uid, nodeUids } = await dispatched(world);
    world.nodes.forEach((node, n) => node.set(nodeUids[n] as number, took(10)));
    world.nodes[1].set(nodeUids[1] as number, { enqueuedAt: "2031-01-01T00:00:00Z" });
    await world.clock.advance(2000);
    expect((await world.registry.get(uid))?.error?.code).toBe("miroir_node_task_lost");
  });

  test("a garbled answer is no answer", async () => {
    const { uid } = await dispatched(world);
    const [node] = world.nodes;
    node.client.answerWith(() => ({
      kind: "answered",
      nodeId: "node-0",
      status: 200,
      text: '{"results":[{"uid":"x"}]}',
    }));
    await world.clock.advance(2000);
    expect((await world.registry.get(uid))?.status).toBe("enqueued");
  });

  test("with nothing to wait for ends at once", async () => {
    const { uid } = await world.registry.register(addition);
    expect((await world.registry.dispatch(uid, [])).status).toBe("succeeded");
    expect((await world.store.tasks.get(uid))?.status).toBe("succeeded");
  });

  test("can be ended by the router itself, once", async () => {
    const one = await world.registry.register(addition);
    const error = errorBody("miroir_no_quorum", "Too few.");
    expect(await world.registry.fail(one.uid, error)).toMatchObject({
      status: "failed",
      error,
      details: { receivedDocuments: 30, indexedDocuments: 0 },
    });
    expect((await world.registry.succeed(one.uid)).status).toBe("failed");
    const other = await world.registry.register(addition);
    const details = { receivedDocuments: 30, indexedDocuments: 30 };
    expect(await world.registry.succeed(other.uid, details)).toMatchObject({ status: "succeeded", details });
  });

  test("that was withdrawn is gone, and its uid is not given out again", async () => {
    const { uid } = await world.registry.register(addition);
    await world.registry.withdraw(uid);
    expect(await world.registry.get(uid)).toBeUndefined();
    expect((await world.registry.register(addition)).uid).toBe(uid + 1);
  });

  test("is refused with 503 when the store does not take it", async () => {
    const broken = { ...world.store.tasks, insert: () => Promise.reject(storeError) };
    const other = await createWorld({ store: { ...world.store, tasks: broken } });
    expect(await rejectionOf(other.registry.register(addition))).toBe(storeError);
    await other.stop();
  });

  test("ends later when the store fails at its end", async () => {
    const { uid, nodeUids } = await dispatched(world);
    const inner = { ...world.store.tasks };
    let failing = true;
    Object.assign(world.store.tasks, {
      update: (uid: number, change: TaskChange) => (failing ? Promise.reject(storeError) : inner.update(uid, change)),
    });
    world.nodes.forEach((node, n) => node.set(nodeUids[n] as number, took(10)));
    await world.clock.advance(3000);
    expect((await world.registry.get(uid))?.status).toBe("enqueued");
    failing = false;
    await world.clock.advance(2000);
    expect((await world.store.tasks.get(uid))?.status).toBe("succeeded");
  });
});

describe("writes that a node missed", () => {
  test("do not hold the task up, and its record is completed when the node has them", async () => {
    const { uid } = await world.registry.register(addition);
    const [first, second] = world.nodes;
    const main = first.enqueue();
    await world.registry.dispatch(uid, [main, { nodeId: "node-1", taskUid: null, role: "main", status: "hinted" }]);
    first.set(main.taskUid as number, took(30));
    await world.clock.advance(1000);
    expect(await world.registry.get(uid)).toMatchObject({ status: "succeeded", details: { indexedDocuments: 30 } });
    const late = second.enqueue();
    await world.registry.replayed(uid, "node-1", late.taskUid as number);
    second.set(late.taskUid as number, took(30));
    await world.clock.advance(1000);
    expect(await world.store.tasks.get(uid)).toMatchObject({
      status: "succeeded",
      nodeTasks: [{ status: "succeeded" }, { nodeId: "node-1", taskUid: late.taskUid, status: "succeeded" }],
    });
  });

  test("may be replayed after the record of their task was deleted", async () => {
    const { uid } = await world.registry.register(addition);
    await world.registry.dispatch(uid, [{ nodeId: "node-1", taskUid: null, role: "main", status: "hinted" }]);
    await world.registry.fail(uid, errorBody("internal", "no"));
    await world.store.tasks.deleteEnded([uid]);
    await world.registry.replayed(uid, "node-1", 5);
    expect(await world.registry.get(uid)).toBeUndefined();
  });

  test("count like any other when the task has not ended yet", async () => {
    const { uid, nodeUids } = await dispatched(world);
    const { uid: waiting } = await world.registry.register(addition);
    const slow = world.nodes[0].enqueue();
    await world.registry.dispatch(waiting, [slow, { nodeId: "node-1", taskUid: null, role: "main", status: "hinted" }]);
    const late = world.nodes[1].enqueue();
    await world.registry.replayed(waiting, "node-1", late.taskUid as number);
    world.nodes[0].set(slow.taskUid as number, took(30));
    await world.clock.advance(1500);
    expect((await world.registry.get(waiting))?.status).toBe("processing");
    world.nodes[1].set(late.taskUid as number, took(30));
    await world.clock.advance(1500);
    expect((await world.registry.get(waiting))?.status).toBe("succeeded");
    expect([uid, nodeUids.length]).toEqual([0, 3]);
  });
});
