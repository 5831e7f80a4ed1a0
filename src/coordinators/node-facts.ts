/**
 * What nodes tell only when they are up: their version, and the API keys each of them made up by itself. A node that
 * was away at the start, or came back with an empty disk, is brought in line when it answers.
 */
import type { NodeFacts } from "../services/fleet/node-facts.ts";
import type { Coordinator } from "./coordinator.ts";

const INTERVAL_MS = 2_000;

export function nodeFacts(facts: Pick<NodeFacts, "refresh">): Coordinator {
  return { name: "node-facts", intervalMs: INTERVAL_MS, tick: (signal) => facts.refresh(signal) };
}
