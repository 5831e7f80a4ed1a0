/**
 * The life of a node as a table: which state may follow which, and what a node in each state may do. Health is another
 * matter: a state is a decision that is kept, health is what the last probes said.
 */
import { apiError } from "../errors/api-error.ts";
import type { NodeState } from "./topology.ts";

interface StateRow {
  /** The states that may follow. */
  readonly next: readonly NodeState[];
  /** May answer reads, for the shards it owns. */
  readonly readable: boolean;
  /** Takes writes, for the shards it owns. */
  readonly writable: boolean;
  /**
   * Takes part in placement. A node that is down goes on owning, since a shard must not move because its owner is
   * away; a node that is leaving owns until it is removed, since nothing else holds its documents yet.
   */
  readonly owns: boolean;
}

export const nodeStates: Readonly<Record<NodeState, StateRow>> = {
  joining: { next: ["active"], readable: false, writable: false, owns: false },
  active: { next: ["draining", "failed", "degraded"], readable: true, writable: true, owns: true },
  draining: { next: ["removed", "failed"], readable: true, writable: true, owns: true },
  failed: { next: ["active", "degraded"], readable: false, writable: false, owns: true },
  degraded: { next: ["active"], readable: true, writable: true, owns: true },
  removed: { next: [], readable: false, writable: false, owns: false },
};

export function isReadable(state: NodeState): boolean {
  return nodeStates[state].readable;
}

export function isWritable(state: NodeState): boolean {
  return nodeStates[state].writable;
}

export function isOwning(state: NodeState): boolean {
  return nodeStates[state].owns;
}

/** Throws unless `to` may follow `from`; the message names what may. */
export function assertTransition(nodeId: string, from: NodeState, to: NodeState): void {
  const { next } = nodeStates[from];
  if (next.includes(to)) return;
  const allowed =
    next.length === 0 ? "nothing follows" : `only ${next.map((state) => `\`${state}\``).join(" or ")} may follow`;
  throw apiError(
    "bad_request",
    `Node \`${nodeId}\` cannot become \`${to}\`: it is \`${from}\`, and after \`${from}\` ${allowed}.`,
  );
}
