/** A fleet of nodes that remember what they were sent, and the write path of the router on top of it. */
import { type RequestBody, wholeBody } from "../../../src/core/documents/body-stream.ts";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import { createSequenceClock } from "../../../src/core/markers/sequence-clock.ts";
import { buildShardMap } from "../../../src/core/routing/build-shard-map.ts";
import type { NodeTask, Task } from "../../../src/core/tasks/task.ts";
import type { Topology, TopologyNode } from "../../../src/core/topology/topology.ts";
import type { Random } from "../../../src/platform/random.ts";
import { createLanes, DEFAULT_LANES_OPTIONS } from "../../../src/scatter/create-lanes.ts";
import type { AddDeps, AddInput } from "../../../src/services/documents/add-documents.ts";
import type { FilterDeps } from "../../../src/services/documents/delete-documents.ts";
import { createSequences, DEFAULT_SEQUENCES_OPTIONS } from "../../../src/services/documents/sequences.ts";
import { createWriteHolds } from "../../../src/services/documents/write-holds.ts";
import { createWriteVersions } from "../../../src/services/documents/write-versions.ts";
import { createHints } from "../../../src/services/hints/create-hints.ts";
import type { Fleet } from "../../../src/services/fleet/fleet.ts";
import type { Hints, HintsDeps, HintsOptions } from "../../../src/services/hints/hints.ts";
import { ownTurns } from "../../../src/services/routers/turns.ts";
import type { TaskDraft, TaskRegistry } from "../../../src/services/tasks/task-registry.ts";
import { memoryHintStore } from "../../../src/store/memory/hint-store.ts";
import { createRepairStates } from "../../../src/services/hints/repair-states.ts";
import { memoryRepairStore } from "../../../src/store/memory/repair-store.ts";
import { memoryTombstoneStore } from "../../../src/store/memory/tombstone-store.ts";
import type { TombstoneStore } from "../../../src/store/tombstone-store.ts";
import { createSplitter } from "../../../src/workers/create-splitter.ts";
import { createWorkerPool } from "../../../src/workers/pool.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { memorySpool } from "../../support/memory-spool.ts";
import { answered, createFakeNodeClient, type FakeNodeClient } from "../../support/fake-node-client.ts";

/** Takes every write at once and keeps documents as the texts it was sent. */
export interface RigNode {
  readonly client: FakeNodeClient;
  readonly documents: Map<string, string>;
  /** While true the node says that it has not carried out its tasks. */
  busy: boolean;
  /** Ids of writes that it takes and fails to carry out. */
  readonly fails: Set<string>;
  readonly writes: { readonly path: string; readonly body: string; readonly contentType: string | undefined }[];
}

export interface Rig {
  readonly deps: AddDeps & FilterDeps;
  readonly hints: Hints;
  readonly tombstones: TombstoneStore;
  readonly clock: FakeClock;
  readonly nodes: ReadonlyMap<string, RigNode>;
  readonly tasks: Map<number, Task>;
  readonly indexes: Map<string, IndexEntry>;
  readonly replayed: { readonly uid: number; readonly nodeId: string; readonly taskUid: number }[];
  readonly events: string[];
}

export interface RigOptions {
  readonly groups?: number;
  readonly nodesPerGroup?: number;
  readonly replicationFactor?: number;
  readonly validation?: "sync" | "task";
  readonly hints?: Partial<HintsOptions>;
  readonly hintsDeps?: Partial<HintsDeps>;
  /** Bodies of at least this size go to a worker; default: none. */
  readonly minBytes?: number;
  /** The field in which documents say when they expire; default: none. */
  readonly expiryField?: string;
  /** Fields that some document has had. */
  readonly knownFields?: readonly string[];
}

