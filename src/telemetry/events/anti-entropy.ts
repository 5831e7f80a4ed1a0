/** What comparing and repairing replicas finds and does. */
import { defineEvent } from "../event.ts";

export const shardCompared = defineEvent<{
  readonly indexUid: string;
  readonly shard: number;
  readonly documents: number;
  readonly differing: number;
  readonly repaired: number;
  readonly absent: readonly string[];
}>({
  name: "anti_entropy.shard_compared",
  level: "debug",
  message: "The replicas of a shard have been compared.",
  measure: (metrics, { differing, repaired }) => {
    metrics.count("antientropy_shards_scanned_total");
    if (differing > 0) metrics.count("antientropy_mismatches_found_total", {}, differing);
    if (repaired > 0) metrics.count("antientropy_docs_repaired_total", {}, repaired);
  },
});

export const replicasDiffered = defineEvent<{
  readonly indexUid: string;
  readonly shard: number;
  readonly differing: number;
  readonly repaired: number;
  readonly state: string;
}>({
  name: "anti_entropy.replicas_differed",
  level: "warn",
  message: "Replicas of a shard held different documents.",
});

export const passFinished = defineEvent<{
  readonly shards: number;
  readonly differing: number;
  readonly repaired: number;
  readonly open: number;
  readonly seconds: number;
  readonly finishedAtSeconds: number;
}>({
  name: "anti_entropy.pass_finished",
  level: "info",
  message: "All replicas have been compared.",
  log: ({ shards, differing, repaired, open, seconds }) => ({ shards, differing, repaired, open, seconds }),
  measure: (metrics, { finishedAtSeconds }) =>
    metrics.set("antientropy_last_scan_completed_seconds", finishedAtSeconds),
});

export const copySuspected = defineEvent<{
  readonly nodeId: string;
  readonly indexUid: string;
  readonly reason: string;
}>({
  name: "anti_entropy.copy_suspected",
  level: "warn",
  message: "A copy may differ from the others and is going to be compared.",
});

export const suspicionSettled = defineEvent<{ readonly nodeId: string; readonly indexUid: string }>({
  name: "anti_entropy.suspicion_settled",
  level: "info",
  message: "A copy that may have differed is equal to the others.",
});

export const nodeRepairStarted = defineEvent<{ readonly nodeId: string; readonly reason: string }>({
  name: "anti_entropy.node_repair_started",
  level: "info",
  message: "A node that missed writes is being made equal to the others as a whole.",
});

export const nodeRepaired = defineEvent<{
  readonly nodeId: string;
  readonly shards: number;
  readonly repaired: number;
}>({
  name: "anti_entropy.node_repaired",
  level: "info",
  message: "A node holds what the others hold and answers reads again.",
});

export const nodeRepairWaits = defineEvent<{ readonly nodeId: string; readonly reason: string }>({
  name: "anti_entropy.node_repair_waits",
  level: "warn",
  message: "A node cannot be made equal to the others yet; it stays out of reads.",
});

export const diskLost = defineEvent<{ readonly nodeId: string; readonly taskUid: number }>({
  name: "anti_entropy.disk_lost",
  level: "error",
  message: "A node no longer knows a task that it had taken: it has come back with another disk.",
});
