/**
 * The services of this area over a few nodes, wired as the composition root does it, with what is around them made
 * simple: a catalog in a map, missed writes in a list, health that a test decides.
 */
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import { apiError } from "../../../src/core/errors/api-error.ts";
import { buildShardMap } from "../../../src/core/routing/build-shard-map.ts";
import type { Task } from "../../../src/core/tasks/task.ts";
import type { Topology, TopologyNode } from "../../../src/core/topology/topology.ts";
import type { NodeClient } from "../../../src/nodes/node-client.ts";
import { createInTurn } from "../../../src/platform/in-turn.ts";
import { systemClock, systemRandom } from "../../../src/platform/system.ts";
import { createLanes } from "../../../src/scatter/create-lanes.ts";
import type { MissedPlace } from "../../../src/services/broadcast/missed-writes.ts";
import type { Catalog } from "../../../src/services/catalog/catalog.ts";
import type { Fleet } from "../../../src/services/fleet/fleet.ts";
import { createNodeVersions } from "../../../src/services/catalog/node-versions.ts";
import { createIndexFlow } from "../../../src/services/indexes/create-index.ts";
import { deleteIndexFlow } from "../../../src/services/indexes/delete-index.ts";
import { ensureIndexFlow } from "../../../src/services/indexes/ensure-index.ts";
import { swapIndexesFlow } from "../../../src/services/indexes/swap-indexes.ts";
import { updateIndexFlow } from "../../../src/services/indexes/update-index.ts";
import type { Relay } from "../../../src/services/relay/relay.ts";
import { createRenames } from "../../../src/services/routers/renames.ts";
import { ownTurns } from "../../../src/services/routers/turns.ts";
import { createOpenChanges } from "../../../src/services/settings/open-changes.ts";
import { settingsFlow } from "../../../src/services/settings/settings-flow.ts";
import { createTaskRegistry } from "../../../src/services/tasks/create-task-registry.ts";
import { memoryNodeVersionStore } from "../../../src/store/memory/node-version-store.ts";
import type { Emit } from "../../../src/telemetry/event.ts";
import { restartableStore } from "../../support/restartable-store.ts";
import { PLAIN_FORM } from "../../../src/core/settings/node-form.ts";

export interface SmallFleetOptions {
  readonly clients: readonly NodeClient[];
  readonly replicationFactor?: number;
  readonly groups?: number;
  readonly policy?: "all" | "available";
  readonly shards?: number;
  readonly tieBreak?: "sequence" | "node";
  readonly strategy?: "two_phase" | "sequential";
  /** How many times faster than it is time passes for whoever waits for nodes; default: once. */
  readonly haste?: number;
}

export interface Missed {
  readonly nodeId: string;
  readonly method: string;
  readonly path: string;
}

