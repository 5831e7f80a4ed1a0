/**
 * `GET /stats`: the size of one copy of everything, and the newest update and the statistics of the indexes that a caller
 * may see.
 */
import { apiError } from "../../core/errors/api-error.ts";
import { scatter } from "../../scatter/scatter.ts";
import { isLater, newestChanges } from "../broadcast/newest-changes.ts";
import { type IndexStats, mergeIndexStats, reading, type StatsDeps } from "./index-stats.ts";

/** Sizes in bytes. */
export interface FleetStats {
  readonly databaseSize: number;
  readonly usedDatabaseSize: number;
  readonly lastUpdate: string | null;
  readonly indexes: Readonly<Record<string, IndexStats>>;
}

export interface FleetStatsResult {
  readonly stats: FleetStats;
  /** Shard numbers that could not be counted for some index, ascending. */
  readonly missingShards: readonly number[];
}

export async function fleetStats(
  deps: StatsDeps,
  allows: (uid: string) => boolean,
  signal?: AbortSignal,
): Promise<FleetStatsResult> {
  const nodeIds = deps.fleet.nodeIds().filter((nodeId) => deps.fleet.readable(nodeId));
  const request = reading(deps, "/stats?showInternalDatabaseSizes=true");
  const outcomes = await scatter(
    nodeIds.map((nodeId) => ({ client: deps.fleet.client(nodeId), request })),
    signal,
  );
  const answers = new Map<string, NodeStatsAnswer>();
  for (const outcome of outcomes) {
    if (outcome.kind === "answered") answers.set(outcome.nodeId, JSON.parse(outcome.text) as NodeStatsAnswer);
  }
  if (answers.size === 0) throw apiError("miroir_node_unavailable", "No node answers that could tell its statistics.");

  const entries = deps.catalog.list().filter(({ uid }) => allows(uid));
  const newest = newestChanges(deps, entries, signal);
  const indexes: Record<string, IndexStats> = {};
  const missing = new Set<number>();
  for (const entry of entries) {
    const held = new Map<string, IndexStats>();
    for (const [nodeId, answer] of answers) {
      const stats = answer.indexes[entry.uid];
      if (stats !== undefined) held.set(nodeId, stats);
    }
    const merged = await mergeIndexStats(deps, entry, held, signal);
    indexes[entry.uid] = merged.stats;
    for (const shard of merged.missingShards) missing.add(shard);
  }
  const all = [...answers.values()];
  return {
    missingShards: [...missing].toSorted((left, right) => left - right),
    stats: {
      databaseSize: sizeOfOneCopy(
        deps,
        all.map((one) => one.databaseSize),
      ),
      usedDatabaseSize: sizeOfOneCopy(
        deps,
        all.map((one) => one.usedDatabaseSize),
      ),
      lastUpdate: latest([...(await newest).values()]),
      indexes,
    },
  };
}

interface NodeStatsAnswer {
  readonly databaseSize: number;
  readonly usedDatabaseSize: number;
  readonly indexes: Readonly<Record<string, IndexStats>>;
}

/** All nodes together hold everything once per copy; one that is away is taken to be as large as the others. */
function sizeOfOneCopy(deps: StatsDeps, sizes: readonly number[]): number {
  const { groups, replicationFactor, nodes } = deps.fleet.topology();
  const sum = sizes.reduce((total, size) => total + size, 0);
  return Math.round((sum * nodes.size) / sizes.length / (groups.length * replicationFactor));
}

function latest(times: readonly string[]): string | null {
  let best: string | null = null;
  for (const time of times) if (best === null || isLater(time, best)) best = time;
  return best;
}
