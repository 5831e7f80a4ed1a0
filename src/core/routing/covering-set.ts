/**
 * Who answers a read: for every wanted shard exactly one permitted owner of one group. The loads of the nodes are as
 * even as their holdings allow. The same input gives the same answer, so a query's second page asks the replicas its
 * first page asked; different fingerprints spread over the replicas.
 */
import { assert } from "../assert.ts";
import type { NodeId } from "../topology/topology.ts";
import type { CoverPart, CoveringSet, ShardMap } from "./shard-map.ts";

export interface CoveringSetRequest {
  readonly map: ShardMap;
  readonly group: number;
  /** Any integer derived from the query without its paging fields. */
  readonly fingerprint: number;
  /** Asked once per node; a node for which it says no is left out. */
  readonly permitted: (nodeId: NodeId) => boolean;
  /** Only these, ascending and without repeats; all when absent. */
  readonly shards?: readonly number[];
}

export function coveringSet(request: CoveringSetRequest): CoveringSet {
  const { map, group } = request;
  const owners = map.owners[group];
  assert(owners !== undefined, "a read goes to a group of its map");
  const candidates = candidatesOf(owners, request);
  const chosen = chooseEvenly(candidates.covered, request.fingerprint);
  const shardsOf = new Map<NodeId, number[]>();
  for (const { shard, nodeId } of chosen) {
    const shards = shardsOf.get(nodeId);
    if (shards === undefined) shardsOf.set(nodeId, [shard]);
    else shards.push(shard);
  }
  const parts: CoverPart[] = [...shardsOf]
    .map(([nodeId, shards]) => ({ nodeId, shards, complete: shards.length === map.shardsOf.get(nodeId)?.length }))
    .sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  return { group, parts, uncovered: candidates.uncovered };
}

interface Candidates {
  readonly shard: number;
  readonly nodeIds: readonly NodeId[];
}

/** The permitted owners of each wanted shard, and the shards that have none. */
function candidatesOf(
  owners: readonly (readonly NodeId[])[],
  request: CoveringSetRequest,
): { covered: readonly Candidates[]; uncovered: readonly number[] } {
  const verdicts = new Map<NodeId, boolean>();
  const permitted = (nodeId: NodeId): boolean => {
    let verdict = verdicts.get(nodeId);
    if (verdict === undefined) {
      verdict = request.permitted(nodeId);
      verdicts.set(nodeId, verdict);
    }
    return verdict;
  };
  const covered: Candidates[] = [];
  const uncovered: number[] = [];
  for (const shard of request.shards ?? owners.keys()) {
    const nodeIds = owners[shard];
    assert(nodeIds !== undefined, "a read asks for shards of its map");
    const able = nodeIds.filter(permitted);
    if (able.length === 0) uncovered.push(shard);
    else covered.push({ shard, nodeIds: able });
  }
  return { covered, uncovered };
}

interface Choice {
  readonly shard: number;
  readonly nodeIds: readonly NodeId[];
  nodeId: NodeId;
}

/** First every shard to its least loaded owner, then shards are handed on until no node can be relieved. */
function chooseEvenly(covered: readonly Candidates[], fingerprint: number): readonly Choice[] {
  const turn = Math.abs(Math.trunc(fingerprint));
  const loads = new Map<NodeId, number>();
  const choices = covered.map(({ shard, nodeIds }): Choice => {
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
  // Each hand-over makes the loads strictly more even, so there are fewer of them than choices.
  for (let round = 0; round < choices.length; round += 1) if (!relieve(choices, loads)) break;
  return choices;
}

/**
 * Finds a chain of owners along which one shard each can be handed on so that the first gets one less and the last,
 * which has at least two less than it, one more. False when there is none: then the loads are as even as they can be.
 */
function relieve(choices: readonly Choice[], loads: Map<NodeId, number>): boolean {
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
  readonly choice: Choice;
  readonly to: NodeId;
}

/** Breadth first, so the chain is a shortest one; its last link comes first. */
function chainFrom(
  from: NodeId,
  choices: readonly Choice[],
  loads: ReadonlyMap<NodeId, number>,
): readonly HandOver[] | undefined {
  const arrival = new Map<NodeId, { choice: Choice; before: NodeId }>();
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
  arrival: ReadonlyMap<NodeId, { choice: Choice; before: NodeId }>,
): readonly HandOver[] {
  const chain: HandOver[] = [];
  for (let to = end; to !== from;) {
    const { choice, before } = arrival.get(to)!;
    chain.push({ choice, to });
    to = before;
  }
  return chain;
}