export function createRig(options: RigOptions = {}): Rig {
  const clock = createFakeClock();
  const topology = topologyOf(options.groups ?? 1, options.nodesPerGroup ?? 3, options.replicationFactor ?? 1);
  const nodes = new Map([...topology.nodes.keys()].map((nodeId) => [nodeId, rigNode(nodeId)]));
  const client = (nodeId: string): FakeNodeClient => (nodes.get(nodeId) as RigNode).client;
  const events: string[] = [];
  const emit: AddDeps["emit"] = (kind) => void events.push(kind.name);
  const tasks = new Map<number, Task>();
  const replayed: Rig["replayed"] = [];
  const registry = rigRegistry(tasks, replayed, clock);
  const hints = createHints(
    {
      hints: memoryHintStore(),
      spool: memorySpool(),
      tasks: registry,
      taskNamed: async (miroirId) => [...tasks.values()].find((task) => task.miroirId === miroirId),
      repairs: createRepairStates({ store: memoryRepairStore(), clock }),
      client,
      clock,
      random: countingRandom(),
      emit,
      ...options.hintsDeps,
    },
    { enabled: true, bytesMax: 1e9, ageMaxMs: 86_400_000, send: DEFAULT_LANES_OPTIONS, ...options.hints },
  );
  const lanes = createLanes({ client, clock, blocked: (nodeId) => hints.pending(nodeId) });
  const indexes = new Map<string, IndexEntry>([["movies", indexEntry("movies", "id")]]);
  const fleet: AddDeps["fleet"] & Pick<Fleet, "client" | "readable"> = {
    writable: () => true,
    shardMap: (shards) => buildShardMap(topology, shards),
    nodeIds: () => [...topology.nodes.keys()],
    client,
    readable: (nodeId) => !client(nodeId).down && !hints.pending(nodeId),
  };
  const sequenceClock = createSequenceClock(0);
  const tombstones = memoryTombstoneStore();
  const versions = createWriteVersions({ versionClock: sequenceClock, tombstones, clock, random: countingRandom() });
  const sequences = createSequences(
    { fleet, sequenceClock, witness: (seen) => versions.witness(seen), clock, emit },
    DEFAULT_SEQUENCES_OPTIONS,
  );
  const deps: Rig["deps"] = {
    tasks: registry,
    lanes,
    hints,
    fleet,
    emit,
    turns: ownTurns,
    holds: createWriteHolds(clock),
    expiryField: options.expiryField ?? null,
    sequences,
    versions,
    withdraw: async (uid) => void tasks.delete(uid),
    prepareFlow: { kind: "ensure-index", step: "", data: {} },
    prepareTolerated: ["index_already_exists"],
    catalog: { get: (uid) => indexes.get(uid), owes: () => false },
    enqueueTimeoutMs: 5000,
    splitter: createSplitter(createWorkerPool({ count: 1, queueMax: 4 }), { minBytes: options.minBytes ?? 1e9 }),
    ensureIndex: async (uid, primaryKey) => {
      const entry = { ...indexEntry(uid, primaryKey), state: "creating" as const };
      indexes.set(uid, entry);
      return { entry, prepare: prepareEntries(fleet.nodeIds(), uid) };
    },
    fixPrimaryKey: async (uid, primaryKey) => {
      const known = indexes.get(uid) as IndexEntry;
      const entry = { ...known, primaryKey: known.primaryKey ?? primaryKey };
      indexes.set(uid, entry);
      return { entry, prepare: prepareEntries(fleet.nodeIds(), uid) };
    },
    shardsOfNewIndex: 16,
    validation: options.validation ?? "sync",
    reservedFields: ["_miroir_shard", "_miroir_seq"],
    knownFields: { among: () => Promise.resolve(new Set(options.knownFields ?? [])) },
    relay: async (request) => {
      const outcome = await client("g0n0").send({ ...request, timeoutMs: 1000, repeat: "safe" });
      if (outcome.kind === "unavailable") throw new TypeError("the relay of this rig needs a node");
      return outcome;
    },
  };
  return { deps, hints, tombstones, clock, nodes, tasks, indexes, replayed, events };
}

export function indexEntry(uid: string, primaryKey: string | null): IndexEntry {
  return {
    uid,
    primaryKey,
    shards: 16,
    state: "ready",
    settingsVersion: 0,
    settings: {},
    createdAt: 0,
    updatedAt: 0,
  };
}

export function addInput(body: string, more: Partial<AddInput> = {}): AddInput {
  return {
    indexUid: "movies",
    method: "replace",
    body: new TextEncoder().encode(body),
    format: { kind: "json" },
    primaryKey: null,
    skipCreation: false,
    customMetadata: null,
    mayCreateIndex: true,
    ...more,
  };
}

function prepareEntries(nodeIds: readonly string[], uid: string) {
  return nodeIds.map((nodeId) => () => ({
    nodeId,
    request: {
      method: "POST" as const,
      path: "/indexes",
      body: JSON.stringify({ uid }),
      operation: "indexes.create",
      timeoutMs: 1000,
      repeat: "once" as const,
    },
  }));
}

