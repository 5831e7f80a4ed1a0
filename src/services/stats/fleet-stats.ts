/** `GET /stats`: sizes of all nodes added up, the newest update, and the statistics of every index a caller may see. */
import { apiError } from "../../core/errors/api-error.ts";
import { scatter } from "../../scatter/scatter.ts";
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
  const answers = new Map<string, FleetStats>();
  for (const outcome of outcomes) {
    if (outcome.kind === "answered") answers.set(outcome.nodeId, JSON.parse(outcome.text) as FleetStats);
  }
  if (answers.size === 0) throw apiError("miroir_node_unavailable", "No node answers that could tell its statistics.");

  const indexes: Record<string, IndexStats> = {};
  const missing = new Set<number>();
  for (const entry of deps.catalog.list()) {
    if (!allows(entry.uid)) continue;
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
      databaseSize: all.reduce((sum, one) => sum + one.databaseSize, 0),
      usedDatabaseSize: all.reduce((sum, one) => sum + one.usedDatabaseSize, 0),
      lastUpdate: newest(all.map((one) => one.lastUpdate)),
      indexes,
    },
  };
}

/** All in the engine's form and zone, so that the texts sort like the times up to their last digits. */
function newest(times: readonly (string | null)[]): string | null {
  let best: string | null = null;
  for (const time of times) {
    if (time === null) continue;
    const [now, then] = [Date.parse(time), best === null ? -Infinity : Date.parse(best)];
    if (now > then || (now === then && time > (best ?? ""))) best = time;
  }
  return best;
}
