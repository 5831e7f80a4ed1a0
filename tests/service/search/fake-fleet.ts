/** A small fleet of fake nodes with the read services on top, for the tests in this folder. */
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import { apiError } from "../../../src/core/errors/api-error.ts";
import { encodeSequence, encodeShard } from "../../../src/core/markers/codec.ts";
import type { ShardMap } from "../../../src/core/routing/shard-map.ts";
import type { NodeRequest } from "../../../src/nodes/node-client.ts";
import type { NodeOutcome } from "../../../src/nodes/node-outcome.ts";
import { createGroupRotation } from "../../../src/services/search/choose-group.ts";
import type { ReadPolicy } from "../../../src/services/search/read-policy.ts";
import { search, type SearchDeps, type SearchResult } from "../../../src/services/search/search.ts";
import { answered, createFakeNodeClient, type FakeNodeClient } from "../../support/fake-node-client.ts";

export interface Fleet {
  readonly nodes: Readonly<Record<string, FakeNodeClient>>;
  readonly deps: SearchDeps;
  /** Names of the events emitted so far. */
  readonly events: string[];
  /** Nodes that the health probes have given up on. */
  readonly unreadable: Set<string>;
  /** Of these, those that hold everything all the same. */
  readonly complete: Set<string>;
  search(parameters?: object): Promise<SearchResult>;
}

export interface FleetOptions {
  /** `owners[group][shard]`. */
  readonly owners: readonly (readonly (readonly string[])[])[];
  readonly policy?: Partial<ReadPolicy>;
  readonly relay?: SearchDeps["relay"];
  readonly signal?: AbortSignal;
  /** Fields that some document has had. */
  readonly knownFields?: readonly string[];
  /** Of the index. */
  readonly settings?: IndexEntry["settings"];
}

export const entry: IndexEntry = {
  uid: "films",
  primaryKey: "id",
  shards: 4,
  state: "ready",
  settingsVersion: 3,
  settings: {},
  createdAt: 0,
  updatedAt: 0,
};

/** Every node holds one document per shard it owns, whose id is the shard's number. */
export function createFleet(options: FleetOptions): Fleet {
  const map = shardMap(options.owners);
  const nodes: Record<string, FakeNodeClient> = {};
  for (const [nodeId, shards] of map.shardsOf) {
    nodes[nodeId] = createFakeNodeClient(nodeId, (request) => answerFor(nodeId, shards, request));
  }
  const events: string[] = [];
  const unreadable = new Set<string>();
  const complete = new Set<string>();
  const deps: SearchDeps = {
    fleet: {
      client: (nodeId) => nodes[nodeId]!,
      readable: (nodeId) => !unreadable.has(nodeId),
      share: () => 1,
      worthTrying: (nodeId) => Promise.resolve(!unreadable.has(nodeId) || complete.has(nodeId)),
      shardMap: () => map,
    },
    catalog: {
      visible: (uid) => {
        if (uid === entry.uid) return { ...entry, settings: options.settings ?? entry.settings };
        throw apiError("index_not_found", `Index \`${uid}\` not found.`);
      },
    },
    relay: options.relay ?? (() => Promise.resolve(answered("relay", {}))),
    knownFields: { among: () => Promise.resolve(new Set(options.knownFields ?? [])) },
    rotation: createGroupRotation(),
    random: { fraction: () => 0, uint32: () => 0, uuidV4: () => "uuid-4", uuidV7: () => "uuid-7" },
    emit: (kind) => void events.push(kind.name),
    policy: { nodeTimeoutMs: 50, retryOnTimeout: true, unavailableShards: "auto", pinnedKeysMax: 8, ...options.policy },
  };
  const signal = options.signal ?? new AbortController().signal;
  return {
    nodes,
    deps,
    events,
    unreadable,
    complete,
    search: (parameters = {}) => search(deps, searchInput(parameters), signal),
  };
}

export function searchInput(parameters: unknown, indexUid: string = entry.uid): Parameters<typeof search>[1] {
  const judgement = { method: "POST", path: `/indexes/${indexUid}/search`, body: JSON.stringify(parameters) } as const;
  return { indexUid, parameters, judgement, forcedFilter: undefined, includeMetadata: false };
}

export function ids(result: SearchResult): readonly number[] {
  return (JSON.parse(result.text) as { hits: readonly { id: number }[] }).hits.map(({ id }) => id);
}

/** The body of a request to a node; searches are sent as text. */
export function sentText({ body }: Pick<NodeRequest, "body">): string {
  return typeof body === "string" ? body : "";
}

/** The shards a request is about: those of its shard filter, or everything the node holds. */
export function shardsAsked(request: NodeRequest, held: readonly number[]): readonly number[] {
  const filter = sentText(request);
  if (!filter.includes("_miroir_shard IN")) return held;
  return held.filter((shard) => filter.includes(encodeShard(shard)));
}

export function answerFor(nodeId: string, held: readonly number[], request: NodeRequest): NodeOutcome {
  const scored = sentText(request).includes('"showRankingScore":true');
  return answered(nodeId, searchAnswer(shardsAsked(request, held), scored));
}

export function searchAnswer(shards: readonly number[], scored = false): object {
  const hits = shards.map((shard) => ({
    id: shard,
    _miroir_shard: encodeShard(shard),
    ...(scored ? { _miroir_seq: encodeSequence(BigInt(shard)), _rankingScore: 1 } : {}),
    _rankingScoreDetails: { "_miroir_seq:asc": { order: 0, value: encodeSequence(BigInt(shard)) } },
  }));
  return { hits, query: "", processingTimeMs: 1, limit: 20, offset: 0, estimatedTotalHits: hits.length };
}

function shardMap(owners: FleetOptions["owners"]): ShardMap {
  const shardsOf = new Map<string, number[]>();
  for (const group of owners) {
    for (const [shard, nodeIds] of group.entries()) {
      for (const nodeId of nodeIds) shardsOf.set(nodeId, [...(shardsOf.get(nodeId) ?? []), shard]);
    }
  }
  return { epoch: 1, shards: owners[0]!.length, owners, shardsOf };
}
