/** The store fails in the moment in which a task is to end: it ends when the store works again, without a restart. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { apiError, errorBody } from "../../../src/core/errors/api-error.ts";
import type { Store } from "../../../src/store/store.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { restartableStore } from "../../support/restartable-store.ts";
import { addition, createWorld, took, type World } from "./registry-world.ts";

let world: World;
let failing: "no" | "refuses" | "keeps and refuses" | "keeps what is written and refuses";

beforeEach(async () => {
  failing = "no";
  world = await createWorld({ store: unreliable(restartableStore()) });
});
afterEach(() => world.stop());

/** A disk may also fail after the change has become visible. */
function unreliable(store: Store): Store {
  const through = async <T>(work: () => Promise<T>): Promise<T> => {
    if (failing === "refuses") throw apiError("miroir_store_unavailable", "The disk is full.");
    const result = await work();
    if (failing !== "no") throw apiError("miroir_store_unavailable", "The disk is full.");
    return result;
  };
  const { tasks } = store;
  return {
    ...store,
    tasks: {
      ...tasks,
      insert: (task) => through(() => tasks.insert(task)),
      update: (uid, change) => through(() => tasks.update(uid, change)),
      deleteEnded: (uids) => through(() => tasks.deleteEnded(uids)),
      getByMiroirId: (miroirId) => {
        const read = (): ReturnType<typeof tasks.getByMiroirId> => tasks.getByMiroirId(miroirId);
        return failing === "keeps what is written and refuses" ? read() : through(read);
      },
    },
  };
}

test("a task that could not be closed as failed is closed when the store works again", async () => {
  const { uid } = await world.registry.register(addition);
  failing = "refuses";
  const failed = world.registry.fail(uid, errorBody("miroir_no_quorum", "Too few."));
  expect(await rejectionOf(failed)).toMatchObject({ code: "miroir_store_unavailable" });
  await world.clock.advance(5_000);
  expect((await world.registry.get(uid))?.status).toBe("enqueued");
  failing = "no";
  await world.clock.advance(5_000);
  expect(await world.store.tasks.get(uid)).toMatchObject({ status: "failed", error: { code: "miroir_no_quorum" } });
  expect(await world.store.tasks.unfinished()).toEqual([]);
});

test("a task whose nodes could not be noted is followed on them when the store works again", async () => {
  const { uid } = await world.registry.register(addition);
  const nodeTasks = world.nodes.map((node) => node.enqueue());
  failing = "refuses";
  const told = world.registry.dispatch(uid, nodeTasks);
  expect(await rejectionOf(told)).toMatchObject({ code: "miroir_store_unavailable" });
  world.nodes.forEach((node, n) => node.set(nodeTasks[n]?.taskUid as number, took(10)));
  failing = "no";
  await world.clock.advance(5_000);
  expect(await world.store.tasks.get(uid)).toMatchObject({ status: "succeeded", details: { indexedDocuments: 30 } });
});

test("what is meant last counts: a task that was handed out in vain and then failed is failed", async () => {
  const { uid } = await world.registry.register(addition);
  const nodeTasks = world.nodes.map((node) => node.enqueue());
  failing = "refuses";
  await world.registry.dispatch(uid, nodeTasks).catch(() => undefined);
  await world.registry.fail(uid, errorBody("internal", "It could not be handed out.")).catch(() => undefined);
  failing = "no";
  await world.clock.advance(5_000);
  expect((await world.store.tasks.get(uid))?.status).toBe("failed");
});

test("a task that the store kept although it said no is not left behind", async () => {
  failing = "keeps and refuses";
  expect(await rejectionOf(world.registry.register(addition))).toMatchObject({ code: "miroir_store_unavailable" });
  expect(await world.store.tasks.count()).toBe(1);
  expect(world.registry.unsure()).toMatchObject([{ type: addition.type }]);
  failing = "no";
  await world.clock.advance(5_000);
  expect(await world.store.tasks.count()).toBe(0);
  expect(world.registry.unsure()).toEqual([]);
});

test("nor is it when the store also says no to what takes it away, and takes it away all the same", async () => {
  failing = "keeps what is written and refuses";
  expect(await rejectionOf(world.registry.register(addition))).toMatchObject({ code: "miroir_store_unavailable" });
  await world.clock.advance(5_000);
  failing = "no";
  await world.clock.advance(5_000);
  expect([await world.store.tasks.count(), world.registry.openTasks()]).toEqual([0, []]);
});

test("when more than a thousand could not be noted, others are refused at once until the store says what it has kept", async () => {
  failing = "refuses";
  const refused = Array.from({ length: 1_200 }, () => rejectionOf(world.registry.register(addition)));
  expect(new Set((await Promise.all(refused)).map((error) => (error as { code: string }).code))).toEqual(
    new Set(["miroir_store_unavailable"]),
  );
  expect(await rejectionOf(world.registry.register(addition))).toMatchObject({ code: "miroir_store_unavailable" });
  expect(world.registry.unsure().length).toBe(1_200);
  failing = "no";
  expect(await rejectionOf(world.registry.register(addition))).toMatchObject({ code: "miroir_store_unavailable" });
  await world.clock.advance(5_000);
  expect(world.registry.unsure()).toEqual([]);
  expect(await world.registry.register(addition)).toMatchObject({ status: "enqueued" });
});
