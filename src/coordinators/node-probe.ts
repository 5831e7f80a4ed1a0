/** Probes every node each `health.interval_ms`; sooner failures come from the traffic itself. */
import { probeNodes, type ProbeDeps } from "../services/fleet/probe-nodes.ts";
import type { Coordinator } from "./coordinator.ts";

export function nodeProbe(deps: ProbeDeps, intervalMs: number): Coordinator {
  return { name: "node-probe", intervalMs, tick: (signal) => probeNodes(deps, signal) };
}
