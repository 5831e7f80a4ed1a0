/** What the router says about itself under `/_miroir`: readiness, nodes, shards, metrics. */
import type { Config } from "../config/config.ts";
import { ApiError } from "../core/errors/api-error.ts";
import type { MiroirRoutesDeps, NodeReport, Readiness } from "../http/routes/miroir.ts";
import type { Clock } from "../platform/clock.ts";
import type { Catalog } from "../services/catalog/catalog.ts";
import type { DriftCheck } from "../services/admission/drift-check.ts";
import type { NodeAdmission } from "../services/admission/node-admission.ts";
import type { ManagedFleet } from "../services/fleet/create-fleet.ts";
import type { NodeFacts } from "../services/fleet/node-facts.ts";
import { measureCoverage } from "../services/fleet/probe-nodes.ts";
import type { Store } from "../store/store.ts";
import type { Telemetry } from "../telemetry/create-telemetry.ts";

export interface DescribedParts {
  readonly config: Config;
  readonly fleet: ManagedFleet;
  readonly catalog: Catalog;
  readonly store: Pick<Store, "check">;
  readonly facts: Pick<NodeFacts, "version">;
  readonly admission: Pick<NodeAdmission, "problem" | "admitted">;
  readonly drift: Pick<DriftCheck, "problems">;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

export function describeRouter(parts: DescribedParts): MiroirRoutesDeps {
  const { config, fleet, catalog, facts, telemetry } = parts;
  return {
    readiness: () => readiness(parts),
    fleet: {
      topology: () => fleet.topology(),
      shardMap: (shards) => fleet.shardMap(shards),
      readable: (nodeId) => fleet.readable(nodeId),
      report: (nodeId) => reportNode(parts, nodeId, facts.version(nodeId)),
    },
    shards: config.shards,
    shardsOfIndex: (uid) => catalog.get(uid)?.shards,
    rebalanceInProgress: () => false,
    metrics: { render: () => telemetry.render(), contentType: telemetry.metrics.contentType },
  };
}

async function readiness({ config, fleet, store, admission }: DescribedParts): Promise<Readiness> {
  const reasons: string[] = [];
  try {
    await store.check();
  } catch (error) {
    reasons.push(error instanceof ApiError ? error.message : "the store does not answer");
  }
  if (measureCoverage(fleet, config.shards).coverage < 1) {
    for (const nodeId of fleet.nodeIds()) {
      if (!fleet.readable(nodeId)) reasons.push(problemOf({ fleet, admission }, nodeId));
    }
  }
  return { ready: reasons.length === 0, reasons };
}

function reportNode(
  { fleet, clock, admission, drift }: DescribedParts,
  nodeId: string,
  version: string | null,
): NodeReport {
  const state = fleet.topology().nodes.get(nodeId)?.state ?? "removed";
  const health = fleet.health(nodeId);
  const lastSeen = health.lastSeenMs();
  return {
    // A state is a decision that is kept; that the node does not answer or not serve is shown in its place.
    status: health.healthy() ? (fleet.readable(nodeId) ? state : "catching_up") : "failed",
    lastSeenMs: lastSeen === null ? null : Math.max(0, clock.nowMs() - lastSeen),
    version,
    error: fleet.readable(nodeId) ? drifted(drift.problems(nodeId)) : problemOf({ fleet, admission }, nodeId),
  };
}

/** It serves, and somebody has changed it. */
function drifted(problems: readonly string[]): string | null {
  return problems.length === 0 ? null : problems.join("; ");
}

function problemOf({ fleet, admission }: Pick<DescribedParts, "fleet" | "admission">, nodeId: string): string {
  const known = fleet.health(nodeId).problem() ?? admission.problem(nodeId);
  if (known !== null) return known;
  if (!admission.admitted(nodeId)) return `node ${nodeId} is being brought to what the catalog says`;
  if (fleet.doubted(nodeId))
    return `node ${nodeId} broke a connection; whether it still has its disk is being found out`;
  return `node ${nodeId} is catching up on writes that it missed`;
}
