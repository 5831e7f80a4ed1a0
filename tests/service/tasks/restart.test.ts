/** Tasks after the router has been killed and started again. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { addition, createWorld, dispatched, took, type World } from "./registry-world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.stop());

test("unfinished tasks are followed to their end", async () => {
  const { uid, nodeUids } = await dispatched(world);
  await world.restart();
  world.nodes.forEach((node, n) => node.set(nodeUids[n] as number, took(10)));
  await world.clock.advance(500);
  expect((await world.registry.get(uid))?.status).toBe("succeeded");
});

test("a task that no node was told of fails and says that it was not carried out", async () => {
  const { uid } = await world.registry.register(addition);
  await world.restart();
  await world.clock.advance(2000);
  const task = await world.store.tasks.get(uid);
  expect(task).toMatchObject({ status: "failed", details: { indexedDocuments: 0 } });
  expect(task?.error).toMatchObject({ code: "miroir_task_interrupted" });
  expect(task?.error?.message).toContain("not carried out");
});

test("a task that all its nodes have is found by its name and followed to success", async () => {
  const { uid, miroirId } = await world.registry.register(addition);
  world.nodes[0].enqueue();
  const shares = world.nodes.map((node) =>
    node.enqueue({ customMetadata: miroirId, details: { receivedDocuments: 10, indexedDocuments: null } }),
  );
  await world.restart();
  await world.clock.advance(200);
  expect((await world.registry.get(uid))?.nodeTasks.map(({ taskUid }) => taskUid)).toEqual(
    shares.map(({ taskUid }) => taskUid),
  );
  world.nodes.forEach((node, n) => node.set(shares[n]?.taskUid as number, took(10)));
  await world.clock.advance(2000);
  expect(await world.registry.get(uid)).toMatchObject({ status: "succeeded", details: { indexedDocuments: 30 } });
});

test("a task that only some of its nodes have never succeeds", async () => {
  const { uid, miroirId } = await world.registry.register(addition);
  const share = world.nodes[0].enqueue({ customMetadata: miroirId, details: { receivedDocuments: 10 } });
  await world.restart();
  await world.clock.advance(200);
  world.nodes[0].set(share.taskUid as number, took(10));
  await world.clock.advance(2000);
  const task = await world.registry.get(uid);
  expect(task).toMatchObject({ status: "failed", nodeTasks: [{ taskUid: share.taskUid }] });
  expect(task?.error?.message).toContain("only some of them have it");
});

test("a node that is away is waited for, but not for ever", async () => {
  const { uid } = await world.registry.register(addition);
  world.nodes[1].client.down = true;
  await world.restart();
  await world.clock.advance(30_000);
  expect((await world.registry.get(uid))?.status).toBe("enqueued");
  await world.clock.advance(45_000);
  expect((await world.registry.get(uid))?.error?.message).toContain("node-1 could not be asked");
});