function topologyOf(groups: number, nodesPerGroup: number, replicationFactor: number): Topology {
  const byGroup = Array.from({ length: groups }, (_, group) =>
    Array.from({ length: nodesPerGroup }, (_unused, i): TopologyNode => ({
      id: `g${group}n${i}`,
      address: `http://g${group}n${i}.test`,
      replicaGroup: group,
      state: "active",
    })),
  );
  return {
    epoch: 1,
    replicationFactor,
    groups: byGroup,
    nodes: new Map(byGroup.flat().map((node) => [node.id, node])),
  };
}

function rigNode(nodeId: string): RigNode {
  const documents = new Map<string, string>();
  const writes: RigNode["writes"] = [];
  const operations = new Map<string, number>();
  const client = createFakeNodeClient(nodeId, (request) => {
    const body = textOf(request.body);
    const url = new URL(request.path, "http://node.test");
    if (request.operation === "tasks.list") {
      if (url.searchParams.get("statuses")?.startsWith("failed") === true) {
        const type = "documentAdditionOrUpdate";
        const failed = [...operations].filter(([id]) => node.fails.has(id));
        const results = failed.map(([customMetadata, uid]) => ({ uid, type, status: "failed", customMetadata }));
        return answered(nodeId, { results, next: null });
      }
      // Everything is carried out at once here, unless a test says that the node is busy.
      if (request.path.includes("statuses=")) return answered(nodeId, { results: node.busy ? [{ uid: 0 }] : [] });
      const results = [...operations].map(([customMetadata, uid]) => ({ uid, customMetadata, enqueuedAt: "" }));
      return answered(nodeId, { results });
    }
    if (request.operation === "documents.fetch") {
      const { ids = [] } = JSON.parse(body) as { ids?: string[] };
      const texts = ids.flatMap((id) => documents.get(id) ?? []);
      return answered(
        nodeId,
        `{"results":[${texts.join(",")}],"offset":0,"limit":${ids.length},"total":${texts.length}}`,
      );
    }
    writes.push({ path: request.path, body, contentType: request.contentType });
    const operationId = url.searchParams.get("customMetadata");
    if (operationId !== null) operations.set(operationId, writes.length - 1);
    if (request.operation === "documents.add") store(documents, body);
    return answered(nodeId, { taskUid: writes.length - 1, enqueuedAt: "2025-01-01T00:00:00Z" }, 202);
  });
  const node: RigNode = { client, documents, writes, busy: false, fails: new Set() };
  return node;
}

function store(documents: Map<string, string>, body: string): void {
  for (const text of body.startsWith("[") ? [body.slice(1, -1)] : body.trimEnd().split("\n"))
    documents.set(String((JSON.parse(text) as { id: unknown }).id), text);
}

function rigRegistry(tasks: Map<number, Task>, replayed: Rig["replayed"], clock: FakeClock): TaskRegistry {
  const change = (uid: number, more: Partial<Task>): Task => {
    const task = { ...(tasks.get(uid) as Task), ...more };
    tasks.set(uid, task);
    return task;
  };
  let nextUid = 0;
  return {
    register: async (draft: TaskDraft) => {
      const uid = nextUid++;
      const task: Task = {
        uid,
        miroirId: `mtask-${uid}`,
        type: draft.type,
        indexUid: draft.indexUid,
        status: "enqueued",
        nodeTasks: [],
        details: draft.details,
        error: null,
        canceledBy: null,
        customMetadata: draft.customMetadata ?? null,
        flow: draft.flow ?? null,
        dispatched: false,
        enqueuedAt: clock.nowMs(),
        startedAt: null,
        finishedAt: null,
      };
      tasks.set(uid, task);
      return task;
    },
    dispatch: async (uid, nodeTasks: readonly NodeTask[], flow) =>
      change(uid, { nodeTasks, dispatched: true, ...(flow === undefined ? {} : { flow }) }),
    fail: async (uid, error) => change(uid, { status: "failed", error }),
    succeed: async (uid, details) => change(uid, { status: "succeeded", ...(details !== undefined && { details }) }),
    replayed: async (uid, nodeId, taskUid) => void replayed.push({ uid, nodeId, taskUid }),
    ended: async (uid) => tasks.get(uid) as Task,
    get: async (uid) => tasks.get(uid),
    openTasks: () => [...tasks.values()],
  };
}

function textOf(body: RequestBody | undefined): string {
  const whole = wholeBody(body ?? "");
  return typeof whole === "string" ? whole : new TextDecoder().decode(whole);
}

function countingRandom(): Random {
  let next = 0;
  return { fraction: () => 0.5, uint32: () => next++, uuidV4: () => `uuid-${next++}`, uuidV7: () => `uuid-${next++}` };
}
