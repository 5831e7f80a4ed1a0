/** `/_miroir/…`: what an operator asks the router itself. Reads only; what changes the fleet is not in this version and refused by `unsupported.ts`. */
import { apiError } from "../../core/errors/api-error.ts";
import type { ShardMap } from "../../core/routing/shard-map.ts";
import type { NodeState, Topology } from "../../core/topology/topology.ts";
import { decodeQuery, text } from "../decode/query.ts";
import { json } from "../respond.ts";
import type { Route } from "../route.ts";

export interface MiroirRoutesDeps {
  readonly readiness: () => Promise<Readiness>;
  readonly fleet: FleetView;
  /** The shard count of new indexes. */
  readonly shards: number;
  /** The shard count of an index; undefined: there is no such index. */
  readonly shardsOfIndex: (indexUid: string) => number | undefined;
  readonly rebalanceInProgress: () => boolean;
  readonly metrics: { render(): Promise<string>; readonly contentType: string };
}

export interface Readiness {
  readonly ready: boolean;
  /** Whole sentences; empty when ready. Contain no address and no secret: nobody is asked for a key here. */
  readonly reasons: readonly string[];
}

export interface FleetView {
  topology(): Topology;
  shardMap(shards: number): ShardMap;
  /** May be asked for documents right now. */
  readable(nodeId: string): boolean;
  report(nodeId: string): NodeReport;
}

export interface NodeReport {
  /**
   * The state it shows to operators: that of the topology, but `failed` while it does not answer, and `catching_up` while it
   * is brought what it lacks and serves no reads.
   */
  readonly status: NodeState | "catching_up";
  /** Milliseconds since the epoch of its last answer; null: none yet. */
  readonly lastSeenMs: number | null;
  /** Its engine version; null: not known yet. */
  readonly version: string | null;
  /** Why it is not well; null: it is. */
  readonly error: string | null;
}

export function miroirRoutes(deps: MiroirRoutesDeps): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/_miroir/ready",
      access: { kind: "exempt" },
      answered: "200 when every shard has a reachable owner, else 503 with the reasons.",
      handler: async () => {
        const { ready, reasons } = await deps.readiness();
        return ready ? json(200, { ready, reasons }) : json(503, { ready, reasons }, { "retry-after": "1" });
      },
    },
    {
      method: "GET",
      path: "/_miroir/topology",
      access: { kind: "admin" },
      answered: "The nodes, their state and what they hold.",
      handler: async () => json(200, describeTopology(deps)),
    },
    {
      method: "GET",
      path: "/_miroir/shards",
      access: { kind: "admin" },
      answered: "The owners of every shard in every replica group.",
      handler: async ({ query }) => json(200, describeShards(deps, decodeQuery(query, { index: text }).index)),
    },
    {
      method: "GET",
      path: "/_miroir/metrics",
      access: { kind: "admin" },
      answered: "The metrics of the metrics listener.",
      handler: async () => ({
        status: 200,
        headers: { "content-type": deps.metrics.contentType },
        body: await deps.metrics.render(),
      }),
    },
  ];
}

function describeTopology({ fleet, shards, rebalanceInProgress }: MiroirRoutesDeps): object {
  const topology = fleet.topology();
  const map = fleet.shardMap(shards);
  const nodes = [...topology.nodes.values()].filter((node) => node.state !== "removed");
  return {
    shards,
    replication_factor: topology.replicationFactor,
    replica_groups: topology.groups.length,
    nodes: nodes.map((node) => {
      const report = fleet.report(node.id);
      return {
        id: node.id,
        address: node.address,
        replica_group: node.replicaGroup,
        status: report.status,
        shard_count: map.shardsOf.get(node.id)?.length ?? 0,
        last_seen_ms: report.lastSeenMs,
        version: report.version,
        ...(report.error !== null && { error: report.error }),
      };
    }),
    degraded_node_count: nodes.filter((node) => !fleet.readable(node.id)).length,
    rebalance_in_progress: rebalanceInProgress(),
    fully_covered: fullyCovered(map, fleet),
    epoch: topology.epoch,
  };
}

/** Every shard can be read somewhere; that is what a search needs. */
function fullyCovered(map: ShardMap, fleet: FleetView): boolean {
  for (let shard = 0; shard < map.shards; shard++) {
    if (!map.owners.some((group) => group[shard]?.some((id) => fleet.readable(id)) === true)) return false;
  }
  return true;
}

function describeShards({ fleet, shards, shardsOfIndex }: MiroirRoutesDeps, indexUid: string | undefined): object {
  const count = indexUid === undefined ? shards : shardsOfIndex(indexUid);
  if (count === undefined) throw apiError("index_not_found", `Index \`${indexUid}\` not found.`);
  const map = fleet.shardMap(count);
  return {
    ...(indexUid !== undefined && { index: indexUid }),
    shard_count: count,
    epoch: map.epoch,
    shards: Array.from({ length: count }, (_, shard) => ({
      shard,
      groups: map.owners.map((group) => group[shard] ?? []),
    })),
  };
}
