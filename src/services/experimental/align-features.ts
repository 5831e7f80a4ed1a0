/**
 * Makes the experimental features of all nodes the same. A node that was there at every change is right; one that was away,
 * or comes back empty, takes its switches. Where nothing differs, nothing is written.
 */
import { isObject, type JsonObject } from "../../core/settings/json-shape.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { Emit } from "../../telemetry/event.ts";
import { featuresAligned } from "../../telemetry/events/admission.ts";
import type { NodeVersions } from "../catalog/node-versions.ts";
import type { Fleet } from "../fleet/fleet.ts";

export interface AlignFeaturesDeps {
  readonly fleet: Pick<Fleet, "nodeIds" | "healthy" | "client">;
  readonly versions: Pick<NodeVersions, "missedShared">;
  /** It has been made like the others, and has been there ever since: it did not come back empty. */
  readonly steady: (nodeId: string) => boolean;
  readonly emit: Emit;
}

export interface AlignedFeatures {
  /** Nodes that could not be read or written, or have nobody to take them from. */
  readonly pending: readonly string[];
  /** The switches as all nodes have them now; null: nobody knows. */
  readonly switches: JsonObject | null;
}

export async function alignFeatures(deps: AlignFeaturesDeps): Promise<AlignedFeatures> {
  const nodeIds = deps.fleet.nodeIds().filter((nodeId) => deps.fleet.healthy(nodeId));
  const outcomes = await scatter(nodeIds.map((nodeId) => ({ client: deps.fleet.client(nodeId), request: REQUEST })));
  const held = new Map<string, JsonObject>();
  for (const outcome of outcomes) {
    const features: unknown = outcome.kind === "answered" ? JSON.parse(outcome.text) : null;
    if (isObject(features)) held.set(outcome.nodeId, features);
  }
  const wanted = rightSwitches(deps, held);
  if (wanted === undefined) return { pending: nodeIds, switches: null };
  const pending = nodeIds.filter((nodeId) => !held.has(nodeId));
  for (const [nodeId, features] of held) {
    const change = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => features[name] !== value));
    if (Object.keys(change).length === 0) continue;
    const request = { ...REQUEST, method: "PATCH", operation: "experimental.update", repeat: "once" } as const;
    const outcome = await deps.fleet.client(nodeId).send({ ...request, body: JSON.stringify(change) });
    if (outcome.kind === "unavailable") pending.push(nodeId);
    // A node of another version may not know a feature; that is no reason to keep it out.
    else deps.emit(featuresAligned, { nodeId, features: Object.keys(change), refused: outcome.kind === "refused" });
  }
  return { pending, switches: wanted };
}

/**
 * Those that most of the nodes have that know; among as many, those with more switched on, since an empty node has
 * everything off.
 */
function rightSwitches(deps: AlignFeaturesDeps, held: ReadonlyMap<string, JsonObject>): JsonObject | undefined {
  const knowing = [...held].filter(([nodeId]) => !deps.versions.missedShared(nodeId));
  const steady = knowing.filter(([nodeId]) => deps.steady(nodeId));
  const found = new Map<string, { readonly switches: JsonObject; nodes: number }>();
  for (const [, switches] of steady.length > 0 ? steady : knowing) {
    const text = JSON.stringify(switches);
    const known = found.get(text);
    if (known === undefined) found.set(text, { switches, nodes: 1 });
    else known.nodes += 1;
  }
  const on = (switches: JsonObject): number => Object.values(switches).filter((value) => value === true).length;
  const [best] = [...found.values()].toSorted((a, b) => b.nodes - a.nodes || on(b.switches) - on(a.switches));
  return best?.switches;
}

const REQUEST = {
  method: "GET",
  path: "/experimental-features",
  operation: "experimental.get",
  timeoutMs: 10_000,
  repeat: "safe",
} as const satisfies NodeRequest;
