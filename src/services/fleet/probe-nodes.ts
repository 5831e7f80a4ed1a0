/** One round of health probes: every node at once, each judged by its own answer. Also measures the shard coverage. */
import type { NodeClient, NodeRequest } from "../../nodes/node-client.ts";
import type { Emit } from "../../telemetry/event.ts";
import { nodeStanding, shardCoverageMeasured, shardsDistributed } from "../../telemetry/events/nodes.ts";
import type { ManagedFleet } from "./create-fleet.ts";

export interface ProbeDeps {
  readonly fleet: ManagedFleet;
  /** A client of its own per node, past limits and breaker: a probe must never wait behind traffic. */
  readonly probeClient: (nodeId: string) => NodeClient;
  readonly probeTimeoutMs: number;
  /** Shard count of new indexes; coverage is measured under it. */
  readonly shards: number;
  readonly emit: Emit;
}

export async function probeNodes(deps: ProbeDeps, signal?: AbortSignal): Promise<void> {
  const { fleet } = deps;
  await Promise.all(
    fleet.nodeIds().map(async (nodeId) => {
      const request: NodeRequest = {
        method: "GET",
        path: "/health",
        operation: "health",
        timeoutMs: deps.probeTimeoutMs,
        repeat: "safe",
      };
      const outcome = await deps.probeClient(nodeId).send(request, signal);
      if (outcome.kind === "unavailable" && outcome.reason === "aborted") return;
      // Not yet known to hold what it held: not yet well. The next probe asks again.
      const isUnknown = outcome.kind === "answered" && (await fleet.checkDisk(nodeId, signal)) === "unknown";
      if (!isUnknown || fleet.healthy(nodeId)) fleet.health(nodeId).recordProbe(outcome);
    }),
  );
  reportCoverage(deps);
}

/** What the nodes that may be read cover now. */
export function reportCoverage(deps: Pick<ProbeDeps, "fleet" | "shards" | "emit">): void {
  const { fleet } = deps;
  deps.emit(shardCoverageMeasured, measureCoverage(fleet, deps.shards));
  for (const [nodeId, shards] of fleet.shardMap(deps.shards).shardsOf) {
    deps.emit(shardsDistributed, { nodeId, shards: shards.length });
    deps.emit(nodeStanding, { nodeId, catchingUp: fleet.healthy(nodeId) && !fleet.readable(nodeId) });
  }
}

export interface Coverage {
  /** Fraction of the shards, 0 to 1, that some readable node can answer for. */
  readonly coverage: number;
  /** Shards with fewer readable owners than they should have, over all groups. */
  readonly degraded: number;
}

export function measureCoverage(fleet: Pick<ManagedFleet, "shardMap" | "readable">, shards: number): Coverage {
  const { owners } = fleet.shardMap(shards);
  let covered = 0;
  let degraded = 0;
  for (let shard = 0; shard < shards; shard += 1) {
    const all = owners.flatMap((group) => group[shard] ?? []);
    const readable = all.filter((nodeId) => fleet.readable(nodeId)).length;
    if (readable > 0) covered += 1;
    if (readable < all.length) degraded += 1;
  }
  return { coverage: covered / shards, degraded };
}
