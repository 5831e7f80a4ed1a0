/** The answer of `GET /_miroir/topology`, as far as the command line shows it. */
import { isRecord } from "../config/parse-file.ts";

export interface TopologyAnswer {
  readonly shards: number;
  readonly replication_factor: number;
  readonly replica_groups: number;
  readonly epoch: number;
  readonly degraded_node_count: number;
  readonly rebalance_in_progress: boolean;
  readonly fully_covered: boolean;
  readonly nodes: readonly NodeAnswer[];
}

export interface NodeAnswer {
  readonly id: string;
  readonly address: string;
  readonly replica_group: number;
  readonly status: string;
  readonly shard_count: number;
  /** Milliseconds since the node last answered; null if it never did. */
  readonly last_seen_ms: number | null;
  readonly version: string | null;
  readonly error?: string;
}

/** null where the answer is not one. */
export function topologyFrom(body: unknown): TopologyAnswer | null {
  if (!isRecord(body) || !Array.isArray(body["nodes"]) || typeof body["shards"] !== "number") return null;
  if (!body["nodes"].every((node) => isRecord(node) && typeof node["id"] === "string")) return null;
  return body as unknown as TopologyAnswer;
}
