/**
 * The topology this router starts with. The configuration seeds the store at the first start; later the store decides,
 * and a configuration that would move documents is refused, since nothing in this version moves them.
 */
import { apiError } from "../core/errors/api-error.ts";
import { buildTopology } from "../core/topology/build-topology.ts";
import type { Topology } from "../core/topology/topology.ts";
import type { StoredNode, StoredTopology, TopologyStore } from "../store/topology-store.ts";

export interface ConfiguredTopology {
  readonly replicationFactor: number;
  readonly replicaGroups: number;
  readonly nodes: readonly { readonly id: string; readonly address: string; readonly replicaGroup: number }[];
}

export async function seedTopology(configured: ConfiguredTopology, store: TopologyStore): Promise<Topology> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const stored = await store.load();
    const next = stored === undefined ? firstTopology(configured) : reconcile(configured, stored);
    if (next === stored || (await store.save(next, stored?.epoch ?? 0))) return buildTopology(next);
    // Another router that starts at the same moment was quicker; what it has stored is looked at like any other.
  }
  throw apiError("miroir_store_unavailable", "Other routers keep changing the topology; start again.");
}

const ATTEMPTS_MAX = 5;

function firstTopology(configured: ConfiguredTopology): StoredTopology {
  const nodes = configured.nodes.map((node): StoredNode => ({ ...node, state: "active" }));
  return { epoch: 1, replicationFactor: configured.replicationFactor, replicaGroups: configured.replicaGroups, nodes };
}

/** Only addresses may differ: everything else decides where documents are. */
function reconcile(configured: ConfiguredTopology, stored: StoredTopology): StoredTopology {
  const problems: string[] = [];
  if (configured.replicationFactor !== stored.replicationFactor) {
    problems.push(`replication_factor is ${configured.replicationFactor}, the store has ${stored.replicationFactor}`);
  }
  if (configured.replicaGroups !== stored.replicaGroups) {
    problems.push(`replica_groups is ${configured.replicaGroups}, the store has ${stored.replicaGroups}`);
  }
  const byId = new Map(configured.nodes.map((node) => [node.id, node]));
  const storedIds = new Set(stored.nodes.map((node) => node.id));
  for (const node of stored.nodes) {
    const now = byId.get(node.id);
    if (now === undefined) problems.push(`node ${node.id} is missing from the configuration`);
    else if (now.replicaGroup !== node.replicaGroup) {
      problems.push(`node ${node.id} is in replica group ${now.replicaGroup}, the store has ${node.replicaGroup}`);
    }
  }
  for (const { id } of configured.nodes) if (!storedIds.has(id)) problems.push(`node ${id} is new`);
  if (problems.length > 0) {
    throw apiError(
      "bad_request",
      `The configuration describes another fleet than the store: ${problems.join("; ")}. Documents would not be ` +
        "found where they are, and this version does not move them: restore the configuration, or start with a new " +
        "store and load the documents again.",
    );
  }
  const moved = stored.nodes.some((node) => byId.get(node.id)?.address !== node.address);
  if (!moved) return stored;
  const nodes = stored.nodes.map((node) => ({ ...node, address: byId.get(node.id)?.address ?? node.address }));
  return { ...stored, epoch: stored.epoch + 1, nodes };
}
