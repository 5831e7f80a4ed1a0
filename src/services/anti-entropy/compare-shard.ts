/**
 * One shard of one index on all replicas that can take part: fingerprints first, then the keys of the buckets that
 * differ, then the documents themselves. Repeats until the replicas are equal or nothing more can be done now.
 */
import { differingBuckets, documentsIn } from "../../core/anti-entropy/buckets.ts";
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { ApiError } from "../../core/errors/api-error.ts";
import { writeTargets } from "../../core/routing/write-targets.ts";
import { shardCompared } from "../../telemetry/events/anti-entropy.ts";
import { documentsThatFit, type Fingerprint, type KeyStates, readFingerprint, readKeys } from "./read-replica.ts";
import { type Pace, type ReplicaDeps, type Replicas, takesPart } from "./replica-deps.ts";
import { settleKeys } from "./settle-keys.ts";

export interface ShardReport {
  readonly indexUid: string;
  readonly shard: number;
  /**
   * `equal`: all owners hold the same, perhaps after a repair. `different`: they do not, and nothing was repaired.
   * `open`: something is left to be done. `absent`: an owner could not take part. `single`: there is one copy only.
   */
  readonly state: "equal" | "different" | "open" | "absent" | "single";
  readonly documents: number;
  readonly differing: number;
  readonly repaired: number;
  /** Owners that could not be compared. */
  readonly absent: readonly string[];
}

export interface CompareOptions {
  readonly repair: boolean;
  readonly suspected: ReadonlySet<string>;
  readonly pace: Pace;
  /** May clients' writes wait for a moment where documents change faster than they can be compared? */
  readonly holds: boolean;
}

export async function compareShard(
  deps: ReplicaDeps,
  entry: IndexEntry,
  shard: number,
  options: CompareOptions,
  signal: AbortSignal,
): Promise<ShardReport> {
  const owners = writeTargets(deps.fleet.shardMap(entry.shards), shard);
  const nodeIds = owners.filter((nodeId) => takesPart(deps, nodeId));
  const absent = owners.filter((nodeId) => !nodeIds.includes(nodeId));
  const report: ShardReport = {
    indexUid: entry.uid,
    shard,
    state: "equal",
    documents: 0,
    differing: 0,
    repaired: 0,
    absent,
  };
  // Without a key the index has no documents.
  if (entry.primaryKey === null) return report;
  if (owners.length < 2) return { ...report, state: "single" };
  if (nodeIds.length < 2) return { ...report, state: "absent" };
  const suspected = new Set(nodeIds.filter((nodeId) => options.suspected.has(nodeId)));
  const replicas: Replicas = { entry, primaryKey: entry.primaryKey, shard, nodeIds, suspected };
  const compared = await unlessBusy(() => deps.ofSameIndex(entry, () => compare(deps, replicas, options, signal)));
  if (compared === null) return { ...report, state: "open" };
  const { documents, differing, repaired } = compared;
  deps.emit(shardCompared, { indexUid: entry.uid, shard, documents, differing, repaired, absent });
  const state = compared.state === "equal" && absent.length > 0 ? "absent" : compared.state;
  return { ...report, ...compared, state };
}

/** null: something else is under way on the index for longer than it is waited for; it is compared another time. */
async function unlessBusy<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError && error.code === "miroir_overloaded") return null;
    throw error;
  }
}

type Compared = Pick<ShardReport, "state" | "documents" | "differing" | "repaired">;

