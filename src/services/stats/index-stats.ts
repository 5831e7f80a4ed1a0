/**
 * Statistics of one index over all nodes. The number of documents is exact: every shard is counted on one owner. Field
 * counts and sizes come from the nodes' own sums, which contain every copy a node holds: with one copy per group they
 * are exact, with more they are divided by the number of copies, which is exact while the copies agree. What markers take
 * is left out of sizes of documents.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { encodeSequence, encodeShard, shardFilter } from "../../core/markers/codec.ts";
import {
  EXPIRES_AT_FIELD,
  MARKER_PREFIX,
  SEQUENCE_FIELD,
  SHARD_FIELD,
  UPDATED_AT_FIELD,
} from "../../core/markers/fields.ts";
import { coveringSet } from "../../core/routing/covering-set.ts";
import type { CoveringSet, CoverPart } from "../../core/routing/shard-map.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Fleet } from "../fleet/fleet.ts";

export interface StatsDeps {
  readonly catalog: Pick<Catalog, "visible" | "list">;
  readonly fleet: Pick<Fleet, "topology" | "shardMap" | "client" | "readable" | "nodeIds">;
  /** True while a task of this index has not ended. */
  readonly busy: (indexUid: string) => boolean;
  readonly timeoutMs: number;
  /** Documents may carry when they expire; else that field is a client's own. */
  readonly expiry: boolean;
}

/** Sizes in bytes. */
export interface IndexStats {
  readonly numberOfDocuments: number;
  readonly rawDocumentDbSize: number;
  readonly avgDocumentSize: number;
  readonly isIndexing: boolean;
  readonly internalDatabaseSizes?: Readonly<Record<string, number>>;
  readonly numberOfEmbeddings?: number;
  readonly numberOfEmbeddedDocuments?: number;
  readonly fieldDistribution: Readonly<Record<string, number>>;
}

export interface MergedStats {
  readonly stats: IndexStats;
  /** Shards that no node could count, ascending. */
  readonly missingShards: readonly number[];
}

/** What each node that answered says about the index. */
export type NodeStats = ReadonlyMap<string, IndexStats>;

export async function indexStats(deps: StatsDeps, uid: string, signal?: AbortSignal): Promise<MergedStats> {
  const entry = deps.catalog.visible(uid);
  const nodeIds = deps.fleet.nodeIds().filter((nodeId) => deps.fleet.readable(nodeId));
  const path = `/indexes/${uid}/stats?showInternalDatabaseSizes=true`;
  const outcomes = await scatter(
    nodeIds.map((nodeId) => ({ client: deps.fleet.client(nodeId), request: reading(deps, path) })),
    signal,
  );
  const held = new Map<string, IndexStats>();
  for (const outcome of outcomes) {
    if (outcome.kind === "answered") held.set(outcome.nodeId, JSON.parse(outcome.text) as IndexStats);
  }
  return mergeIndexStats(deps, entry, held, signal);
}

export async function mergeIndexStats(
  deps: StatsDeps,
  entry: IndexEntry,
  held: NodeStats,
  signal?: AbortSignal,
): Promise<MergedStats> {
  const cover = bestCover(deps, entry, held);
  const counts = await Promise.all(cover.parts.map((part) => countPart(deps, entry.uid, part, held, signal)));
  const shares = sharesOf(deps, entry, cover, held);
  const documents = sum(counts);
  const all = [...held.values()];
  const weighted = (value: (stats: IndexStats) => number): number =>
    Math.round(sum([...shares].map(([nodeId, share]) => value(held.get(nodeId) as IndexStats) * share)));
  const held_documents = sum(all.map((stats) => stats.numberOfDocuments));
  const bytes = sum(all.map((stats) => stats.avgDocumentSize * stats.numberOfDocuments - markerBytes(stats, deps)));
  return {
    missingShards: cover.uncovered,
    stats: {
      numberOfDocuments: documents,
      rawDocumentDbSize: weighted((stats) => Math.max(0, stats.rawDocumentDbSize - markerBytes(stats, deps))),
      avgDocumentSize: held_documents === 0 ? 0 : Math.max(0, Math.floor(bytes / held_documents)),
      isIndexing: deps.busy(entry.uid) || all.some((stats) => stats.isIndexing),
      internalDatabaseSizes: internalSizes(shares, held),
      numberOfEmbeddings: weighted((stats) => stats.numberOfEmbeddings ?? 0),
      numberOfEmbeddedDocuments: weighted((stats) => stats.numberOfEmbeddedDocuments ?? 0),
      fieldDistribution: fieldDistribution(deps, shares, held, documents),
    },
  };
}

export function reading(deps: Pick<StatsDeps, "timeoutMs">, path: string): NodeRequest {
  return { method: "GET", path, operation: "stats.get", timeoutMs: deps.timeoutMs, repeat: "safe" };
}

