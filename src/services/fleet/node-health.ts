/**
 * Is a node well? Judged by probes and by the traffic it answers or fails: `unhealthyThreshold` failures in a row make
 * it unhealthy, `recoveryThreshold` good probes in a row make it healthy again. Traffic can only make it worse, since
 * an unhealthy node gets no more of it than a trial now and then.
 */
import type { NodeOutcome } from "../../nodes/node-outcome.ts";
import type { Emit } from "../../telemetry/event.ts";
import { nodeBecameHealthy, nodeBecameUnhealthy } from "../../telemetry/events/nodes.ts";

export interface HealthThresholds {
  readonly unhealthyThreshold: number;
  readonly recoveryThreshold: number;
}

export interface NodeHealth {
  healthy(): boolean;
  /** Milliseconds since the epoch of the last answer; null before the first. */
  lastSeenMs(): number | null;
  /** Why it is unhealthy, in a sentence; null while it is healthy. */
  problem(): string | null;
  recordProbe(outcome: NodeOutcome): void;
  recordTraffic(outcome: NodeOutcome): void;
  /** It did not say whether it still has its disk. */
  recordSilence(): void;
}

export interface HealthTold {
  /** It has just become unhealthy, or was found so by the first probe. */
  wentAway?(): void;
  /** A request found no connection, or lost it: what answers next may be another process. */
  connectionBroke?(): void;
}

export function createNodeHealth(
  nodeId: string,
  thresholds: HealthThresholds,
  nowMs: () => number,
  emit: Emit,
  told: HealthTold = {},
): NodeHealth {
  let healthy = false;
  let everProbed = false;
  let failures = 0;
  let successes = 0;
  let lastSeen: number | null = null;
  let problem: string | null = `node ${nodeId} has not been reached yet`;

  const turnHealthy = (): void => {
    healthy = true;
    problem = null;
    emit(nodeBecameHealthy, { nodeId });
  };

  const recordFailure = (detail: string): void => {
    successes = 0;
    failures += 1;
    problem = healthy ? problem : detail;
    if (failures < thresholds.unhealthyThreshold && everProbed) return;
    if (healthy || !everProbed) emit(nodeBecameUnhealthy, { nodeId, failures, detail });
    // One that is away when the router starts went away before: what has become of it meanwhile nobody has seen either.
    if (healthy || !everProbed) told.wentAway?.();
    healthy = false;
    everProbed = true;
    problem = detail;
  };

  const noteConnection = (outcome: NodeOutcome): void => {
    if (outcome.kind === "unavailable" && outcome.reason === "connection") told.connectionBroke?.();
  };

  return {
    healthy: () => healthy,
    lastSeenMs: () => lastSeen,
    problem: () => problem,
    recordProbe(outcome) {
      noteConnection(outcome);
      if (outcome.kind !== "answered") {
        return recordFailure(outcome.kind === "unavailable" ? outcome.message : outcome.error.message);
      }
      lastSeen = nowMs();
      failures = 0;
      successes += 1;
      // The first probe of all decides at once: a router that starts beside healthy nodes is ready without a wait.
      if (!healthy && (!everProbed || successes >= thresholds.recoveryThreshold)) turnHealthy();
      everProbed = true;
    },
    recordTraffic(outcome) {
      noteConnection(outcome);
      if (outcome.kind !== "unavailable") {
        lastSeen = nowMs();
        failures = 0;
        return;
      }
      if (outcome.reason === "connection" || outcome.reason === "timeout" || outcome.reason === "credentials") {
        recordFailure(outcome.message);
      }
    },
    recordSilence: () => recordFailure(`node ${nodeId} broke a connection and has not answered since`),
  };
}
