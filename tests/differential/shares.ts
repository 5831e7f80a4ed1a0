/**
 * The parts in which a router asks its nodes. A node that looks at fewer documents may judge one of them otherwise: of
 * several readings of a query the engine goes on with those by which it has found something, and how near to each other
 * the words of a document stand is told by these alone.
 */
import { shardFilter } from "../../src/core/markers/codec.ts";
import { coveringSet } from "../../src/core/routing/covering-set.ts";
import type { ShardMap } from "../../src/core/routing/shard-map.ts";
import { nodeRequest } from "../support/nodes.ts";
import type { Target } from "./witness.ts";
import type { World } from "./world.ts";

export interface Share {
  readonly node: Target;
  /** Met by the documents of these shards alone. */
  readonly filter: string;
}

/** Every part that a query may be asked in while the same nodes live; each once. */
export async function sharesOf(world: World, index: string): Promise<readonly Share[]> {
  const { miroir } = world;
  const nodes = new Map(world.living().map((node) => [`node-${miroir.nodes.indexOf(node)}`, node]));
  const map = await shardMapOf({ url: miroir.url, masterKey: miroir.adminKey }, index);
  const shares = new Map<string, Share>();
  for (const group of map.owners.keys()) {
    for (let fingerprint = 0; fingerprint < TURNS; fingerprint++) {
      const { parts } = coveringSet({ map, group, fingerprint, permitted: (nodeId) => nodes.has(nodeId) });
      for (const { nodeId, shards } of parts) {
        const filter = shardFilter(shards);
        shares.set(`${nodeId} ${filter}`, { node: nodes.get(nodeId)!, filter });
      }
    }
  }
  return [...shares.values()];
}

async function shardMapOf(admin: Target, index: string): Promise<ShardMap> {
  const { body } = await nodeRequest(admin, "GET", `/_miroir/shards?index=${encodeURIComponent(index)}`);
  const told = body as { readonly epoch: number; readonly shards: readonly { readonly groups: readonly string[][] }[] };
  const groups = told.shards[0]!.groups.length;
  const owners = Array.from({ length: groups }, (_, group) => told.shards.map(({ groups: all }) => all[group]!));
  const shardsOf = new Map<string, number[]>();
  for (const [shard, nodeIds] of owners.flatMap((group) => [...group.entries()])) {
    for (const nodeId of nodeIds) shardsOf.set(nodeId, [...(shardsOf.get(nodeId) ?? []), shard]);
  }
  return { epoch: told.epoch, shards: told.shards.length, owners, shardsOf };
}

/** As many ways as a router has to choose between equal replicas. */
const TURNS = 12;
