/** Configuration into the numbers and names the parts take: units converted, fixed limits beside configurable ones. */
import { availableParallelism } from "node:os";
import type { Config } from "../config/config.ts";
import { EXPIRES_AT_FIELD, UPDATED_AT_FIELD, SHARD_FIELD, NO_FIELD, SEQUENCE_FIELD } from "../core/markers/fields.ts";
import type { NodeForm } from "../core/settings/node-form.ts";
import type { Ranking } from "../core/merge/ranking.ts";
import type { AppLimits } from "../http/app.ts";
import { DEFAULT_LANES_OPTIONS } from "../scatter/create-lanes.ts";
import type { HintsOptions } from "../services/hints/hints.ts";
import type { ReadPolicy } from "../services/search/read-policy.ts";
import { workerCount, type PoolOptions } from "../workers/pool.ts";
import type { ConfiguredTopology } from "./seed-topology.ts";
import type { MultiLimits } from "../services/search/multi-limits.ts";

/** Batches that may wait for a worker; beyond that a write is refused with 503. */
const WORKER_QUEUE_MAX = 64;
/** Time a node has to take a write into its queue, on top of the time its body takes. */
const ENQUEUE_TIMEOUT_MS = 30_000;

export interface Limits {
  readonly configuredTopology: ConfiguredTopology;
  readonly inFlightPerNodeMax: number;
  readonly nodeTimeoutMs: number;
  readonly enqueueTimeoutMs: number;
  readonly health: { readonly unhealthyThreshold: number; readonly recoveryThreshold: number };
  readonly hints: HintsOptions;
  readonly workers: PoolOptions;
  readonly readPolicy: ReadPolicy;
  /** Of a request with several searches. */
  readonly multi: Omit<MultiLimits, "clock">;
  readonly ranking: Ranking;
  readonly app: AppLimits;
  readonly prune: { readonly intervalMs: number; readonly ttlMs: number; readonly batchSize: number };
  readonly fields: FieldRules;
  /** Documents carry the version of their last write, and deletions are remembered. */
  readonly versions: boolean;
}

export interface FieldRules {
  /** Fields no client may store. */
  readonly reservedFields: readonly string[];
  /** The field in which documents bring when they expire; null: they do not. */
  readonly expiryField: string | null;
}

export function limitsOf(config: Config): Limits {
  const { scatter, query_planner: planner, server, task_registry: registry, hints, workers, health } = config;
  return {
    configuredTopology: {
      replicationFactor: config.replication_factor,
      replicaGroups: config.replica_groups,
      nodes: config.nodes.map(({ id, address, replica_group }) => ({ id, address, replicaGroup: replica_group })),
    },
    inFlightPerNodeMax: config.connection_pool_per_node.max_total,
    nodeTimeoutMs: scatter.node_timeout_ms,
    enqueueTimeoutMs: ENQUEUE_TIMEOUT_MS,
    health: { unhealthyThreshold: health.unhealthy_threshold, recoveryThreshold: health.recovery_threshold },
    hints: {
      enabled: hints.enabled,
      bytesMax: hints.max_bytes,
      ageMaxMs: hints.max_age_s * 1_000,
      send: DEFAULT_LANES_OPTIONS,
    },
    workers: { count: workerCount(workers.count, availableParallelism()), queueMax: WORKER_QUEUE_MAX },
    readPolicy: {
      nodeTimeoutMs: scatter.node_timeout_ms,
      retryOnTimeout: scatter.retry_on_timeout,
      unavailableShards: scatter.unavailable_shard_policy,
      pinnedKeysMax: planner.enabled ? planner.max_pk_literals_narrowable : 0,
    },
    multi: {
      enabled: config.multi_search.enabled,
      queriesMax: config.multi_search.max_queries_per_batch,
      totalTimeoutMs: config.multi_search.total_timeout_ms,
      queryTimeoutMs: config.multi_search.per_query_timeout_ms,
    },
    ranking: { strategy: config.search.merge_strategy, rrfK: config.search.rrf_k },
    app: {
      bodyBytesMax: server.max_body_bytes,
      concurrentRequestsMax: server.max_concurrent_requests,
      requestTimeoutMs: server.request_timeout_ms,
      slowQueryMs: config.log.slow_query_ms,
    },
    prune: {
      intervalMs: registry.prune_interval_s * 1_000,
      ttlMs: registry.ttl_seconds * 1_000,
      batchSize: registry.prune_batch_size,
    },
    fields: fieldRulesOf(config),
    versions: config.anti_entropy.enabled,
  };
}

function fieldRulesOf({ anti_entropy: antiEntropy, ttl }: Config): FieldRules {
  const expiryField = ttl.enabled ? ttl.expires_at_field : null;
  // A marker that is derived from a field of the client's could be contradicted by one that the client brings.
  const isDerived = expiryField !== null && expiryField !== EXPIRES_AT_FIELD;
  const versions = antiEntropy.enabled ? [UPDATED_AT_FIELD] : [];
  return {
    reservedFields: [SHARD_FIELD, NO_FIELD, SEQUENCE_FIELD, ...versions, ...(isDerived ? [EXPIRES_AT_FIELD] : [])],
    expiryField,
  };
}

export function nodeFormOf({ search, ttl }: Pick<Config, "search" | "ttl">): NodeForm {
  return { tieBreak: search.tie_break, expiry: ttl.enabled };
}
