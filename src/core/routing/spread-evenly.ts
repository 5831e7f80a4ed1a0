/**
 * Chooses one node per shard so that the busiest node has as little to do as the placement allows. The same input
 * gives the same choice.
 */
import type { NodeId } from "../topology/topology.ts";

/** A shard and the nodes that could answer for it, at least one. */
export interface Candidates {
  readonly shard: number;
  readonly nodeIds: readonly NodeId[];
}

export interface Choice extends Candidates {
  readonly nodeId: NodeId;
}

/**
 * First every shard goes to its least loaded candidate, `turn` deciding between equals; then shards are handed on
 * until no node can be relieved.
 */
export function spreadEvenly(covered: readonly Candidates[], turn: number): readonly Choice[] {
  const loads = new Map<NodeId, number>();
  const choices = covered.map(({ shard, nodeIds }): OpenChoice => {
    // The starting point turns with the fingerprint, and with the shard so that equal loads alternate.
    const start = (turn + shard) % nodeIds.length;
    let nodeId = nodeIds[start]!;
    for (let i = 1; i < nodeIds.length; i += 1) {
      const other = nodeIds[(start + i) % nodeIds.length]!;
      if ((loads.get(other) ?? 0) < (loads.get(nodeId) ?? 0)) nodeId = other;
    }
    loads.set(nodeId, (loads.get(nodeId) ?? 0) + 1);
    return { shard, nodeIds, nodeId };
  });
  for (const { nodeIds } of covered) for (const nodeId of nodeIds) if (!loads.has(nodeId)) loads.set(nodeId, 0);
  // Ends, since every hand-over makes the sum of the squared loads smaller.
  for (let again = true; again;) again = relieve(choices, loads);
  return choices;
}

/** A choice that may still be handed on. */
interface OpenChoice extends Candidates {
  nodeId: NodeId;
}

/**
 * Finds a chain of owners along which one shard each can be handed on so that the first gets one less and the last,
 * which has at least two less than it, one more. False when there is none: then the loads are as even as they can be.
 */
function relieve(choices: readonly OpenChoice[], loads: Map<NodeId, number>): boolean {
  const busiestFirst = [...loads.keys()].sort((a, b) => loads.get(b)! - loads.get(a)! || (a < b ? -1 : 1));
  const least = loads.get(busiestFirst.at(-1) ?? "") ?? 0;
  for (const from of busiestFirst) {
    if (loads.get(from)! < least + 2) return false;
    const chain = chainFrom(from, choices, loads);
    if (chain === undefined) continue;
    for (const { choice, to } of chain) choice.nodeId = to;
    loads.set(from, loads.get(from)! - 1);
    const last = chain[0]!.to;
    loads.set(last, loads.get(last)! + 1);
    return true;
  }
  return false;
}

interface HandOver {
  readonly choice: OpenChoice;
  readonly to: NodeId;
}

/** Breadth first, so the chain is a shortest one; its last link comes first. */
function chainFrom(
  from: NodeId,
  choices: readonly OpenChoice[],
  loads: ReadonlyMap<NodeId, number>,
): readonly HandOver[] | undefined {
  const arrival = new Map<NodeId, { choice: OpenChoice; before: NodeId }>();
  const queue: NodeId[] = [from];
  for (const nodeId of queue) {
    for (const choice of choices) {
      if (choice.nodeId !== nodeId) continue;
      for (const to of choice.nodeIds) {
        if (to === from || arrival.has(to)) continue;
        arrival.set(to, { choice, before: nodeId });
        if (loads.get(to)! <= loads.get(from)! - 2) return traceBack(to, from, arrival);
        queue.push(to);
      }
    }
  }
  return undefined;
}

function traceBack(
  end: NodeId,
  from: NodeId,
  arrival: ReadonlyMap<NodeId, { choice: OpenChoice; before: NodeId }>,
): readonly HandOver[] {
  const chain: HandOver[] = [];
  for (let to = end; to !== from;) {
    const { choice, before } = arrival.get(to)!;
    chain.push({ choice, to });
    to = before;
  }
  return chain;
}
