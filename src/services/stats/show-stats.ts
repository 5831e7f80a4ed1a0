/** Statistics in the form a caller asked for: sizes as numbers or as text, internal sizes only when wanted. */
import type { FleetStats } from "./fleet-stats.ts";
import type { IndexStats } from "./index-stats.ts";

export interface StatsView {
  readonly human: boolean;
  readonly internalSizes: boolean;
}

export function showIndexStats(stats: IndexStats, view: StatsView): Readonly<Record<string, unknown>> {
  const { rawDocumentDbSize, avgDocumentSize, internalDatabaseSizes = {}, ...rest } = stats;
  const { numberOfDocuments, isIndexing, ...counts } = rest;
  const shown = Object.entries(internalDatabaseSizes).map(([name, bytes]) => [name, size(bytes, view)]);
  return {
    numberOfDocuments,
    rawDocumentDbSize: size(rawDocumentDbSize, view),
    avgDocumentSize: size(avgDocumentSize, view),
    isIndexing,
    ...(view.internalSizes && shown.length > 0 ? { internalDatabaseSizes: Object.fromEntries(shown) } : {}),
    ...counts,
  };
}

export function showFleetStats(stats: FleetStats, view: StatsView): Readonly<Record<string, unknown>> {
  return {
    databaseSize: size(stats.databaseSize, view),
    usedDatabaseSize: size(stats.usedDatabaseSize, view),
    lastUpdate: stats.lastUpdate,
    indexes: Object.fromEntries(Object.entries(stats.indexes).map(([uid, one]) => [uid, showIndexStats(one, view)])),
  };
}

/** `1357` or `1.33 KiB`: the largest binary unit that fits, two digits at most. */
function size(bytes: number, view: StatsView): number | string {
  if (!view.human) return bytes;
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Math.round(value * 100) / 100} ${UNITS[unit]}`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;