export function createSmallFleet(options: SmallFleetOptions) {
  const entries = new Map<string, IndexEntry>();
  const catalog = mapCatalog(entries);
  const away = new Set<string>();
  const topology = topologyOf(options);
  const clients = new Map(options.clients.map((client) => [client.nodeId, client]));
  const fleet: Fleet = {
    topology: () => topology,
    shardMap: (shards) => buildShardMap(topology, shards),
    client: (nodeId) => clients.get(nodeId) as NodeClient,
    healthy: (nodeId) => !away.has(nodeId),
    readable: (nodeId) => !away.has(nodeId),
    share: () => 1,
    worthTrying: (nodeId) => Promise.resolve(!away.has(nodeId)),
    writable: () => true,
    nodeIds: () => [...clients.keys()],
    anyNode: () => options.clients.find((client) => !away.has(client.nodeId)) as NodeClient,
  };
  const events: string[] = [];
  const emit: Emit = (kind) => void events.push(kind.name);
  const { tasks: store } = restartableStore();
  const tasks = createTaskRegistry({ store, fleet, clock: systemClock, random: systemRandom, emit });
  const lanes = createLanes({ client: (nodeId) => fleet.client(nodeId), clock: systemClock });
  const missed: Missed[] = [];
  const changes = createOpenChanges((uid) => catalog.get(uid));
  const versions = createNodeVersions({ store: memoryNodeVersionStore(), catalog, clock: systemClock });
  const suspects: string[] = [];
  const strayed: string[] = [];
  const isOver = async (taskUid: number): Promise<boolean> => (await tasks.get(taskUid))?.finishedAt !== null;
  const still = { quiet: async () => true, isOver, unsure: () => false, changed: () => {} };
  const renames = createRenames({ turns: ownTurns, clock: systemClock, ...still });
  const deps = {
    catalog,
    versions,
    fleet,
    lanes,
    tasks,
    emit,
    changes,
    turns: renames.turns,
    renames,
    clock: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() * (options.haste ?? 1) },
    gate: createInTurn<string>(),
    shards: options.shards ?? 16,
    form: { ...PLAIN_FORM, tieBreak: options.tieBreak ?? ("sequence" as const) },
    policy: options.policy ?? ("all" as const),
    withdraw: (uid: number) => tasks.withdraw(uid),
    wantedSettings: (uid: string) => changes.wanted(uid),
    copies: () => (options.groups ?? 1) * (options.replicationFactor ?? 1),
    client: (nodeId: string) => fleet.client(nodeId),
    repairsMax: 3,
    strategy: options.strategy ?? ("two_phase" as const),
    freezes: true,
    suspect: (nodeId: string) => void suspects.push(nodeId),
    strayed: (nodeId: string) => void strayed.push(nodeId),
    verifyTimeoutMs: 5_000,
    timeoutMs: 5_000,
    busy: () => false,
    expiry: false,
    missed: { pending: () => false, place: placesIn(missed) },
    relay: (async (request, signal) => {
      const outcome = await fleet.anyNode().send({ timeoutMs: 5_000, repeat: "safe", ...request }, signal);
      if (outcome.kind === "unavailable") throw apiError("miroir_node_unavailable", outcome.message);
      return outcome;
    }) satisfies Relay,
  };
  for (const flow of [
    createIndexFlow(deps),
    deleteIndexFlow(deps),
    ensureIndexFlow(deps),
    swapIndexesFlow(deps),
    updateIndexFlow(deps),
    settingsFlow(deps),
  ]) {
    tasks.addFlow(flow);
  }

  return {
    deps,
    catalog,
    entries,
    tasks,
    store,
    away,
    missed,
    events,
    /** Nodes that were to be looked at again. */
    suspects,
    /** Nodes that may still read what they were given past the lanes. */
    strayed,
    /** Follows the nodes until the task has ended. */
    async end(task: Task): Promise<Task> {
      for (;;) {
        const now = await tasks.get(task.uid);
        if (now !== undefined && !["enqueued", "processing"].includes(now.status)) return now;
        await Bun.sleep(await tasks.tick(AbortSignal.timeout(10_000)).then((delayMs) => Math.min(delayMs, 20)));
      }
    },
    /** Follows the nodes until it is so. */
    async follow(isSo: () => Promise<boolean>): Promise<void> {
      while (!(await isSo())) {
        await Bun.sleep(await tasks.tick(AbortSignal.timeout(10_000)).then((delayMs) => Math.min(delayMs, 20)));
      }
    },
    close: () => tasks.close(),
  };
}

export type SmallFleet = ReturnType<typeof createSmallFleet>;

/** As the hints do it: what is kept waits for every place that was taken before and has not been released. */
function placesIn(missed: Missed[]): (nodeId: string) => MissedPlace {
  const tails = new Map<string, Promise<void>>();
  return (nodeId) => {
    const previous = tails.get(nodeId) ?? Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    tails.set(
      nodeId,
      previous.then(() => promise),
    );
    return {
      hold: () => {},
      record: async ({ request }) => {
        await previous;
        missed.push({ nodeId, method: request.method, path: request.path });
        return true;
      },
      release: resolve,
    };
  };
}

function topologyOf(options: SmallFleetOptions): Topology {
  const groups: TopologyNode[][] = Array.from({ length: options.groups ?? 1 }, () => []);
  for (const [place, client] of options.clients.entries()) {
    const replicaGroup = place % groups.length;
    groups[replicaGroup]?.push({ id: client.nodeId, address: client.address, replicaGroup, state: "active" });
  }
  const nodes = new Map(groups.flat().map((node) => [node.id, node]));
  return { epoch: 1, replicationFactor: options.replicationFactor ?? 1, groups, nodes };
}

function mapCatalog(entries: Map<string, IndexEntry>): Catalog {
  const shown = (entry: IndexEntry | undefined): entry is IndexEntry =>
    entry !== undefined && entry.state !== "creating";
  return {
    birth: (nowMs) => nowMs,
    get: (uid) => entries.get(uid),
    creating: () => [...entries.values()].filter(({ state }) => state === "creating").map(({ uid }) => uid),
    visible: (uid) => {
      const entry = entries.get(uid);
      if (shown(entry)) return entry;
      throw apiError("index_not_found", `Index \`${uid}\` not found.`);
    },
    all: () => [...entries.values()],
    list: () => [...entries.values()].filter(shown).toSorted((left, right) => (left.uid < right.uid ? -1 : 1)),
    put: async (entry) => void entries.set(entry.uid, entry),
    change: async (_uids, change) => {
      const { put, remove } = change(entries);
      for (const uid of remove) entries.delete(uid);
      for (const entry of put) entries.set(entry.uid, entry);
    },
    correct: async (uid, change) => {
      const entry = entries.get(uid);
      if (entry !== undefined) entries.set(uid, change(entry));
    },
    owes: () => false,
    settle: async () => {},
    remove: async (uid, isMeant) => {
      if (isMeant(entries.get(uid))) entries.delete(uid);
    },
    update: async (uid, change) => {
      const entry = entries.get(uid);
      if (entry === undefined) return undefined;
      entries.set(uid, change(entry));
      return entries.get(uid);
    },
  };
}