/** The first group in which every shard can be counted, else the one that lacks the fewest. */
function bestCover(deps: StatsDeps, entry: IndexEntry, held: NodeStats): CoveringSet {
  const map = deps.fleet.shardMap(entry.shards);
  let best: CoveringSet | undefined;
  for (const group of map.owners.keys()) {
    const cover = coveringSet({ map, group, fingerprint: 0, permitted: (nodeId) => held.has(nodeId) });
    if (best === undefined || cover.uncovered.length < best.uncovered.length) best = cover;
    if (cover.uncovered.length === 0) break;
  }
  return best ?? { group: 0, parts: [], uncovered: [] };
}

/** A node that answers for all it holds has said the number already; otherwise its shards are counted by filter. */
async function countPart(
  deps: StatsDeps,
  uid: string,
  part: CoverPart,
  held: NodeStats,
  signal?: AbortSignal,
): Promise<number> {
  const known = held.get(part.nodeId)?.numberOfDocuments ?? 0;
  if (part.complete) return known;
  const outcome = await deps.fleet.client(part.nodeId).send(
    {
      method: "POST",
      path: `/indexes/${uid}/documents/fetch`,
      body: JSON.stringify({ limit: 0, filter: shardFilter(part.shards) }),
      operation: "documents.count",
      timeoutMs: deps.timeoutMs,
      repeat: "safe",
    },
    signal,
  );
  if (outcome.kind === "answered") return (JSON.parse(outcome.text) as { readonly total: number }).total;
  // It answered a moment ago: its shards' share of what it holds is nearer to the truth than nothing.
  const holds = [...(deps.fleet.shardMap(deps.catalog.visible(uid).shards).shardsOf.get(part.nodeId) ?? [])].length;
  return Math.round((known * part.shards.length) / Math.max(1, holds));
}

/**
 * How much of each node's sums counts, so that every copy of a shard counts once: all nodes of one group divided by its
 * copies; when some are away, what the others answer for, as a share of what they hold.
 */
function sharesOf(
  deps: StatsDeps,
  entry: IndexEntry,
  cover: CoveringSet,
  held: NodeStats,
): ReadonlyMap<string, number> {
  const map = deps.fleet.shardMap(entry.shards);
  const copies = deps.fleet.topology().replicationFactor;
  const owners = new Set((map.owners[cover.group] ?? []).flat());
  if ([...owners].every((nodeId) => held.has(nodeId)))
    return new Map([...owners].map((nodeId) => [nodeId, 1 / copies]));
  return new Map(
    cover.parts.map((part) => [
      part.nodeId,
      part.shards.length / Math.max(1, map.shardsOf.get(part.nodeId)?.length ?? 1),
    ]),
  );
}

function fieldDistribution(
  deps: Pick<StatsDeps, "expiry">,
  shares: ReadonlyMap<string, number>,
  held: NodeStats,
  documents: number,
): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const [nodeId, share] of shares) {
    for (const [field, count] of Object.entries(held.get(nodeId)?.fieldDistribution ?? {})) {
      if (!isMarker(field, deps)) sums.set(field, (sums.get(field) ?? 0) + count * share);
    }
  }
  const fields = [...sums].toSorted(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  // A field that some document has is never shown as absent, nor in more documents than there are.
  return Object.fromEntries(
    fields.map(([field, count]) => [field, Math.max(1, Math.min(documents, Math.round(count)))]),
  );
}

/** A field of Miroir's. */
export function isMarker(field: string, { expiry }: Pick<StatsDeps, "expiry">): boolean {
  if (!field.startsWith(MARKER_PREFIX)) return false;
  return field === EXPIRES_AT_FIELD ? expiry : MARKERS.has(field);
}

/** Of a field in a stored document: two bytes for its number, one for the length of its value. */
const FIELD_BYTES = 3;

/** With the bytes that each takes in a document, all of the same length as text in quotes. */
const MARKERS: ReadonlyMap<string, number> = new Map(
  [
    [SHARD_FIELD, encodeShard(0)] as const,
    [SEQUENCE_FIELD, encodeSequence(0n)] as const,
    [UPDATED_AT_FIELD, encodeSequence(0n)] as const,
  ].map(([field, text]) => [field, Buffer.byteLength(text) + 2 + FIELD_BYTES]),
);

function internalSizes(shares: ReadonlyMap<string, number>, held: NodeStats): Readonly<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const [nodeId, share] of shares) {
    for (const [name, size] of Object.entries(held.get(nodeId)?.internalDatabaseSizes ?? {})) {
      total[name] = (total[name] ?? 0) + size * share;
    }
  }
  return Object.fromEntries(Object.entries(total).map(([name, size]) => [name, Math.round(size)]));
}

/** What the markers of a node's documents take there. */
function markerBytes({ fieldDistribution: counts }: IndexStats, { expiry }: Pick<StatsDeps, "expiry">): number {
  const ofExpiry = expiry ? (counts[EXPIRES_AT_FIELD] ?? 0) * (MARKERS.get(UPDATED_AT_FIELD) as number) : 0;
  return sum([...MARKERS].map(([field, bytes]) => (counts[field] ?? 0) * bytes)) + ofExpiry;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
