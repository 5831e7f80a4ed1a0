/** The settings of the configuration that reads follow. */
export interface ReadPolicy {
  /** `scatter.node_timeout_ms` */
  readonly nodeTimeoutMs: number;
  /** `scatter.retry_on_timeout`: is a node that ran out of time replaced by another owner? */
  readonly retryOnTimeout: boolean;
  /** `scatter.unavailable_shard_policy` */
  readonly unavailableShards: "auto" | "partial" | "error" | "fallback";
  /** `query_planner.max_pk_literals_narrowable`; 0 when the planner is off. */
  readonly pinnedKeysMax: number;
}
