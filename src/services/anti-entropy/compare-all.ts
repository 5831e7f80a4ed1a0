/** One walk over the shards of all indexes, or of one, from any place on. Says after every shard where it would go on. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { replicasDiffered } from "../../telemetry/events/anti-entropy.ts";
import { compareShard, type ShardReport } from "./compare-shard.ts";
import type { Pace, ReplicaDeps } from "./replica-deps.ts";

export interface CompareAllDeps extends ReplicaDeps {
  /** Every index, whatever its state. */
  readonly indexes: () => readonly IndexEntry[];
}

export interface ShardPlace {
  readonly indexUid: string;
  readonly shard: number;
}

export interface CompareAllOptions {
  /** null: all. */
  readonly indexUid: string | null;
  readonly from: ShardPlace | null;
  readonly repair: boolean;
  /** May clients' writes wait for a moment where documents change faster than they can be compared? */
  readonly holds: boolean;
  /** Whether the walk stops at a shard at all. */
  readonly mine?: (place: ShardPlace) => boolean;
  readonly pace: Pace;
  /** Called with what was found and with the shard that comes next; false ends the walk. */
  readonly found: (report: ShardReport, next: ShardPlace | null) => Promise<boolean>;
}

export async function compareAll(deps: CompareAllDeps, options: CompareAllOptions, signal: AbortSignal): Promise<void> {
  const places = placesOf(deps, options);
  for (const [i, place] of places.entries()) {
    if (signal.aborted) return;
    // It may have been deleted or renamed since the walk began.
    const entry = deps.indexes().find(({ uid, state }) => uid === place.indexUid && state === "ready");
    if (entry === undefined || options.mine?.(place) === false) continue;
    const { repair, pace, holds } = options;
    const report = await compareShard(deps, entry, place.shard, { repair, suspected: NOBODY, pace, holds }, signal);
    if (signal.aborted) return;
    const { indexUid, shard, differing, repaired, state } = report;
    if (differing > 0) deps.emit(replicasDiffered, { indexUid, shard, differing, repaired, state });
    if (!(await options.found(report, places[i + 1] ?? null))) return;
  }
}

function placesOf(deps: CompareAllDeps, { indexUid, from }: CompareAllOptions): readonly ShardPlace[] {
  const entries = deps
    .indexes()
    .filter(({ uid, state }) => state === "ready" && (indexUid === null || uid === indexUid))
    .toSorted((a, b) => (a.uid < b.uid ? -1 : 1));
  const places = entries.flatMap(({ uid, shards }) =>
    Array.from({ length: shards }, (_, shard) => ({ indexUid: uid, shard })),
  );
  if (from === null) return places;
  return places.filter((place) =>
    place.indexUid === from.indexUid ? place.shard >= from.shard : place.indexUid > from.indexUid,
  );
}

const NOBODY: ReadonlySet<string> = new Set();
