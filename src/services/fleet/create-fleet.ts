/** The fleet in memory: the current topology, its placements, the nodes' clients and their health. */
import { apiError } from "../../core/errors/api-error.ts";
import { assert } from "../../core/assert.ts";
import { buildShardMap } from "../../core/routing/build-shard-map.ts";
import type { ShardMap } from "../../core/routing/shard-map.ts";
import { isReadable, isWritable } from "../../core/topology/node-state.ts";
import type { Topology } from "../../core/topology/topology.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import type { NodeOutcome } from "../../nodes/node-outcome.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Emit } from "../../telemetry/event.ts";
import { type CheckDisk, createDiskDoubts, type DiskDoubts } from "./disk-doubts.ts";
import type { Fleet } from "./fleet.ts";
import { createGentleStart } from "./gentle-start.ts";
import { createLastCopy } from "./last-copy.ts";
import { createNodeHealth, type HealthThresholds, type NodeHealth } from "./node-health.ts";

/** Placements kept per topology: indexes usually share one shard count, reshards add a few. */
const SHARD_MAPS_MAX = 32;

export interface FleetDeps {
  readonly topology: Topology;
  /** Builds the client of a node; `observe` is told how its traffic ends. */
  readonly buildClient: (nodeId: string, address: string, observe: (outcome: NodeOutcome) => void) => NodeClient;
  readonly thresholds: HealthThresholds;
  /** True while a node is not as the catalog says or still has to receive writes that it missed. */
  readonly catchingUp: (nodeId: string) => boolean;
  /** False: it is known to lack something, or was not proven to have everything when it went away. */
  readonly trusted: (nodeId: string) => boolean;
  /** Whether the node still has its disk. */
  readonly checkDisk: CheckDisk;
  /** The node has just become unhealthy: when it is back it may be another. */
  readonly wentAway?: (nodeId: string) => void;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly emit: Emit;
}

export interface ManagedFleet extends Fleet {
  health(nodeId: string): NodeHealth;
  /** Whether the node still has its disk; one that has is doubted no longer. */
  readonly checkDisk: CheckDisk;
  /** Its connection broke, and it has not been seen to have its disk since. */
  readonly doubted: (nodeId: string) => boolean;
  /** Works under another topology from now on. What is known of nodes that stay where they are is kept. */
  adopt(topology: Topology): void;
}

export function createFleet(deps: FleetDeps): ManagedFleet {
  const monotonicMs = (): number => deps.clock.monotonicMs();
  const gentleStart = createGentleStart(monotonicMs);
  const wentAway = (nodeId: string): void => {
    gentleStart.away(nodeId);
    deps.wentAway?.(nodeId);
  };
  const doubts = createDiskDoubts({
    checkDisk: deps.checkDisk,
    silent: (nodeId) => members.get(nodeId)?.health.recordSilence(),
  });
  const parts = { ...deps, wentAway, doubts };
  let { topology } = deps;
  let ids = presentIn(topology);
  let members: ReadonlyMap<string, Member> = new Map(ids.map((id) => [id, buildMember(id, topology, parts)]));
  const shardMaps = new Map<number, ShardMap>();
  let rotation = 0;

  const member = (nodeId: string): Member => {
    const found = members.get(nodeId);
    assert(found !== undefined, `node ${nodeId} is part of the topology`);
    return found;
  };
  const stateOf = (nodeId: string) => topology.nodes.get(nodeId)?.state ?? "removed";
  const readable = (nodeId: string): boolean =>
    isReadable(stateOf(nodeId)) &&
    member(nodeId).health.healthy() &&
    !deps.catchingUp(nodeId) &&
    !doubts.doubted(nodeId);
  const isLastCopy = createLastCopy({
    complete: (nodeId) => isReadable(stateOf(nodeId)) && deps.trusted(nodeId),
    checkDisk: doubts.check,
    monotonicMs,
  });

  return {
    topology: () => topology,
    shardMap(shards) {
      const known = shardMaps.get(shards);
      if (known !== undefined) return known;
      if (shardMaps.size >= SHARD_MAPS_MAX) shardMaps.clear();
      const built = buildShardMap(topology, shards);
      shardMaps.set(shards, built);
      return built;
    },
    adopt(next) {
      const before = topology;
      const stays = (id: string): boolean => before.nodes.get(id)?.address === next.nodes.get(id)?.address;
      const kept = (id: string): Member | undefined => (stays(id) ? members.get(id) : undefined);
      ids = presentIn(next);
      members = new Map(ids.map((id) => [id, kept(id) ?? buildMember(id, next, parts)]));
      topology = next;
      shardMaps.clear();
    },
    client: (nodeId) => member(nodeId).client,
    health: (nodeId) => member(nodeId).health,
    checkDisk: doubts.check,
    doubted: doubts.doubted,
    healthy: (nodeId) => member(nodeId).health.healthy(),
    readable,
    share: (nodeId) => gentleStart.share(nodeId, () => readable(nodeId)),
    worthTrying: async (nodeId) => readable(nodeId) || (await isLastCopy(nodeId)),
    writable: (nodeId) => isWritable(stateOf(nodeId)),
    nodeIds: () => ids,
    anyNode() {
      rotation = (rotation + 1) % ids.length;
      for (let step = 0; step < ids.length; step += 1) {
        const id = ids[(rotation + step) % ids.length] as string;
        if (member(id).health.healthy() && !deps.catchingUp(id)) return member(id).client;
      }
      const problems = ids.map((id) => member(id).health.problem() ?? `node ${id} is catching up on missed writes`);
      throw apiError("miroir_node_unavailable", `No node can answer: ${problems.join("; ")}.`);
    },
  };
}

function presentIn(topology: Topology): readonly string[] {
  return [...topology.nodes.values()].filter((node) => node.state !== "removed").map((node) => node.id);
}

interface Member {
  readonly client: NodeClient;
  readonly health: NodeHealth;
}

function buildMember(
  id: string,
  topology: Topology,
  deps: FleetDeps & { readonly doubts: Pick<DiskDoubts, "connectionBroke"> },
): Member {
  const node = topology.nodes.get(id);
  assert(node !== undefined, `node ${id} is part of the topology`);
  const health = createNodeHealth(id, deps.thresholds, () => deps.clock.nowMs(), deps.emit, {
    wentAway: () => deps.wentAway?.(id),
    connectionBroke: () => deps.doubts.connectionBroke(id),
  });
  return { health, client: deps.buildClient(id, node.address, (outcome) => health.recordTraffic(outcome)) };
}
