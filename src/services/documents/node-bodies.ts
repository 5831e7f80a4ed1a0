/**
 * Who gets what of a batch: the nodes that own one of its shards, those with equal parts sharing one body. Small bodies
 * are made at once; large ones while they are sent, so that a batch is held once however many nodes get it.
 */
import { assembleBodies, streamBodies } from "../../core/documents/assemble-bodies.ts";
import { type BodyStream, CHUNK_BYTES } from "../../core/documents/body-stream.ts";
import type { SplitPlan } from "../../core/documents/split-plan.ts";
import type { ShardMap } from "../../core/routing/shard-map.ts";
import { writeTargets } from "../../core/routing/write-targets.ts";

export interface NodeBody {
  readonly nodeId: string;
  readonly body: Uint8Array | BodyStream;
}

/** The shards of the distinct keys, ascending. */
export function shardsOfPlan(plan: SplitPlan): readonly number[] {
  return [...new Set(plan.shardOfId)].toSorted((a, b) => a - b);
}

/**
 * In the order in which the shard map names the nodes. `sequenceOfId`: of each of the plan's keys. `version`: of the
 * write; null: documents carry none.
 */
export function nodeBodies(
  plan: SplitPlan,
  sequenceOfId: BigUint64Array,
  map: ShardMap,
  version: bigint | null,
): readonly NodeBody[] {
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
  const { body, bounds, idOf, shardOfId, expiryOf, needsArray: asArray } = plan;
  const options = { bounds, idOf, shardOfId, expiryOf, sequenceOfId, version, asArray, shardSets: [...sets.values()] };
  const bodies = body.byteLength < CHUNK_BYTES ? assembleBodies(body, options) : streamBodies(body, options);
  const bodyOf = new Map([...sets.keys()].map((key, i) => [key, bodies[i] as NodeBody["body"]]));
  return [...shardsOfNode].map(([nodeId, shards]) => ({ nodeId, body: bodyOf.get(shards.join()) as NodeBody["body"] }));
}

function shardSet(shards: readonly number[], count: number): Uint8Array {
  const set = new Uint8Array(count);
  for (const shard of shards) set[shard] = 1;
  return set;
}
