/**
 * Rebuilds a lost store from the nodes, without a running router. Nothing is written before everything has been read
 * and judged, and never into a store that has a catalog.
 */
import type { Config } from "../config/config.ts";
import { apiError } from "../core/errors/api-error.ts";
import { buildShardMap } from "../core/routing/build-shard-map.ts";
import { buildTopology } from "../core/topology/build-topology.ts";
import { readNode } from "../services/recover/read-fleet.ts";
import { recoverCatalog, type RecoveredFleet } from "../services/recover/recover-catalog.ts";
import type { Emit } from "../telemetry/event.ts";
import { buildProbeClient } from "./build-node-client.ts";
import { limitsOf } from "./limits.ts";
import { openStore } from "./open-store.ts";
import { routerIdentity } from "./router-identity.ts";
import { seedTopology } from "./seed-topology.ts";
import { realSurroundings } from "./surroundings.ts";

export interface RecoverOptions {
  readonly dryRun: boolean;
  readonly shardsGiven: ReadonlyMap<string, number>;
}

export interface RecoverResult extends RecoveredFleet {
  readonly written: boolean;
}

/** Throws `ApiError` or `StoreRefused` when nodes or store cannot be used. Problems of indexes are in the result. */
export async function recoverStore(config: Config, options: RecoverOptions): Promise<RecoverResult> {
  const { clock, random, wire } = realSurroundings;
  const emit: Emit = () => {};
  const { configuredTopology, inFlightPerNodeMax } = limitsOf(config);
  const nodes = configuredTopology.nodes.map((node) => ({ ...node, state: "active" as const }));
  const topology = buildTopology({ ...configuredTopology, epoch: 1, nodes });
  const parts = { clock, emit, wire, masterKey: config.node_master_key, inFlightMax: inFlightPerNodeMax };
  const contents = await Promise.all(
    nodes.map(({ id, address }) => readNode(buildProbeClient(parts, id, address), READ_TIMEOUT_MS)),
  );
  const recovered = recoverCatalog({
    nodes: contents,
    mapOf: (shards) => buildShardMap(topology, shards),
    shardsByDefault: config.shards,
    shardsGiven: options.shardsGiven,
  });
  const isSound = recovered.indexes.every((index) => index.problems.length === 0);
  if (options.dryRun || !isSound) return { ...recovered, written: false };
  const store = await openStore(config, routerIdentity(config, random), clock, emit);
  try {
    const [present] = await store.catalog.all();
    if (present !== undefined) {
      throw apiError(
        "bad_request",
        `The store has a catalog already, with the index \`${present.uid}\`: it is not lost, and nothing was changed.`,
      );
    }
    await seedTopology(configuredTopology, store.topology);
    await store.tasks.reserve(recovered.taskUidsFrom);
    await store.catalog.change({ put: recovered.indexes.map((index) => index.entry), remove: [] });
    return { ...recovered, written: true };
  } finally {
    await store.close();
  }
}

const READ_TIMEOUT_MS = 30_000;
