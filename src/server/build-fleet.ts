/** The fleet with a client for each node, and a second one past limits and breaker, for probes. */
import type { Config } from "../config/config.ts";
import type { Topology } from "../core/topology/topology.ts";
import type { NodeClient } from "../nodes/node-client.ts";
import type { NodeAdmission } from "../services/admission/node-admission.ts";
import { createFleet, type ManagedFleet } from "../services/fleet/create-fleet.ts";
import type { NodeFacts } from "../services/fleet/node-facts.ts";
import type { Emit } from "../telemetry/event.ts";
import type { Durability } from "./build-durability.ts";
import { buildNodeClient, createProbeClients } from "./build-node-client.ts";
import type { Limits } from "./limits.ts";
import type { Surroundings } from "./surroundings.ts";

export interface FleetParts {
  readonly config: Pick<Config, "node_master_key">;
  readonly limits: Limits;
  readonly topology: Topology;
  readonly around: Surroundings;
  readonly emit: Emit;
  /** What is built on the fleet and tells what the nodes have; asked only once everything is there. */
  readonly above: () => Above;
}

interface Above {
  readonly durability: Pick<Durability, "hints" | "marks" | "wentAway">;
  readonly admission: Pick<NodeAdmission, "admitted" | "trusted" | "suspend" | "expel">;
  readonly facts: Pick<NodeFacts, "forget">;
}

export interface BuiltFleet {
  readonly fleet: ManagedFleet;
  readonly probeClient: (nodeId: string) => NodeClient;
  /** The node has another disk. It may have been too quick to be seen away. */
  readonly diskLost: (nodeId: string) => void;
}

export function buildFleet({ config, limits, topology, around, emit, above }: FleetParts): BuiltFleet {
  const { clock, wire } = around;
  const clientParts = { clock, emit, wire, masterKey: config.node_master_key, inFlightMax: limits.inFlightPerNodeMax };
  const fleet = createFleet({
    topology,
    catchingUp: (nodeId) => above().durability.hints.behind(nodeId) || !above().admission.admitted(nodeId),
    trusted: (nodeId) => !above().durability.hints.behind(nodeId) && above().admission.trusted(nodeId),
    checkDisk: (nodeId, signal) => above().durability.marks.check(nodeId, signal),
    wentAway: (nodeId) => {
      const { durability, admission, facts } = above();
      durability.wentAway(nodeId);
      admission.suspend(nodeId);
      facts.forget(nodeId);
    },
    buildClient: (nodeId, address, observe) => buildNodeClient(clientParts, nodeId, address, observe),
    thresholds: limits.health,
    clock,
    emit,
  });
  const addressOf = (nodeId: string): string | undefined => fleet.topology().nodes.get(nodeId)?.address;
  const diskLost = (nodeId: string): void => {
    const { admission, facts } = above();
    facts.forget(nodeId);
    admission.expel(nodeId);
  };
  return { fleet, probeClient: createProbeClients(clientParts, addressOf), diskLost };
}
