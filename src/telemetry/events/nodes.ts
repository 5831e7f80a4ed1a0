/** What is worth knowing about the nodes and the requests to them. */
import { defineEvent } from "../event.ts";

export const nodeAnswered = defineEvent<{ nodeId: string; operation: string; seconds: number }>({
  name: "node.request_answered",
  level: null,
  message: "A node answered.",
  measure: (metrics, { nodeId, operation, seconds }) =>
    metrics.observe("node_request_duration_seconds", seconds, { node_id: nodeId, operation }),
});

export const nodeUnavailable = defineEvent<{
  nodeId: string;
  operation: string;
  seconds: number;
  /** One of the few reasons of a `NodeUnavailable`. */
  reason: string;
  detail: string;
}>({
  name: "node.request_failed",
  level: "debug",
  message: "A node brought no usable answer.",
  measure: (metrics, { nodeId, operation, seconds, reason }) => {
    metrics.observe("node_request_duration_seconds", seconds, { node_id: nodeId, operation });
    metrics.count("node_errors_total", { node_id: nodeId, error_type: reason });
  },
});

export const nodeBreakerOpened = defineEvent<{ nodeId: string; failures: number; pauseMs: number }>({
  name: "node.breaker_opened",
  level: "warn",
  message: "Requests to a node are paused because it failed several times in a row.",
});

export const nodeBecameHealthy = defineEvent<{ nodeId: string }>({
  name: "node.became_healthy",
  level: "info",
  message: "A node answers its health probes.",
  measure: (metrics, { nodeId }) => metrics.set("node_healthy", 1, { node_id: nodeId }),
});

export const nodeBecameUnhealthy = defineEvent<{ nodeId: string; failures: number; detail: string }>({
  name: "node.became_unhealthy",
  level: "warn",
  message: "A node does not answer; its shards are served by other owners where there are any.",
  measure: (metrics, { nodeId }) => metrics.set("node_healthy", 0, { node_id: nodeId }),
});

export const nodeVersionsDiffer = defineEvent<{ versions: readonly string[] }>({
  name: "node.versions_differ",
  level: "warn",
  message: "The nodes run different versions of the engine, which may rank differently. Upgrade them to one version.",
});

export const shardCoverageMeasured = defineEvent<{ coverage: number; degraded: number }>({
  name: "fleet.coverage_measured",
  level: null,
  message: "How many shards have a reachable owner.",
  measure: (metrics, { coverage, degraded }) => {
    metrics.set("shard_coverage", coverage);
    metrics.set("degraded_shards_total", degraded);
  },
});

export const shardsDistributed = defineEvent<{ nodeId: string; shards: number }>({
  name: "fleet.shards_distributed",
  level: null,
  message: "How many shards a node holds under the default shard count.",
  measure: (metrics, { nodeId, shards }) => metrics.set("shard_distribution", shards, { node_id: nodeId }),
});

export const nodeStanding = defineEvent<{ nodeId: string; catchingUp: boolean }>({
  name: "node.standing",
  level: null,
  message: "Whether a node that answers serves reads.",
  measure: (metrics, { nodeId, catchingUp }) =>
    metrics.set("node_catching_up", catchingUp ? 1 : 0, { node_id: nodeId }),
});
