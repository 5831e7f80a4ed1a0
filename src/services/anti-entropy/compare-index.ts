/**
 * All shards of one index that concern a suspected copy: settled only when each of them is equal on all its owners, or, where
 * differences are not to be put right, has been reported.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { writeTargets } from "../../core/routing/write-targets.ts";
import type { Suspect } from "../../store/repair-store.ts";
import { replicasDiffered, suspicionSettled } from "../../telemetry/events/anti-entropy.ts";
import { compareShard } from "./compare-shard.ts";
import { everythingCarriedOut } from "./settle-keys.ts";
import type { Pace, ReplicaDeps } from "./replica-deps.ts";
import type { Suspicions } from "./suspicions.ts";

export interface SettleSuspicionDeps extends ReplicaDeps {
  readonly suspicions: Pick<Suspicions, "clear">;
  /** `anti_entropy.auto_repair` */
  readonly repairsCopies: boolean;
}

/** False: something is left, to be tried again later. */
export async function settleSuspicion(
  deps: SettleSuspicionDeps,
  entry: IndexEntry | undefined,
  suspect: Suspect,
  pace: Pace,
  signal: AbortSignal,
): Promise<boolean> {
  const { nodeId, indexUid } = suspect;
  const suspected = new Set(nodeId === "" ? [] : [nodeId]);
  let isEqual = true;
  const shards = entry === undefined ? [] : Array.from({ length: entry.shards }, (_, shard) => shard);
  const ownersOf = (shard: number): readonly string[] => writeTargets(deps.fleet.shardMap(shards.length), shard);
  const concerned = shards.filter((shard) => nodeId === "" || ownersOf(shard).includes(nodeId));
  // Nothing is read before all of it can be: it is asked for again and again.
  if (concerned.flatMap(ownersOf).some((owner) => !deps.fleet.readable(owner))) return false;
  // A write that only some were given shows on them only when they have carried it out.
  const owners = [...new Set(concerned.flatMap(ownersOf))];
  if (!(await everythingCarriedOut(deps, owners, signal, deps.limits.carryOutMaxMs))) return false;
  for (const shard of concerned) {
    if (entry === undefined) break;
    const options = { repair: deps.repairsCopies, suspected, pace, holds: deps.repairsCopies };
    const { state, differing, repaired } = await compareShard(deps, entry, shard, options, signal);
    if (signal.aborted || state === "open" || state === "absent") return false;
    if (state === "different") {
      isEqual = false;
      deps.emit(replicasDiffered, { indexUid, shard, differing, repaired, state });
    }
  }
  await deps.suspicions.clear(suspect);
  if (isEqual) deps.emit(suspicionSettled, { nodeId, indexUid });
  return true;
}
