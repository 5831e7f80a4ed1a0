/** What happens to writes on their way to the nodes. */
import { defineEvent } from "../event.ts";

export const laneDepthChanged = defineEvent<{ readonly nodeId: string; readonly depth: number }>({
  name: "lane.depth_changed",
  level: null,
  message: "A write entered or left the lanes of a node.",
  measure: (metrics, { nodeId, depth }) => metrics.set("lane_depth", depth, { node_id: nodeId }),
});

export const writeDegraded = defineEvent<{
  readonly indexUid: string;
  readonly taskUid: number;
  readonly missedNodes: readonly string[];
  readonly degradedShards: number;
}>({
  name: "write.degraded",
  level: "warn",
  message: "A write holds, but some owners of its shards have missed it.",
});

export const writeLost = defineEvent<{
  readonly indexUid: string;
  readonly taskUid: number;
  readonly missedNodes: readonly string[];
  readonly lostShards: number;
}>({
  name: "write.no_quorum",
  level: "error",
  message: "A write was refused because too few owners of some shards acknowledged it.",
});

export const writeHopeless = defineEvent<{
  readonly indexUid: string;
  readonly behind: readonly string[];
  readonly lostShards: number;
}>({
  name: "write.hopeless",
  level: "warn",
  message: "A write was refused before it was sent, because nodes that it needs have to catch up first.",
});

export const sequenceReadFailed = defineEvent<{
  readonly indexUid: string;
  readonly nodeId: string;
  readonly reason: string;
}>({
  name: "write.sequence_read_failed",
  level: "warn",
  message: "A node did not say which documents it has; documents without a remembered place are put last among ties.",
});

export const hintsChanged = defineEvent<{ readonly nodeId: string; readonly count: number; readonly bytes: number }>({
  name: "hints.changed",
  level: null,
  message: "Writes were kept for a node or brought to it.",
  measure: (metrics, { nodeId, count, bytes }) => {
    metrics.set("hints_pending", count, { node_id: nodeId });
    metrics.set("hints_bytes", bytes, { node_id: nodeId });
  },
});

export const hintReplayed = defineEvent<{ readonly nodeId: string; readonly indexUid: string }>({
  name: "hints.replayed",
  level: "debug",
  message: "A node has received a write that it had missed.",
  measure: (metrics) => metrics.count("hints_replayed_total"),
});

export const hintRefused = defineEvent<{
  readonly nodeId: string;
  readonly indexUid: string;
  readonly status: number;
  readonly code: string;
}>({
  name: "hints.refused",
  level: "error",
  message: "A node refuses a write that it had missed and that others have; it stays out of reads.",
});

export const hintsGivenUp = defineEvent<{ readonly nodeId: string; readonly reason: string }>({
  name: "hints.given_up",
  level: "error",
  message: "Writes can no longer be kept for a node; it stays out of reads until it has been repaired as a whole.",
});
