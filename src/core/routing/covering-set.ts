/**
 * Who answers a read: for every wanted shard exactly one permitted owner of one group. The loads of the nodes are as
 * even as their holdings allow. The same input gives the same answer, so a query's second page asks the replicas its
 * first page asked; different fingerprints spread over the replicas.
 */
import { assert } from "../assert.ts";
import type { NodeId } from "../topology/topology.ts";
import type { CoverPart, CoveringSet, ShardMap } from "./shard-map.ts";
import { type Candidates, spreadEvenly } from "./spread-evenly.ts";

export interface CoveringSetRequest {
  readonly map: ShardMap;
  readonly group: number;
  /** Any integer derived from the query without its paging fields. */
  readonly fingerprint: number;
  readonly permitted: Permitted;
  /** Only these, ascending and without repeats; all when absent. */
  readonly shards?: readonly number[];
}

/**
 * May this node be asked? With the fingerprint of a read: is it to be asked for that one, as long as others can answer it?
 * A node that is given only a part of the reads says yes to the one and often no to the other.
 */
export type Permitted = (nodeId: NodeId, fingerprint?: number) => boolean;

export function coveringSet(request: CoveringSetRequest): CoveringSet {
  const { map, group, shards } = request;
  const owners = map.owners[group];
  assert(owners !== undefined, "a read goes to a group of its map");
  const memory = memoryOf(map);
  const nodeIds = (memory.nodesOf[group] ??= [...new Set(owners.flat())]);
  const permitted = nodeIds.filter((nodeId) => request.permitted(nodeId));
  const wanted = permitted.filter((nodeId) => request.permitted(nodeId, request.fingerprint));
  const turn = Math.abs(Math.trunc(request.fingerprint)) % TURNS;
  const choice = { map, group, permitted, wanted, turn };
  if (shards !== undefined) return cover(choice, shards);
  // Node ids may hold any character, so their positions stand for them in the key.
  const places = [permitted, wanted].map((ids) => ids.map((nodeId) => nodeIds.indexOf(nodeId)).join(","));
  const key = `${group} ${turn} ${places.join(" ")}`;
  const known = memory.sets.get(key);
  if (known !== undefined) return known;
  const set = cover(choice, [...owners.keys()]);
  if (memory.sets.size >= SETS_MAX) memory.sets.clear();
  memory.sets.set(key, set);
  return set;
}

/** How many choices there are between equal replicas; divisible by the usual replication factors. */
const TURNS = 12;

/**
 * Working out a full set takes longer than parsing a small answer, and there are only as many as turns and sets of
 * permitted nodes: each is worked out once per map and shared.
 */
interface Memory {
  readonly nodesOf: (readonly NodeId[])[];
  readonly sets: Map<string, CoveringSet>;
}

const SETS_MAX = 256;
const memories = new WeakMap<ShardMap, Memory>();

function memoryOf(map: ShardMap): Memory {
  const known = memories.get(map);
  if (known !== undefined) return known;
  const memory: Memory = { nodesOf: [], sets: new Map() };
  memories.set(map, memory);
  return memory;
}

interface Choosing {
  readonly map: ShardMap;
  readonly group: number;
  readonly permitted: readonly NodeId[];
  /** Of the permitted ones those that are to be asked where there is a choice. */
  readonly wanted: readonly NodeId[];
  readonly turn: number;
}

function cover({ map, group, permitted, wanted, turn }: Choosing, shards: readonly number[]): CoveringSet {
  const covered: Candidates[] = [];
  const uncovered: number[] = [];
  for (const shard of shards) {
    const owners = map.owners[group]?.[shard];
    assert(owners !== undefined, "a read asks for shards of its map");
    const best = owners.filter((nodeId) => wanted.includes(nodeId));
    const nodeIds = best.length > 0 ? best : owners.filter((nodeId) => permitted.includes(nodeId));
    if (nodeIds.length === 0) uncovered.push(shard);
    else covered.push({ shard, nodeIds });
  }
  const chosen = Map.groupBy(spreadEvenly(covered, turn), (choice) => choice.nodeId);
  const parts = [...chosen].map(([nodeId, choices]): CoverPart => {
    const answered = choices.map(({ shard }) => shard);
    return { nodeId, shards: answered, complete: answered.length === map.shardsOf.get(nodeId)?.length };
  });
  return { group, parts: parts.sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1)), uncovered };
}
