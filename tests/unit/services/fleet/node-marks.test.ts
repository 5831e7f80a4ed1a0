/** Whether a node still has its disk, by the tasks that it has taken. */
import { expect, test } from "bun:test";
import { createNodeMarks, type NodeMarks, type NodeMarksDeps } from "../../../../src/services/fleet/node-marks.ts";
import { memoryRepairStore } from "../../../../src/store/memory/repair-store.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { createFakeNodeClient, type FakeNodeClient } from "../../../support/fake-node-client.ts";

interface Task {
  readonly uid: number;
  readonly enqueuedAt: string;
}

interface Rig {
  readonly marks: NodeMarks;
  readonly node: FakeNodeClient;
  readonly lost: string[];
  tasks: Task[];
}

type Told = Awaited<ReturnType<NodeMarksDeps["told"]>>;

function createRig(store = memoryRepairStore(), told: Told = []): Rig {
  const lost: string[] = [];
  const node = createFakeNodeClient("n0", async ({ path }) => {
    const uid = /^\/tasks\/(\d+)$/.exec(path)?.[1];
    const found = rig.tasks.find((task) => task.uid === Number(uid));
    const text = JSON.stringify(uid === undefined ? { results: rig.tasks.slice(-1) } : found);
    if (uid === undefined || found !== undefined) return { kind: "answered", nodeId: "n0", status: 200, text };
    const error = { message: "", code: "task_not_found", type: "invalid_request", link: "" };
    return { kind: "refused", nodeId: "n0", status: 404, error };
  });
  const marks = createNodeMarks({
    store,
    nodeIds: () => ["n0"],
    told: async () => told,
    client: () => node,
    clock: createFakeClock(),
    emit: () => {},
    lost: async (nodeId) => void lost.push(nodeId),
  });
  const rig: Rig = { marks, node, lost, tasks: [] };
  return rig;
}

const OLD = { uid: 6, enqueuedAt: "2026-01-01T00:00:00.5Z" };
const NEW = { uid: 0, enqueuedAt: "2026-01-01T00:00:03Z" };

test("a node without a mark is known by its newest task, so that its next disk is not taken for the same", async () => {
  const rig = createRig();
  rig.tasks = [OLD];
  expect(await rig.marks.check("n0")).toBe("same");
  expect(await rig.marks.check("n0")).toBe("same");
  // Another disk, and a write that comes before the next look.
  rig.tasks = [NEW];
  rig.marks.note("n0", NEW.uid, NEW.enqueuedAt);
  expect(rig.lost).toEqual(["n0"]);
});

test("what was first seen of a node is kept like every mark", async () => {
  const store = memoryRepairStore();
  const first = createRig(store);
  first.tasks = [OLD];
  await first.marks.check("n0");
  await first.marks.flush();
  const second = createRig(store);
  await second.marks.load();
  expect(await second.marks.check("n0")).toBe("lost");
  expect(second.lost).toEqual(["n0"]);
});

test("a node that has no tasks yet is taken as it is, one that does not say is unknown", async () => {
  const rig = createRig();
  expect(await rig.marks.check("n0")).toBe("same");
  rig.node.down = true;
  expect(await rig.marks.check("n0")).toBe("unknown");
  rig.node.down = false;
  rig.marks.note("n0", OLD.uid, OLD.enqueuedAt);
  rig.tasks = [OLD];
  expect(await rig.marks.check("n0")).toBe("same");
  expect(rig.lost).toEqual([]);
});

test("a node of which no mark was kept is known by the newest task that it was told", async () => {
  const told: Told = [
    { nodeId: "n0", taskUid: 5, status: "succeeded" },
    { nodeId: "n0", taskUid: OLD.uid, status: "enqueued" },
    { nodeId: "n0", taskUid: null, status: "hinted" },
    { nodeId: "n0", taskUid: 9, status: "lost" },
  ];
  const same = createRig(memoryRepairStore(), told);
  await same.marks.load();
  same.tasks = [OLD];
  expect(await same.marks.check("n0")).toBe("same");
  const emptied = createRig(memoryRepairStore(), told);
  await emptied.marks.load();
  expect(await emptied.marks.check("n0")).toBe("lost");
  expect(emptied.lost).toEqual(["n0"]);
});

test("what it was told counts for nothing once a mark has been kept, as that its disk was lost", async () => {
  const store = memoryRepairStore();
  const first = createRig(store);
  first.marks.note("n0", OLD.uid, OLD.enqueuedAt);
  expect(await first.marks.check("n0")).toBe("lost");
  const second = createRig(store, [{ nodeId: "n0", taskUid: OLD.uid, status: "enqueued" }]);
  await second.marks.load();
  expect(await second.marks.check("n0")).toBe("same");
  expect(second.lost).toEqual([]);
});
