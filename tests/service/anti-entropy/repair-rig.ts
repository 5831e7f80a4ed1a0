/** Two replicas of one shard, as far as comparing needs them: what each holds, and what happens between two steps. */
import { createWriteHolds } from "../../../src/services/documents/write-holds.ts";
import { createWriteWatch } from "../../../src/services/documents/write-watch.ts";
import { compareShard, type ShardReport } from "../../../src/services/anti-entropy/compare-shard.ts";
import type { ReplicaDeps } from "../../../src/services/anti-entropy/replica-deps.ts";
import type { DiskState } from "../../../src/services/fleet/disk-doubts.ts";
import { ownTurns } from "../../../src/services/routers/turns.ts";
import { buildShardMap } from "../../../src/core/routing/build-shard-map.ts";
import { buildTopology } from "../../../src/core/topology/build-topology.ts";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import { encodeSequence } from "../../../src/core/markers/codec.ts";
import { UPDATED_AT_FIELD } from "../../../src/core/markers/fields.ts";
import type { NodeRequest } from "../../../src/nodes/node-client.ts";
import type { Tombstone } from "../../../src/store/tombstone-store.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { answered, createFakeNodeClient, type FakeNodeClient } from "../../support/fake-node-client.ts";

export type Stored = Readonly<Record<string, unknown>>;
export type Standing = "serves" | "under repair" | "to be repaired";

const NODES = ["a", "b"] as const;
type NodeId = (typeof NODES)[number];

export interface RepairRig {
  readonly held: Readonly<Record<NodeId, Map<string, Stored>>>;
  readonly standing: Record<NodeId, Standing>;
  /** What is found when it is asked whether a node still has its disk. */
  readonly disk: Record<NodeId, DiskState>;
  readonly tombstones: Tombstone[];
  /** Nodes that were told to lack an index. */
  readonly lacking: string[];
  readonly clients: ReadonlyMap<string, FakeNodeClient>;
  readonly deps: ReplicaDeps;
  readonly clock: FakeClock;
  readonly entry: IndexEntry;
  /** How long a node takes to answer for documents, and how long each has been at it. */
  readMs: number;
  readonly busyMs: Record<NodeId, number>;
  /** Called before a node answers a request for whole documents. */
  beforeDocuments: (nodeId: NodeId) => void;
  /** Called after it has answered one. */
  afterDocuments: (nodeId: NodeId) => void;
  compare(options?: { readonly suspected?: readonly NodeId[]; readonly repair?: boolean }): Promise<ShardReport>;
}

const entry = { uid: "films", shards: 1, state: "ready", primaryKey: "id", createdAt: 1 } as unknown as IndexEntry;

const map = buildShardMap(
  buildTopology({
    epoch: 1,
    replicationFactor: 2,
    replicaGroups: 1,
    nodes: NODES.map((id) => ({ id, address: `http://${id}`, replicaGroup: 0, state: "active" })),
  }),
  1,
);

/** A document as a node stores it after a write of this version. */
export function stored(id: string, version: number, fields: Stored): Stored {
  return { id, ...fields, [UPDATED_AT_FIELD]: encodeSequence(BigInt(version)) };
}

/** `expiry`: documents may expire. */
export function repairRig({ expiry = false } = {}): RepairRig {
  const watch = createWriteWatch();
  const clock = createFakeClock();
  const clients = new Map<string, FakeNodeClient>(
    NODES.map((id) => [id, createFakeNodeClient(id, async (request) => answered(id, await answer(id, request)))]),
  );
  const rig: Omit<RepairRig, "deps"> = {
    clock,
    entry,
    readMs: 0,
    busyMs: { a: 0, b: 0 },
    held: { a: new Map(), b: new Map() },
    standing: { a: "serves", b: "serves" },
    disk: { a: "same", b: "same" },
    tombstones: [],
    lacking: [],
    clients,
    beforeDocuments: () => {},
    afterDocuments: () => {},
    compare: ({ suspected = [], repair = true } = {}) =>
      compareShard(
        deps,
        entry,
        0,
        { repair, suspected: new Set(suspected), pace: () => Promise.resolve(), holds: false },
        new AbortController().signal,
      ),
  };

  async function answer(id: NodeId, { path, body }: NodeRequest): Promise<unknown> {
    if (path.startsWith("/tasks")) return { results: [] };
    if (rig.readMs > 0) await clock.sleep(rig.readMs);
    rig.busyMs[id] += rig.readMs;
    const { ids, offset = 0, limit } = JSON.parse(body as string) as { ids?: string[]; offset?: number; limit: number };
    if (ids !== undefined) rig.beforeDocuments(id);
    const all = [...rig.held[id].values()].filter((one) => ids === undefined || ids.includes(one["id"] as string));
    const page = { results: all.slice(offset, offset + limit), offset, limit, total: all.length };
    const text = JSON.stringify(page);
    if (ids !== undefined) rig.afterDocuments(id);
    return text;
  }

  /** What a lane brings is carried out at once. */
  const submit: ReplicaDeps["lanes"]["submit"] = async (_uid, entries) =>
    entries.map(({ nodeId, request }) => {
      const held = rig.held[nodeId as NodeId];
      const sent = JSON.parse(request.body as string) as (string | Stored)[];
      for (const one of sent) {
        if (typeof one === "string") held.delete(one);
        else held.set(one["id"] as string, one);
      }
      return { kind: "enqueued", nodeId, taskUid: 0, enqueuedAt: "" };
    });

  const deps: ReplicaDeps = {
    fleet: {
      client: (id) => clients.get(id)!,
      readable: (id) => rig.standing[id as NodeId] === "serves",
      healthy: () => true,
      shardMap: () => map,
      nodeIds: () => NODES,
    },
    lanes: { submit, passed: () => Promise.resolve() },
    watch,
    holds: createWriteHolds(clock),
    turns: ownTurns,
    lacksIndex: (nodeId, indexUid) => void rig.lacking.push(`${nodeId} ${indexUid}`),
    tombstones: { ofIndex: async () => rig.tombstones },
    taskOf: () => Promise.resolve(undefined),
    indexesChange: () => false,
    ofSameIndex: (_entry, read) => read(),
    underRepair: (id) => rig.standing[id as NodeId] === "under repair",
    hasLostDisk: (id) => rig.standing[id as NodeId] === "under repair" && rig.disk[id as NodeId] === "lost",
    checkDisk: (id) => Promise.resolve(rig.disk[id as NodeId]),
    expiry,
    clock,
    random: { uuidV7: () => "00000000-0000-7000-8000-000000000000" },
    emit: () => {},
    limits: { batchSize: 100, readsMax: 4, readTimeoutMs: 1_000, carryOutMaxMs: 1_000 },
  };
  return Object.assign(rig, { deps });
}
