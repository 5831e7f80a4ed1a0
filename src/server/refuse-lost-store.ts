/**
 * A start with a new store before nodes that hold indexes which a router has made: the store has been lost, or another one is
 * named than before. Such a router would know none of them, take writes to their names, and give them new settings; after
 * that nothing could be recovered. So it does not start. Asked only while the store has no topology, which is once.
 */
import type { Config } from "../config/config.ts";
import { apiError } from "../core/errors/api-error.ts";
import { isObject } from "../core/settings/json-shape.ts";
import { isMadeByRouter } from "../core/settings/made-by-router.ts";
import type { NodeClient } from "../nodes/node-client.ts";
import type { Store } from "../store/store.ts";
import type { Emit } from "../telemetry/event.ts";
import { buildProbeClient } from "./build-node-client.ts";
import { limitsOf } from "./limits.ts";
import type { Surroundings } from "./surroundings.ts";

/** Rejects with what to do about it. A node that does not answer tells nothing. */
export async function refuseLostStore(
  config: Config,
  store: Pick<Store, "topology">,
  { clock, wire }: Pick<Surroundings, "clock" | "wire">,
  emit: Emit,
): Promise<void> {
  if ((await store.topology.load()) !== undefined) return;
  const { configuredTopology, inFlightPerNodeMax } = limitsOf(config);
  const parts = { clock, emit, wire, masterKey: config.node_master_key, inFlightMax: inFlightPerNodeMax };
  const found = await Promise.all(
    configuredTopology.nodes.map(async ({ id, address }) => {
      const index = await ownIndex(buildProbeClient(parts, id, address));
      return index === undefined ? [] : [{ id, index }];
    }),
  );
  const [first] = found.flat();
  // Another router may have begun with this store in the meantime.
  if (first === undefined || (await store.topology.load()) !== undefined) return;
  throw apiError(
    "bad_request",
    `The store is new, but node ${first.id} has the index \`${first.index}\`, which a router has made: the store has been lost, or \`task_store\` names another one than before. Name the former one, rebuild it from the nodes with \`miroir ctl recover\`, or, to begin anew, delete the indexes from the nodes.`,
  );
}

/** The first index of the node that a router has made. */
async function ownIndex(client: NodeClient): Promise<string | undefined> {
  const list = await ask(client, `/indexes?limit=${INDEXES_MAX}`);
  const entries = isObject(list) && Array.isArray(list["results"]) ? list["results"] : [];
  for (const entry of entries) {
    const uid: unknown = isObject(entry) ? entry["uid"] : undefined;
    if (typeof uid !== "string") continue;
    if (isMadeByRouter(await ask(client, `/indexes/${uid}/settings/filterable-attributes`))) return uid;
  }
  return undefined;
}

async function ask(client: NodeClient, path: string): Promise<unknown> {
  const request = { method: "GET", path, operation: "recover.read", timeoutMs: TIMEOUT_MS, repeat: "safe" } as const;
  const outcome = await client.send(request);
  return outcome.kind === "answered" ? JSON.parse(outcome.text) : null;
}

/** Enough to tell whether nodes are a router's; they are not read to the end. */
const INDEXES_MAX = 20;
const TIMEOUT_MS = 5_000;
