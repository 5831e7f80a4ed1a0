/** Every metric family the program can show. Names follow `spec/operations.md`; the `miroir_` prefix is added on output. */
export interface Family {
  readonly kind: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of the histogram's buckets, in the unit of its name. */
  readonly buckets?: readonly number[];
}

const LATENCY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;
const FAN_OUT = [1, 2, 3, 4, 6, 8, 12, 16, 32, 64] as const;

const declared = {
  request_duration_seconds: {
    kind: "histogram",
    help: "Time from the arrival of a request to its answer",
    labels: ["method", "path_template", "status"],
    buckets: LATENCY_SECONDS,
  },
  requests_total: {
    kind: "counter",
    help: "Requests answered",
    labels: ["method", "path_template", "status"],
  },
  requests_in_flight: { kind: "gauge", help: "Requests being worked on", labels: [] },
  node_healthy: { kind: "gauge", help: "1 while the node passes its health probes", labels: ["node_id"] },
  node_catching_up: {
    kind: "gauge",
    help: "1 while the node answers, but is still being brought what it lacks and serves no reads",
    labels: ["node_id"],
  },
  node_request_duration_seconds: {
    kind: "histogram",
    help: "Time a node took to answer",
    labels: ["node_id", "operation"],
    buckets: LATENCY_SECONDS,
  },
  node_errors_total: {
    kind: "counter",
    help: "Requests to a node that brought no usable answer",
    labels: ["node_id", "error_type"],
  },
  shard_coverage: { kind: "gauge", help: "Shards that have a reachable owner, as a fraction of all", labels: [] },
  degraded_shards_total: {
    kind: "gauge",
    help: "Shards with fewer reachable owners than they should have",
    labels: [],
  },
  shard_distribution: { kind: "gauge", help: "Shards a node holds", labels: ["node_id"] },
  task_processing_age_seconds: { kind: "gauge", help: "Age of the oldest task that has not ended", labels: [] },
  tasks_total: { kind: "counter", help: "Tasks that reached a status", labels: ["status"] },
  task_registry_size: { kind: "gauge", help: "Tasks kept in the store", labels: [] },
  multisearch_batches_total: { kind: "counter", help: "Requests with several searches that were answered", labels: [] },
  multisearch_partial_failures_total: { kind: "counter", help: "Those of which a search lacked shards", labels: [] },
  multisearch_queries_per_batch: { kind: "histogram", help: "Searches per request", labels: [], buckets: FAN_OUT },
  scatter_fan_out_size: { kind: "histogram", help: "Nodes asked per search", labels: [], buckets: FAN_OUT },
  scatter_partial_responses_total: { kind: "counter", help: "Answers that were marked degraded", labels: [] },
  scatter_retries_total: { kind: "counter", help: "Requests repeated on another owner", labels: [] },
  hints_pending: { kind: "gauge", help: "Writes kept for a node that missed them", labels: ["node_id"] },
  hints_bytes: { kind: "gauge", help: "Bytes of the writes kept for a node", labels: ["node_id"] },
  hints_replayed_total: { kind: "counter", help: "Kept writes that a node has received", labels: [] },
  idempotency_hits_total: { kind: "counter", help: "Writes that came with an idempotency key", labels: ["outcome"] },
  idempotency_cache_size: { kind: "gauge", help: "Idempotency keys that are remembered", labels: [] },
  antientropy_shards_scanned_total: { kind: "counter", help: "Shards whose replicas were compared", labels: [] },
  antientropy_mismatches_found_total: {
    kind: "counter",
    help: "Documents of which replicas had different copies",
    labels: [],
  },
  antientropy_docs_repaired_total: { kind: "counter", help: "Documents made equal on all replicas", labels: [] },
  antientropy_last_scan_completed_seconds: {
    kind: "gauge",
    help: "When the last comparison of all replicas ended, in seconds since 1970",
    labels: [],
  },
  ttl_documents_expired_total: {
    kind: "counter",
    help: "Documents that were deleted because they had expired",
    labels: ["index"],
  },
  ttl_sweep_duration_seconds: {
    kind: "histogram",
    help: "Time from the beginning of a sweep until the nodes had deleted what it found",
    labels: ["index"],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800],
  },
  ttl_pending_estimate: {
    kind: "gauge",
    help: "Expired documents that are still there, as far as the last sweep could see",
    labels: ["index"],
  },
  ttl_sweep_failures_total: {
    kind: "counter",
    help: "Sweeps that deleted nothing because they failed",
    labels: ["index"],
  },
  lane_depth: { kind: "gauge", help: "Writes waiting or running in the lanes of a node", labels: ["node_id"] },
  settings_hash_mismatch_total: {
    kind: "counter",
    help: "Settings changes after which the nodes did not have what was meant",
    labels: [],
  },
  webhook_deliveries_total: {
    kind: "counter",
    help: "Requests to webhooks by what became of them",
    labels: ["outcome"],
  },
  settings_drift_repair_total: {
    kind: "counter",
    help: "Nodes that were put right because their indexes, keys or settings had been changed behind the router's back",
    labels: [],
  },
  settings_broadcast_phase: {
    kind: "gauge",
    help: "What the last settings change to move is doing: 0 none, 1 propose, 2 verify, 3 commit, 4 repair, 5 undo",
    labels: [],
  },
  settings_version: {
    kind: "gauge",
    help: "Settings changes of an index that all nodes have taken",
    labels: ["index"],
  },
  event_loop_lag_seconds: { kind: "gauge", help: "How late the event loop runs its timers", labels: [] },
  worker_queue_depth: { kind: "gauge", help: "Jobs waiting for a worker", labels: [] },
  background_queue_depth: {
    kind: "gauge",
    help: "Chunks of heavy work that wait for a router or are being worked on by one, over all routers",
    labels: ["job_type"],
  },
  request_queue_depth: { kind: "gauge", help: "Requests waiting for admission", labels: [] },
  peer_router_count: { kind: "gauge", help: "Routers that share the store and live, this one included", labels: [] },
  leader: { kind: "gauge", help: "1 while this router holds the lease on the work of the scope", labels: ["scope"] },
  build_info: { kind: "gauge", help: "1, with the version as label", labels: ["version"] },
} as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof declared;
export const families: Readonly<Record<FamilyName, Family>> = declared;