async function compare(
  deps: ReplicaDeps,
  replicas: Replicas,
  options: CompareOptions,
  signal: AbortSignal,
): Promise<Compared> {
  const differing = new Set<string>();
  const repaired = new Set<string>();
  let documents = 0;
  const so = (state: Compared["state"]): Compared => ({
    state,
    documents,
    differing: differing.size,
    repaired: repaired.size,
  });
  for (let round = 0; round < ROUNDS_MAX && !signal.aborted; round += 1) {
    const fingerprints = await eachReplica(deps, replicas, (nodeId) =>
      readFingerprint(deps, replicas, nodeId, options.pace, signal),
    );
    if (fingerprints === null) return so("open");
    const fullest = fingerprints.reduce((most, one) => (one.size > most.size ? one : most));
    documents = Math.max(...fingerprints.map(({ buckets: found }) => documentsIn(found)));
    const differ = differingBuckets(fingerprints.map(({ buckets: found }) => found));
    const buckets = new Set([...differ, ...fingerprints.flatMap(({ overdue }) => [...overdue])]);
    if (buckets.size === 0) return so(options.repair || differing.size === 0 ? "equal" : "different");
    const states = await eachReplica(deps, replicas, (nodeId) => readKeys(deps, replicas, nodeId, buckets, signal));
    if (states === null) return so("open");
    const settled = await settleAll(deps, replicas, differingKeys(states), stepOf(fullest), options, signal);
    for (const key of settled.differing) differing.add(key);
    for (const key of settled.repaired) repaired.add(key);
    if (!options.repair) return so(settled.open ? "open" : differing.size === 0 ? "equal" : "different");
    // What looked different had only not been carried out everywhere.
    if (!settled.open && settled.differing.size === 0) return so("equal");
  }
  return so("open");
}

/** Documents whose copies on all replicas are held at once. */
function stepOf({ buckets, size }: Fingerprint): number {
  return Math.min(KEYS_PER_STEP_MAX, documentsThatFit(size, documentsIn(buckets), STEP_CHARS));
}

interface Settled {
  readonly differing: Set<string>;
  readonly repaired: Set<string>;
  /** A key is still open: it is written again and again, or a node did not answer. */
  readonly open: boolean;
}

async function settleAll(
  deps: ReplicaDeps,
  replicas: Replicas,
  keys: readonly string[],
  step: number,
  options: CompareOptions,
  signal: AbortSignal,
): Promise<Settled> {
  const differing = new Set<string>();
  const repaired = new Set<string>();
  let waiting = keys;
  for (let attempt = 0; waiting.length > 0 && attempt < ATTEMPTS_MAX && !signal.aborted; attempt += 1) {
    const again: string[] = [];
    for (let at = 0; at < waiting.length; at += step) {
      const settling = { repair: options.repair, holds: options.holds && attempt > 0 };
      const settled = await settleKeys(deps, replicas, waiting.slice(at, at + step), settling, signal);
      for (const key of settled.differing) differing.add(key);
      for (const key of settled.repaired) repaired.add(key);
      again.push(...settled.open);
    }
    waiting = again;
  }
  return { differing, repaired, open: waiting.length > 0 };
}

function differingKeys(replicas: readonly KeyStates[]): readonly string[] {
  const keys = new Set(replicas.flatMap((states) => [...states.keys()]));
  const [first, ...rest] = replicas;
  return [...keys].filter((key) => {
    const state = first?.get(key);
    if (replicas.some((states) => states.get(key)?.overdue === true)) return true;
    return !rest.every((states) => {
      const other = states.get(key);
      return other?.version === state?.version && other?.digest === state?.digest;
    });
  });
}

/** A few replicas at once; null as soon as one does not answer. */
async function eachReplica<T>(
  deps: Pick<ReplicaDeps, "limits">,
  { nodeIds }: Replicas,
  read: (nodeId: string) => Promise<T | null>,
): Promise<readonly T[] | null> {
  const found: T[] = [];
  for (let at = 0; at < nodeIds.length; at += deps.limits.readsMax) {
    const answers = await Promise.all(nodeIds.slice(at, at + deps.limits.readsMax).map(read));
    for (const answer of answers) {
      if (answer === null) return null;
      found.push(answer);
    }
  }
  return found;
}

const KEYS_PER_STEP_MAX = 1_000;
const STEP_CHARS = 4_194_304;
const ROUNDS_MAX = 8;
const ATTEMPTS_MAX = 3;
