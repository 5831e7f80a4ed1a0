/** Who gets what of a batch: the nodes that own one of its shards, those with equal parts sharing one body. */
import type { AssembleJob, SplitPlan } from "../../core/documents/split-plan.ts";
import type { ShardMap } from "../../core/routing/shard-map.ts";
import { writeTargets } from "../../core/routing/write-targets.ts";
import type { Splitter } from "./splitter.ts";

export interface NodeBody {
  readonly nodeId: string;
  readonly body: Uint8Array;
}

/** The shards of the distinct keys, ascending. */
export function shardsOfPlan(plan: SplitPlan): readonly number[] {
  return [...new Set(plan.shardOfId)].toSorted((a, b) => a - b);
}

/** Takes the plan over. In the order in which the shard map names the nodes. */
export async function nodeBodies(
  splitter: Splitter,
  plan: SplitPlan,
  sequenceOfId: AssembleJob["sequenceOfId"],
  map: ShardMap,
): Promise<readonly NodeBody[]> {
  const shardsOfNode = new Map<string, number[]>();
  for (const shard of shardsOfPlan(plan)) {
    for (const nodeId of writeTargets(map, shard)) {
      const shards = shardsOfNode.get(nodeId);
      if (shards === undefined) shardsOfNode.set(nodeId, [shard]);
      else shards.push(shard);
    }
  }
  const sets = new Map<string, Uint8Array>();
  for (const shards of shardsOfNode.values()) sets.set(shards.join(), shardSet(shards, map.shards));
  const bodies = await splitter.assemble({ plan, sequenceOfId, shardSets: [...sets.values()] });
  const bodyOf = new Map([...sets.keys()].map((key, i) => [key, bodies[i] as Uint8Array]));
  return [...shardsOfNode].map(([nodeId, shards]) => ({ nodeId, body: bodyOf.get(shards.join()) as Uint8Array }));
}

function shardSet(shards: readonly number[], count: number): Uint8Array {
  const set = new Uint8Array(count);
  for (const shard of shards) set[shard] = 1;
  return set;
}
