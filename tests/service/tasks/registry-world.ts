/** A registry over three fake nodes with a clock that a test owns. One group, RF 1, unless the test says otherwise. */
import { createTaskRegistry, type RunningTaskRegistry } from "../../../src/services/tasks/create-task-registry.ts";
import type { TaskDraft } from "../../../src/services/tasks/task-registry.ts";
import { runCoordinator, type RunningCoordinator } from "../../../src/coordinators/run-coordinator.ts";
import { taskSync } from "../../../src/coordinators/task-sync.ts";
import type { Topology } from "../../../src/core/topology/topology.ts";
import type { Store } from "../../../src/store/store.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { leasesFor } from "../../support/leases.ts";
import { restartableStore } from "../../support/restartable-store.ts";
import { createFakeTaskNode, type FakeTaskNode } from "../../support/fake-task-node.ts";

export interface World {
  readonly clock: FakeClock;
  readonly store: Store;
  readonly nodes: readonly [FakeTaskNode, FakeTaskNode, FakeTaskNode];
  readonly fleet: Parameters<typeof createTaskRegistry>[0]["fleet"];
  readonly events: { readonly name: string; readonly fields: object }[];
  registry: RunningTaskRegistry;
  /** A new registry over the same store, as after a restart; the old one is left where it was, as after `kill -9`. */
  restart(prepare?: (registry: RunningTaskRegistry) => void): Promise<void>;
  stop(): Promise<void>;
}

export const addition: TaskDraft = {
  type: "documentAdditionOrUpdate",
  indexUid: "films",
  details: { receivedDocuments: 30, indexedDocuments: null },
};

export async function createWorld(
  options: { store?: Store; prepare?: (registry: RunningTaskRegistry) => void; groups?: number[][] } = {},
): Promise<World> {
  const clock = createFakeClock();
  const store = options.store ?? restartableStore();
  const node = (n: number): FakeTaskNode => createFakeTaskNode(`node-${n}`, () => clock.nowMs());
  const nodes = [node(0), node(1), node(2)] as const;
  const events: World["events"] = [];
  let uuid = 0;
  const groups = options.groups ?? [[0, 1, 2]];
  const fleet: World["fleet"] = {
    client: (nodeId) => nodes[Number(nodeId.slice(5))]?.client as (typeof nodes)[0]["client"],
    nodeIds: () => nodes.map(({ client }) => client.nodeId),
    topology: () =>
      ({
        replicationFactor: 1,
        groups: groups.map((group) => group.map((n) => ({ id: `node-${n}` }))),
      }) as unknown as Topology,
  };
  const make = (): RunningTaskRegistry =>
    createTaskRegistry({
      store: store.tasks,
      fleet,
      clock,
      random: { uuidV7: () => `00000000-0000-7000-8000-${String((uuid += 1)).padStart(12, "0")}` },
      emit: (kind, fields) => void events.push({ name: kind.name, fields }),
    });
  const running: RunningCoordinator[] = [];
  const begin = async (prepare?: (registry: RunningTaskRegistry) => void): Promise<RunningTaskRegistry> => {
    const registry = make();
    prepare?.(registry);
    await registry.adopt();
    running.push(runCoordinator(taskSync(registry), { clock, emit: () => {}, leases: leasesFor(clock) }));
    return registry;
  };
  const world: World = {
    clock,
    store,
    nodes,
    fleet,
    events,
    registry: await begin(options.prepare),
    restart: async (prepare) => {
      await running.pop()?.stop();
      world.registry = await begin(prepare);
    },
    stop: async () => {
      for (const one of running) await one.stop();
      await world.registry.close();
    },
  };
  return world;
}

export const never = new AbortController().signal;

/** What a node says of its share once it has taken it. */
export function took(count: number) {
  return { status: "succeeded", details: { receivedDocuments: count, indexedDocuments: count } };
}

/** A write that all three nodes have enqueued. */
export async function dispatched({ registry, nodes }: World) {
  const { uid } = await registry.register(addition);
  const nodeTasks = nodes.map((node) => node.enqueue());
  await registry.dispatch(uid, nodeTasks);
  return { uid, nodeUids: nodeTasks.map(({ taskUid }) => taskUid as number) };
}

export const storeError = Object.assign(new TypeError("store"), { code: "miroir_store_unavailable" });
