/**
 * Makes the experimental features of all nodes the same. The first node that was there at every change is right; one that
 * was away, or comes back empty, takes its switches. Where nothing differs, nothing is written.
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
  readonly emit: Emit;
}

/** Nodes that could not be read or written, or have nobody to take them from. */
export async function alignFeatures(deps: AlignFeaturesDeps): Promise<readonly string[]> {
  const nodeIds = deps.fleet.nodeIds().filter((nodeId) => deps.fleet.healthy(nodeId));
  const outcomes = await scatter(nodeIds.map((nodeId) => ({ client: deps.fleet.client(nodeId), request: REQUEST })));
  const held = new Map<string, JsonObject>();
  for (const outcome of outcomes) {
    const features: unknown = outcome.kind === "answered" ? JSON.parse(outcome.text) : null;
    if (isObject(features)) held.set(outcome.nodeId, features);
  }
  const [right] = [...held].find(([nodeId]) => !deps.versions.missedShared(nodeId)) ?? [];
  const wanted = right === undefined ? undefined : held.get(right);
  if (wanted === undefined) return nodeIds;
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
  return pending;
}

const REQUEST = {
  method: "GET",
  path: "/experimental-features",
  operation: "experimental.get",
  timeoutMs: 10_000,
  repeat: "safe",
} as const satisfies NodeRequest;
