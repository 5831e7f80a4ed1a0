/**
 * One sweep of one index: every replica that can be read is asked what has expired, so that what one of them has lost sight
 * of is found on another, and one deletion of what was found goes the way of every write. Shards of which that deletion
 * would not reach its quorum are left alone.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { tally, type WriteOutcome } from "../../core/quorum/tally.ts";
import type { ShardMap } from "../../core/routing/shard-map.ts";
import { shardOf } from "../../core/routing/shard-of.ts";
import { planSweep, type Portion, type SweepPlan } from "../../core/ttl/plan-sweep.ts";
import type { Lanes } from "../../scatter/lane.ts";
import type { Submitted } from "../documents/submit-write.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { countExpired, lookForExpired, type Look, type LookDeps } from "./look-for-expired.ts";

export interface SweepDeps extends LookDeps {
  readonly fleet: Pick<Fleet, "client" | "readable" | "healthy" | "writable" | "shardMap">;
  readonly lanes: Pick<Lanes, "blocked">;
  /** The deletion, as a write; null: the index is not what it was. */
  readonly remove: (entry: IndexEntry, plan: SweepPlan, nowMs: number) => Promise<Submitted | null>;
}

export interface SweepOptions {
  readonly nowMs: number;
  readonly documentsMax: number;
}

export type Sweep =
  /** `pending`: expired documents that there are, as far as can be said. */
  | { readonly kind: "nothing"; readonly pending: number }
  | { readonly kind: "deleting"; readonly pending: number; readonly planned: number; readonly taskUid: number }
  /** A node does not have the settings by which it could be asked. */
  | { readonly kind: "not_prepared" }
  | { readonly kind: "no_answer" };

export async function sweepIndex(
  deps: SweepDeps,
  entry: IndexEntry,
  options: SweepOptions,
  signal: AbortSignal,
): Promise<Sweep> {
  const map = deps.fleet.shardMap(entry.shards);
  const shards = sweepableShards(deps, map);
  const looks: { readonly look: Look; readonly shards: number }[] = [];
  const limit = Math.min(options.documentsMax, LOOK_MAX);
  let asked = 0;
  for (const [nodeId, held] of map.shardsOf) {
    const mine = held.filter((shard) => shards.has(shard));
    if (mine.length === 0 || !deps.fleet.readable(nodeId)) continue;
    asked += 1;
    const question = { shards: mine, nowMs: options.nowMs, limit };
    const look = await lookForExpired(deps, entry, nodeId, question, signal);
    if (look === "not_prepared") return { kind: "not_prepared" };
    if (look !== "no_answer") looks.push({ look, shards: mine.length });
  }
  if (signal.aborted || (asked > 0 && looks.length === 0)) return { kind: "no_answer" };
  const pending = pendingOf(looks, shards.size);
  const isComplete = looks.every(({ look }) => look.total <= look.documents.length);
  const plan = isComplete
    ? planSweep(
        portionsOf(
          entry,
          looks.flatMap(({ look }) => look.documents),
        ),
        options.documentsMax,
      )
    : await planByShard(deps, entry, map, [...shards], options, signal);
  if (plan === null || signal.aborted) return { kind: "nothing", pending };
  const submitted = await deps.remove(entry, plan, options.nowMs);
  if (submitted === null) return { kind: "nothing", pending };
  return { kind: "deleting", pending, planned: plan.documents, taskUid: submitted.task.uid };
}

/** Shards of which enough owners can be written to as far as is known. */
function sweepableShards({ fleet, lanes }: SweepDeps, map: ShardMap): ReadonlySet<number> {
  const hopes = new Map<string, WriteOutcome>();
  for (const nodeId of map.shardsOf.keys()) {
    const takes = fleet.healthy(nodeId) && fleet.writable(nodeId) && !lanes.blocked(nodeId);
    hopes.set(nodeId, takes ? "acknowledged" : "missed");
  }
  const all = Array.from({ length: map.shards }, (_, shard) => shard);
  const lost = new Set(tally(map, all, hopes).lostShards);
  return new Set(all.filter((shard) => !lost.has(shard)));
}

/** Replicas list the same documents, and each node those of its shards. */
function pendingOf(looks: readonly { readonly look: Look; readonly shards: number }[], shards: number): number {
  const looked = looks.reduce((sum, one) => sum + one.shards, 0);
  const found = looks.reduce((sum, { look }) => sum + look.total, 0);
  return looked === 0 ? 0 : Math.round((found * shards) / looked);
}

function portionsOf(entry: IndexEntry, documents: Look["documents"]): readonly Portion[] {
  const keys = new Map<string, { readonly shard: number; readonly expiresAt: number; readonly keys: Set<string> }>();
  for (const { key, expiresAt } of documents) {
    const shard = shardOf(key, entry.shards);
    const name = `${shard} ${expiresAt}`;
    const known = keys.get(name) ?? { shard, expiresAt, keys: new Set() };
    keys.set(name, known);
    known.keys.add(key);
  }
  return [...keys.values()].map(({ shard, expiresAt, keys: { size } }) => ({ shard, expiresAt, documents: size }));
}

/**
 * There are more than may be deleted or listed at once: shard after shard, each sweep beginning with another, until it is
 * enough. Of a shard that alone has too many, as many of the times as fit.
 */
async function planByShard(
  deps: SweepDeps,
  entry: IndexEntry,
  map: ShardMap,
  shards: readonly number[],
  { nowMs, documentsMax }: SweepOptions,
  signal: AbortSignal,
): Promise<SweepPlan | null> {
  const first = Math.floor(nowMs / 1_000) % Math.max(1, shards.length);
  const found: Portion[] = [];
  let left = documentsMax;
  for (const shard of [...shards.slice(first), ...shards.slice(0, first)]) {
    const nodeId = map.owners.flatMap((group) => group[shard] ?? []).find((owner) => deps.fleet.readable(owner));
    if (nodeId === undefined || signal.aborted) continue;
    const question = { shards: [shard], nowMs, limit: Math.min(left, LOOK_MAX) };
    const look = await lookForExpired(deps, entry, nodeId, question, signal);
    if (typeof look === "string") continue;
    if (look.total > look.documents.length) {
      if (found.length > 0) break;
      return planLargeShard(deps, entry, nodeId, { shard, look, documentsMax }, signal);
    }
    found.push(...portionsOf(entry, look.documents));
    left -= look.documents.length;
    if (left <= 0) break;
  }
  return planSweep(found, documentsMax);
}

async function planLargeShard(
  deps: SweepDeps,
  entry: IndexEntry,
  nodeId: string,
  { shard, look, documentsMax }: { readonly shard: number; readonly look: Look; readonly documentsMax: number },
  signal: AbortSignal,
): Promise<SweepPlan | null> {
  let times = [...new Set(look.documents.map(({ expiresAt }) => expiresAt))].toSorted((a, b) => a - b);
  for (;;) {
    const documents = await countExpired(deps, entry, nodeId, { shard, times }, signal);
    if (documents === null) return null;
    const together = times.map((expiresAt, i) => ({ shard, expiresAt, documents: i === 0 ? documents : 0 }));
    if (documents <= documentsMax || times.length === 1) return planSweep(together, documents);
    times = times.slice(0, Math.ceil(times.length / 2));
  }
}

/** Documents listed in one answer. */
const LOOK_MAX = 10_000;
