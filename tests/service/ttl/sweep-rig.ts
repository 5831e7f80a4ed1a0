/** The sweeper over three nodes with two copies of everything, which carry out what they are given when a test says so. */
import { encodeShard } from "../../../src/core/markers/codec.ts";
import { encodeExpiry } from "../../../src/core/markers/expiry.ts";
import { EXPIRES_AT_FIELD, SHARD_FIELD } from "../../../src/core/markers/fields.ts";
import { shardOf } from "../../../src/core/routing/shard-of.ts";
import { writeTargets } from "../../../src/core/routing/write-targets.ts";
import { PLAIN_FORM } from "../../../src/core/settings/node-form.ts";
import { initialNodeSettings } from "../../../src/core/settings/to-node-patch.ts";
import type { NodeRequest } from "../../../src/nodes/node-client.ts";
import type { NodeOutcome } from "../../../src/nodes/node-outcome.ts";
import { deleteExpired } from "../../../src/services/documents/delete-expired.ts";
import { createSweeper, type Sweeper, type SweeperDeps } from "../../../src/services/ttl/sweeper.ts";
import {
  changeSettings,
  deleteIds,
  type Json,
  newIndex,
  NodeFault,
  type NodeIndex,
  readFilter,
  select,
} from "../../simulation/node-documents.ts";
import { answered, refused } from "../../support/fake-node-client.ts";
import { createRig, type Rig } from "../documents/write-rig.ts";

const SHARDS = 16;
export const INTERVAL_MS = 60_000;

export interface SweptNode {
  readonly index: NodeIndex;
  /** Filters of deletions that it has been given and not carried out. */
  readonly queue: string[];
}

export interface SweepRig {
  readonly rig: Rig;
  readonly nodes: ReadonlyMap<string, SweptNode>;
  readonly sweeper: Sweeper;
  /** Name and fields of what was told. */
  readonly told: (readonly [string, object])[];
  readonly prepared: string[];
  /** On its owners, or on one of them. */
  put(id: string, expiresAt: number | null, only?: string): void;
  /** Each id as often as there are copies. */
  held(): readonly string[];
  /** Moves time on by one interval and sweeps. */
  sweep(): Promise<void>;
  /** The nodes carry out what they were given; its task ends. */
  carryOut(): void;
}

export interface SweepRigOptions {
  readonly documentsMax?: number;
  readonly prepared?: boolean;
  readonly deps?: (rig: Rig) => Partial<SweeperDeps>;
}

export function createSweepRig({ documentsMax = 1_000, prepared = true, deps }: SweepRigOptions = {}): SweepRig {
  const rig = createRig({ replicationFactor: 2, expiryField: EXPIRES_AT_FIELD });
  const nodes = new Map([...rig.nodes.keys()].map((nodeId) => [nodeId, sweptNode(prepared)]));
  for (const [nodeId, node] of nodes)
    rig.nodes.get(nodeId)?.client.answerWith((request) => answer(nodeId, node, request));
  const told: SweepRig["told"] = [];
  const preparedIndexes: string[] = [];
  const { client } = rig.deps.fleet as unknown as SweeperDeps["fleet"];
  const isUp = (nodeId: string): boolean => rig.nodes.get(nodeId)?.client.down === false;
  const map = rig.deps.fleet.shardMap(SHARDS);
  const sweeper = createSweeper({
    fleet: { ...rig.deps.fleet, client, readable: isUp, healthy: isUp },
    lanes: rig.deps.lanes,
    readTimeoutMs: 1_000,
    remove: (entry, plan, nowMs) => deleteExpired(rig.deps, entry, plan, nowMs),
    indexes: () => [...rig.indexes.values()],
    owns: () => true,
    changing: () => false,
    numbersOf: () => ({ intervalMs: INTERVAL_MS, documentsMax }),
    taskOf: (uid) => rig.deps.tasks.get(uid),
    prepare: async (uid) => preparedIndexes.push(uid) > 2,
    clock: rig.clock,
    emit: (kind, fields) => void told.push([kind.name, fields]),
    ...deps?.(rig),
  });
  const run = (): Promise<void> => sweeper.run(new AbortController().signal);
  return {
    rig,
    nodes,
    sweeper,
    told,
    prepared: preparedIndexes,
    put(id, expiresAt, only) {
      const shard = shardOf(id, SHARDS);
      for (const nodeId of only === undefined ? writeTargets(map, shard) : [only]) {
        const expiry = expiresAt === null ? {} : { [EXPIRES_AT_FIELD]: encodeExpiry(expiresAt) };
        nodes.get(nodeId)?.index.documents.set(id, { id, [SHARD_FIELD]: encodeShard(shard), ...expiry });
      }
    },
    held: () => [...nodes.values()].flatMap(({ index }) => [...index.documents.keys()]).toSorted(),
    async sweep() {
      // The first look only notes that there is an index.
      await run();
      await rig.clock.advance(INTERVAL_MS);
      await run();
    },
    carryOut() {
      let deleted = 0;
      for (const { index, queue } of nodes.values()) {
        for (const filter of queue.splice(0)) {
          const passes = readFilter(index, filter, "invalid_document_filter");
          const ids = [...index.documents].filter(([, document]) => passes(document)).map(([id]) => id);
          deleted += deleteIds(index, ids);
        }
      }
      for (const [uid, task] of rig.tasks) {
        if (task.status !== "enqueued") continue;
        const details = { ...task.details, deletedDocuments: deleted / 2 };
        rig.tasks.set(uid, { ...task, status: "succeeded", details });
      }
    },
  };
}

function sweptNode(prepared: boolean): SweptNode {
  const index = newIndex("movies", "id", "");
  changeSettings(index, initialNodeSettings({}, { ...PLAIN_FORM, expiry: prepared }));
  return { index, queue: [] };
}

function answer(nodeId: string, { index, queue }: SweptNode, { operation, body }: NodeRequest): NodeOutcome {
  if (operation === "tasks.list") return answered(nodeId, { results: [] });
  const { filter, limit = 0 } = JSON.parse(body as string) as { filter: string; limit?: number };
  if (operation === "documents.delete") {
    queue.push(filter);
    return answered(nodeId, { taskUid: queue.length, enqueuedAt: "2025-01-01T00:00:00Z" }, 202);
  }
  try {
    const found: readonly Json[] = select(index, filter, [], { filter: "invalid_document_filter", sort: "" });
    return answered(nodeId, { results: found.slice(0, limit), offset: 0, limit, total: found.length });
  } catch (error) {
    if (error instanceof NodeFault) return refused(nodeId, 400, error.code, error.message);
    throw error;
  }
}
