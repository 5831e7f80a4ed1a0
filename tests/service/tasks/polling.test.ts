/** When the nodes are asked about tasks, how, and by whom it is waited for. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { rejectionOf } from "../../support/rejection-of.ts";
import { addition, createWorld, dispatched, never, took, type World } from "./registry-world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.stop());

describe("polling", () => {
  test("begins 25 ms after the write and becomes ever more seldom, up to once a second", async () => {
    await dispatched(world);
    const polls = () => world.nodes[0].polls().length;
    await world.clock.advance(24);
    expect(polls()).toBe(0);
    await world.clock.advance(1);
    expect(polls()).toBe(1);
    await world.clock.advance(5000);
    const early = polls();
    await world.clock.advance(10_000);
    expect(polls() - early).toBe(10);
  });

  test("asks each node once for all that is outstanding there", async () => {
    const tasks = [await dispatched(world), await dispatched(world), await dispatched(world)];
    await world.clock.advance(25);
    expect(world.nodes[1].polls()).toEqual([tasks.map(({ nodeUids }) => nodeUids[1] as number)]);
  });

  test("asks soon again when somebody waits or asks", async () => {
    const { uid, nodeUids } = await dispatched(world);
    await world.clock.advance(10_000);
    const before = world.nodes[0].polls().length;
    const ended = world.registry.ended(uid, never);
    await world.clock.advance(1000);
    expect(world.nodes[0].polls().length - before).toBeGreaterThanOrEqual(10);
    world.nodes.forEach((node, n) => node.set(nodeUids[n] as number, took(10)));
    await world.clock.advance(100);
    expect((await ended).status).toBe("succeeded");
  });

  test("asks nobody while nothing is outstanding, and leaves no timer when stopped", async () => {
    await world.clock.advance(60_000);
    expect(world.nodes.flatMap((node) => node.polls())).toEqual([]);
    await world.stop();
    expect(world.clock.pendingTimers()).toBe(0);
  });

  test("covers thousands of tasks on a node with short addresses", async () => {
    const { uid } = await world.registry.register(addition);
    const many = Array.from({ length: 2000 }, () => world.nodes[0].enqueue());
    await world.registry.dispatch(uid, many);
    await world.clock.advance(60_000);
    const polls = world.nodes[0].polls();
    expect(Math.max(...polls.map((uids) => uids.length))).toBeLessThanOrEqual(400);
    expect(new Set(polls.flat()).size).toBe(2000);
    for (const { taskUid } of many) world.nodes[0].set(taskUid as number, took(0));
    await world.clock.advance(60_000);
    expect((await world.registry.get(uid))?.status).toBe("succeeded");
  });
});

describe("waiting", () => {
  test("resolves at once for a task that has ended, and refuses one that is not there", async () => {
    const { uid } = await world.registry.register(addition);
    await world.registry.dispatch(uid, []);
    expect((await world.registry.ended(uid, never)).status).toBe("succeeded");
    expect(await rejectionOf(world.registry.ended(99, never))).toMatchObject({ code: "task_not_found" });
  });

  test("ends with the caller's own reason when that gives up", async () => {
    const { uid } = await dispatched(world);
    const caller = new AbortController();
    const ended = world.registry.ended(uid, caller.signal);
    const reason = new DOMException("gone", "AbortError");
    await world.clock.settle();
    caller.abort(reason);
    expect(await rejectionOf(ended)).toBe(reason);
  });

  test("ends when the router stops", async () => {
    const { uid } = await dispatched(world);
    const ended = world.registry.ended(uid, never);
    await world.clock.settle();
    await world.stop();
    expect(await rejectionOf(ended)).toMatchObject({ code: "miroir_shutting_down" });
  });
});
