/** Work that follows on the nodes' part of a task: step by step, repeated after failures and crashes. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { errorBody } from "../../../src/core/errors/api-error.ts";
import type { TaskFlow } from "../../../src/services/tasks/task-registry.ts";
import { createWorld, storeError, type World } from "./registry-world.ts";

let world: World;
afterEach(() => world.stop());

const steps: string[] = [];
const flow: TaskFlow = {
  kind: "two-steps",
  advance: async (task) => {
    steps.push(task.flow?.step ?? "none");
    if (task.flow?.step === "first") {
      const nodeTasks = [world.nodes[0].enqueue({ type: "settingsUpdate" })];
      return { kind: "more", nodeTasks, flow: { kind: "two-steps", step: "second", data: {} } };
    }
    if (steps.filter((step) => step === "second").length < 3) return { kind: "later", delayMs: 500 };
    return { kind: "done", details: { committed: true } };
  },
};
const draft = { type: "settingsUpdate", indexUid: "films", details: { stopWords: ["a"] } } as const;
const first = { kind: "two-steps", step: "first", data: {} };

beforeEach(async () => {
  steps.length = 0;
  world = await createWorld({ prepare: (registry) => registry.addFlow(flow) });
});

async function toSecondStep() {
  const { uid } = await world.registry.register({ ...draft, flow: first });
  const main = world.nodes[1].enqueue({ type: "settingsUpdate" });
  await world.registry.dispatch(uid, [main]);
  world.nodes[1].set(main.taskUid as number, { status: "succeeded" });
  await world.clock.advance(200);
  return uid;
}

test("goes on when the nodes are done, again and again until it says that it is done", async () => {
  const uid = await toSecondStep();
  expect(await world.store.tasks.get(uid)).toMatchObject({
    flow: { step: "second" },
    nodeTasks: [{}, { nodeId: "node-0" }],
  });
  world.nodes[0].set(100, { status: "succeeded" });
  await world.clock.advance(3000);
  expect(steps).toEqual(["first", "second", "second", "second"]);
  expect(await world.store.tasks.get(uid)).toMatchObject({
    status: "succeeded",
    details: { committed: true },
    flow: null,
  });
});

test("ends as its own parts did: a repair on the way that failed was followed by another, and is no failure", async () => {
  const repair = world.nodes[0].enqueue({ type: "settingsUpdate", role: "prepare" });
  world.registry.addFlow({
    kind: "repairing",
    advance: async (task) => {
      if (task.flow?.step !== "first") return { kind: "done" };
      return { kind: "more", nodeTasks: [repair], flow: { kind: "repairing", step: "second", data: {} } };
    },
  });
  const main = world.nodes[2].enqueue({ type: "settingsUpdate" });
  const { uid } = await world.registry.register({ ...draft, flow: { kind: "repairing", step: "first", data: {} } });
  await world.registry.dispatch(uid, [main]);
  world.nodes[2].set(main.taskUid as number, { status: "succeeded" });
  await world.clock.advance(500);
  world.nodes[0].set(repair.taskUid as number, { status: "failed", error: errorBody("internal", "No space left.") });
  await world.clock.advance(3000);
  expect(await world.registry.get(uid)).toMatchObject({ status: "succeeded", error: null });
});

test("goes on at its step after a restart", async () => {
  const uid = await toSecondStep();
  world.nodes[0].set(100, { status: "succeeded" });
  await world.restart((registry) => registry.addFlow(flow));
  await world.clock.advance(3000);
  expect(steps[0]).toBe("first");
  expect(steps.slice(1).every((step) => step === "second")).toBe(true);
  expect((await world.registry.get(uid))?.status).toBe("succeeded");
});

test("that throws is tried again", async () => {
  let failures = 2;
  const wobbly: TaskFlow = {
    kind: "wobbly",
    advance: async () => {
      if ((failures -= 1) >= 0) throw storeError;
      return { kind: "done" };
    },
  };
  world.registry.addFlow(wobbly);
  const { uid } = await world.registry.register({ ...draft, flow: { kind: "wobbly", step: "only", data: {} } });
  await world.registry.dispatch(uid, []);
  await world.clock.advance(500);
  expect((await world.registry.get(uid))?.status).toBe("enqueued");
  await world.clock.advance(3000);
  expect((await world.registry.get(uid))?.status).toBe("succeeded");
});

test("that ends with an error makes the task fail with it", async () => {
  const error = errorBody("internal", "Not so.");
  world.registry.addFlow({ kind: "refusing", advance: async () => ({ kind: "done", error }) });
  const { uid } = await world.registry.register({ ...draft, flow: { kind: "refusing", step: "only", data: {} } });
  await world.registry.dispatch(uid, []);
  await world.clock.settle();
  expect(await world.registry.get(uid)).toMatchObject({ status: "failed", error });
});
