/** The fleet with a client for each node, and a second one past limits and breaker, for probes. */
import type { Config } from "../config/config.ts";
import type { Topology } from "../core/topology/topology.ts";
import type { NodeClient } from "../nodes/node-client.ts";
import { createFleet, type ManagedFleet } from "../services/fleet/create-fleet.ts";
import type { Emit } from "../telemetry/event.ts";
import { buildNodeClient, createProbeClients } from "./build-node-client.ts";
import type { Limits } from "./limits.ts";
import type { Surroundings } from "./surroundings.ts";

export interface FleetParts {
  readonly config: Pick<Config, "node_master_key">;
  readonly limits: Limits;
  readonly topology: Topology;
  readonly around: Surroundings;
  readonly emit: Emit;
  readonly catchingUp: (nodeId: string) => boolean;
  readonly wentAway: (nodeId: string) => void;
}

export interface BuiltFleet {
  readonly fleet: ManagedFleet;
  readonly probeClient: (nodeId: string) => NodeClient;
}

export function buildFleet({ config, limits, topology, around, emit, ...told }: FleetParts): BuiltFleet {
  const { clock, wire } = around;
  const clientParts = { clock, emit, wire, masterKey: config.node_master_key, inFlightMax: limits.inFlightPerNodeMax };
  const fleet = createFleet({
    ...told,
    topology,
    buildClient: (nodeId, address, observe) => buildNodeClient(clientParts, nodeId, address, observe),
    thresholds: limits.health,
    nowMs: () => clock.nowMs(),
    emit,
  });
  const addressOf = (nodeId: string): string | undefined => fleet.topology().nodes.get(nodeId)?.address;
  return { fleet, probeClient: createProbeClients(clientParts, addressOf) };
}
