/**
 * The registry over two nodes as they are, the real engine where the machine has one: following a write to its end,
 * finding it again by its name after a crash, canceling it.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { runCoordinator, type RunningCoordinator } from "../../../src/coordinators/run-coordinator.ts";
import { taskSync } from "../../../src/coordinators/task-sync.ts";
import type { NodeTask, Task } from "../../../src/core/tasks/task.ts";
import type { Topology } from "../../../src/core/topology/topology.ts";
import { createHttpNodeClient } from "../../../src/nodes/http/http-node-client.ts";
import { systemClock, systemRandom } from "../../../src/platform/system.ts";
import { cancelFlow, cancelTasks } from "../../../src/services/tasks/cancel-tasks.ts";
import { createTaskRegistry, type RunningTaskRegistry } from "../../../src/services/tasks/create-task-registry.ts";
import { leasesFor } from "../../support/leases.ts";
import { restartableStore } from "../../support/restartable-store.ts";
import { nodeRequest, startNodes, type TestNode } from "../../support/nodes.ts";

const store = restartableStore();
const ids = ["node-0", "node-1"];
const running: RunningCoordinator[] = [];
let nodes: TestNode[] = [];
let registry: RunningTaskRegistry;

const fleet = {
  nodeIds: () => ids,
  client: (nodeId: string) => {
    const node = nodes[ids.indexOf(nodeId)] as TestNode;
    return createHttpNodeClient({ nodeId, address: node.url, masterKey: node.masterKey });
  },
  topology: () => ({ replicationFactor: 1, groups: [ids.map((id) => ({ id }))] }) as unknown as Topology,
};

async function begin(): Promise<void> {
  const made = createTaskRegistry({
    store: store.tasks,
    fleet,
    clock: systemClock,
    random: systemRandom,
    emit: () => {},
  });
  made.addFlow(cancelFlow({ registry: made, clock: systemClock }));
  await made.adopt();
  registry = made;
  running.push(runCoordinator(taskSync(made), { clock: systemClock, emit: () => {}, leases: leasesFor(systemClock) }));
}

async function stop(): Promise<void> {
  await running.pop()?.stop();
  await registry.close();
}

beforeAll(async () => {
  nodes = [...(await startNodes(2))];
  await begin();
});
afterAll(async () => {
  await stop();
  await Promise.all(nodes.map((node) => node.stop()));
});

const within = () => AbortSignal.timeout(30_000);
const addition = (received: number) => ({
  type: "documentAdditionOrUpdate" as const,
  indexUid: "films",
  details: { receivedDocuments: received, indexedDocuments: null },
});

/** Gives each node its share, as the write path does, with the task's name. */
async function handOut(task: Task, shares: readonly number[], primaryKey = "id"): Promise<readonly NodeTask[]> {
  return Promise.all(
    shares.map(async (count, n) => {
      const documents = Array.from({ length: count }, (_, place) => ({ id: place, title: `film ${n} ${place}` }));
      const path = `/indexes/films/documents?primaryKey=${primaryKey}&customMetadata=${task.miroirId}`;
      const { body } = await nodeRequest(nodes[n] as TestNode, "POST", path, documents);
      const enqueuedAt = Date.parse(body.enqueuedAt);
      return { nodeId: `node-${n}`, taskUid: body.taskUid, role: "main", status: "enqueued", enqueuedAt } as const;
    }),
  );
}

test("a write is followed to its end", async () => {
  const task = await registry.register(addition(5));
  await registry.dispatch(task.uid, await handOut(task, [2, 3]));
  const ended = await registry.ended(task.uid, within());
  expect(ended).toMatchObject({
    status: "succeeded",
    error: null,
    details: { receivedDocuments: 5, indexedDocuments: 5 },
  });
  expect(ended.startedAt).toBeGreaterThanOrEqual(task.enqueuedAt);
  expect(ended.finishedAt).toBeGreaterThanOrEqual(ended.startedAt as number);
});

test("an error that both nodes give is the task's error, in the node's words", async () => {
  const task = await registry.register(addition(2));
  await registry.dispatch(task.uid, await handOut(task, [1, 1], "title"));
  const { status, error } = await registry.ended(task.uid, within());
  expect(status).toBe("failed");
  expect(error?.code).toBe("index_primary_key_already_exists");
  expect(error?.message).not.toContain("node-");
});

test("a write that was handed out before a crash is found again by its name", async () => {
  const task = await registry.register(addition(4));
  await handOut(task, [2, 2]);
  await stop();
  await begin();
  const ended = await registry.ended(task.uid, within());
  expect(ended).toMatchObject({ status: "succeeded", details: { indexedDocuments: 4 } });
  expect(ended.nodeTasks).toHaveLength(2);
});

test("a write that was never handed out fails after the crash", async () => {
  const task = await registry.register(addition(4));
  await stop();
  await begin();
  expect((await registry.ended(task.uid, within())).error?.code).toBe("miroir_task_interrupted");
});

test("a cancelation reaches the nodes and says how many it canceled", async () => {
  const first = await registry.register(addition(40_000));
  await registry.dispatch(first.uid, await handOut(first, [20_000, 20_000]));
  const second = await registry.register(addition(2));
  await registry.dispatch(second.uid, await handOut(second, [1, 1]));
  const selection = { search: { uids: [first.uid, second.uid] }, originalFilter: "?uids=x" };
  const visibility = { restricted: false, allows: () => true };
  const cancelation = await cancelTasks({ store: store.tasks, registry, fleet }, selection, visibility);
  const { details } = await registry.ended(cancelation.uid, within());
  const ends = await Promise.all([first, second].map(({ uid }) => registry.ended(uid, within())));
  const canceled = ends.filter(({ status, canceledBy }) => status === "canceled" && canceledBy === cancelation.uid);
  expect(details).toEqual({ matchedTasks: 2, canceledTasks: canceled.length, originalFilter: "?uids=x" });
});
