/** The stack around the wire to one node, outermost first: telemetry, breaker, deadline, limit, retry. */
import { assert } from "../core/assert.ts";
import type { NodeClient } from "../nodes/node-client.ts";
import type { NodeOutcome } from "../nodes/node-outcome.ts";
import { withBreaker } from "../nodes/with-breaker.ts";
import { withDeadline } from "../nodes/with-deadline.ts";
import { withLimit } from "../nodes/with-limit.ts";
import { withRetry } from "../nodes/with-retry.ts";
import { withTelemetry } from "../nodes/with-telemetry.ts";
import type { Clock } from "../platform/clock.ts";
import type { Emit } from "../telemetry/event.ts";
import type { Surroundings } from "./surroundings.ts";

/** Requests that may wait for one of a node's places, per place. */
const WAITING_PER_PLACE = 8;
const BREAKER = { failuresToOpen: 5, pauseMinMs: 250, pauseMaxMs: 4_000 } as const;

export interface NodeClientParts {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly wire: Surroundings["wire"];
  readonly masterKey: string;
  readonly inFlightMax: number;
}

export function buildNodeClient(
  parts: NodeClientParts,
  nodeId: string,
  address: string,
  observe: (outcome: NodeOutcome) => void,
): NodeClient {
  const { clock, emit, wire, masterKey, inFlightMax } = parts;
  const http = wire({ nodeId, address, masterKey });
  const limited = withLimit(withRetry(http), { inFlightMax, waitingMax: inFlightMax * WAITING_PER_PLACE });
  const guarded = withBreaker(withDeadline(limited, clock), BREAKER, clock, emit);
  return withTelemetry(guarded, clock, emit, observe);
}

/** For probes: past limit and breaker, so that a probe never waits behind traffic and always reaches the node. */
export function buildProbeClient(parts: NodeClientParts, nodeId: string, address: string): NodeClient {
  return withDeadline(parts.wire({ nodeId, address, masterKey: parts.masterKey }), parts.clock);
}

/** The same for every node, made when it is first needed and anew when the node's address has changed. */
export function createProbeClients(
  parts: NodeClientParts,
  addressOf: (nodeId: string) => string | undefined,
): (nodeId: string) => NodeClient {
  const clients = new Map<string, { readonly address: string; readonly client: NodeClient }>();
  return (nodeId) => {
    const known = clients.get(nodeId);
    const address = addressOf(nodeId) ?? known?.address;
    assert(address !== undefined, `node ${nodeId} is part of the topology`);
    if (known?.address === address) return known.client;
    const client = buildProbeClient(parts, nodeId, address);
    clients.set(nodeId, { address, client });
    return client;
  };
}
