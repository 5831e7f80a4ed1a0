/**
 * The catalog of a fleet whose store is lost, from what its nodes have. The shard count of every index is proven, and so
 * is that its documents lie where the configuration will look for them; what cannot be proven is a problem, not a guess.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { type RecoveredSettings, recoverClientSettings } from "../../core/recover/client-settings.ts";
import { proveShards, type ShardProof } from "../../core/recover/prove-shards.ts";
import type { ShardMap } from "../../core/routing/shard-map.ts";
import { canonicalJson } from "../../core/settings/json-shape.ts";
import type { NodeContents, NodeIndex } from "./read-fleet.ts";

export interface RecoverInput {
  readonly nodes: readonly NodeContents[];
  readonly mapOf: (shards: number) => ShardMap;
  /** `miroir.shards`, for indexes without a document to prove another count by. */
  readonly shardsByDefault: number;
  /** Counts that the operator vouches for, by index. */
  readonly shardsGiven: ReadonlyMap<string, number>;
}

export interface RecoveredIndex {
  readonly entry: IndexEntry;
  readonly proof: ShardProof;
  /** What the operator should know; nothing of it stands in the way. */
  readonly notes: readonly string[];
  /** Why this index must not be taken over as it is. */
  readonly problems: readonly string[];
}

export interface RecoveredFleet {
  readonly indexes: readonly RecoveredIndex[];
  readonly notes: readonly string[];
  /** Task numbers below this may have been given out already. */
  readonly taskUidsFrom: number;
}

export function recoverCatalog(input: RecoverInput): RecoveredFleet {
  const byUid = new Map<string, NodeIndex[]>();
  for (const index of input.nodes.flatMap((node) => node.indexes)) {
    byUid.set(index.uid, [...(byUid.get(index.uid) ?? []), index]);
  }
  const keysDiffer = new Set(input.nodes.map((node) => node.keys.join())).size > 1;
  return {
    indexes: [...byUid.entries()]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([, held]) => recoverIndex(input, held)),
    notes: [
      "The list of tasks is gone; numbers of new tasks begin above those of the nodes.",
      "Writes that were kept for a node that was away are gone with the store: a node that missed some may hold less, or older documents, than its copies.",
      ...(keysDiffer ? ["The nodes do not have the same API keys; the router makes them the same at its start."] : []),
    ],
    // Every task of ours has made a task on some node, but for a few that needed none.
    taskUidsFrom: input.nodes.reduce((sum, node) => sum + node.tasksBelow, 0) + UIDS_TO_SPARE,
  };
}

function recoverIndex(input: RecoverInput, held: readonly NodeIndex[]): RecoveredIndex {
  const [first] = held as [NodeIndex];
  const { uid } = first;
  const problems: string[] = [];
  const { settings, lost } = agreedSettings(held);
  const notes = [...lost];
  const primaryKeys = new Set(held.flatMap((one) => one.primaryKey ?? []));
  if (primaryKeys.size > 1) problems.push(`its nodes have different primary keys: ${[...primaryKeys].join(", ")}`);
  const unmarked = held.reduce((sum, one) => sum + one.unmarked, 0);
  if (unmarked > 0) problems.push(`${unmarked} of the sampled documents carry no shard: this router never wrote them`);
  const missing = input.nodes.filter((node) => !held.some((one) => one.nodeId === node.nodeId));
  if (missing.length > 0)
    notes.push(`Missing on ${missing.map((node) => node.nodeId).join(", ")}: it is made there again.`);

  const proof = proveShards(held.flatMap((one) => one.samples));
  const shards = shardsOf(input, uid, proof, problems);
  problems.push(...misplaced(input, held, shards));
  const entry: IndexEntry = {
    uid,
    primaryKey: [...primaryKeys][0] ?? null,
    shards,
    state: "ready",
    settingsVersion: 1,
    settings,
    createdAt: Math.min(...held.map((one) => one.createdAt)),
    updatedAt: Math.max(...held.map((one) => one.updatedAt)),
  };
  return { entry, proof, notes, problems };
}

function shardsOf(input: RecoverInput, uid: string, proof: ShardProof, problems: string[]): number {
  const given = input.shardsGiven.get(uid);
  if (proof.kind === "proven") {
    if (given !== undefined && given !== proof.shards) {
      problems.push(`${given} shards were named, but its documents prove ${proof.shards}`);
    }
    return proof.shards;
  }
  if (proof.kind === "empty") return given ?? input.shardsByDefault;
  if (proof.kind === "contradictory") {
    problems.push("no shard count fits the shards that its documents carry");
    return given ?? input.shardsByDefault;
  }
  const wanted = given ?? (proof.fitting.includes(input.shardsByDefault) ? input.shardsByDefault : undefined);
  if (wanted !== undefined && proof.fitting.includes(wanted)) return wanted;
  const fitting = proof.fitting.slice(0, 5).join(", ");
  problems.push(
    `its ${proof.documents} documents fit several shard counts (${fitting}, …): name it with --shards ${uid}=N`,
  );
  return wanted ?? input.shardsByDefault;
}

/** Documents that lie where this configuration would not look for them. */
function misplaced(input: RecoverInput, held: readonly NodeIndex[], shards: number): readonly string[] {
  const { shardsOf: owned } = input.mapOf(shards);
  return held.flatMap(({ nodeId, samples }) => {
    const own = new Set(owned.get(nodeId) ?? []);
    const strangers = samples.filter(({ shard }) => !own.has(shard)).length;
    if (strangers === 0) return [];
    return [
      `${strangers} of ${samples.length} sampled documents of node ${nodeId} belong to other nodes by this configuration: do ids, groups and replication_factor say what they said before?`,
    ];
  });
}

/** What most nodes have. */
function agreedSettings(held: readonly NodeIndex[]): RecoveredSettings {
  const votes = new Map<string, { readonly index: NodeIndex; count: number }>();
  for (const index of held) {
    const text = canonicalJson(index.settings);
    const vote = votes.get(text) ?? { index, count: 0 };
    votes.set(text, vote);
    vote.count += 1;
  }
  const [winner, ...others] = [...votes.values()].toSorted((left, right) => right.count - left.count);
  const recovered = recoverClientSettings(winner?.index.settings ?? {});
  if (others.length === 0) return recovered;
  const odd = others.map(({ index }) => index.nodeId).join(", ");
  return { ...recovered, lost: [...recovered.lost, `Its settings differ on ${odd}; those of the others were taken.`] };
}

const UIDS_TO_SPARE = 1_000;
