/** Experimental features: read from a node, switched on all nodes or on none, because mixed ones would answer apart. */
import { apiError, nodeError } from "../../core/errors/api-error.ts";
import { isObject } from "../../core/settings/json-shape.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import { type AskableFleet, askReadable } from "../broadcast/ask-readable.ts";
import { type EveryNodeDeps, onEveryNode } from "../broadcast/on-every-node.ts";

export interface ExperimentalDeps extends EveryNodeDeps {
  readonly fleet: EveryNodeDeps["fleet"] & AskableFleet;
  /** One change at a time, over all routers. */
  readonly queue: <T>(work: () => Promise<T>) => Promise<T>;
}

/** The JSON text a node answers. */
export async function getExperimentalFeatures(
  deps: Pick<ExperimentalDeps, "fleet">,
  signal?: AbortSignal,
): Promise<string> {
  const outcome = await askReadable(deps.fleet, request("GET"), signal);
  if (outcome.kind === "refused") throw nodeError(outcome.status, outcome.error);
  return outcome.text;
}

/** Which features are on. */
export async function featureSwitches(
  deps: Pick<ExperimentalDeps, "fleet">,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const features: unknown = JSON.parse(await getExperimentalFeatures(deps, signal));
  return isObject(features) ? features : {};
}

/** `text` is the client's body, `value` the same, parsed. */
export async function changeExperimentalFeatures(
  deps: ExperimentalDeps,
  text: string,
  value: unknown,
): Promise<string> {
  refuseUnservable(value);
  return deps.queue(async () => {
    const before: unknown = JSON.parse(await getExperimentalFeatures(deps));
    const undo = request("PATCH", JSON.stringify(partOf(before, value)));
    return (await onEveryNode(deps, { request: request("PATCH", text), tolerated: [], undo })).text;
  });
}

function refuseUnservable(change: unknown): void {
  if (!isObject(change)) return;
  for (const [feature, why] of Object.entries(UNSERVABLE)) {
    if (change[feature] === true) {
      throw apiError("miroir_not_supported", `The experimental feature \`${feature}\` cannot be switched on: ${why}`);
    }
  }
}

/** Features under which answers over several nodes would silently be wrong. */
const UNSERVABLE: Readonly<Record<string, string>> = {
  network:
    "it is a second way of sharding, which would run under this one. Nodes are named in the router's configuration.",
  foreignKeys:
    "the document that a key means is often on another node, so hits would be filled in on some nodes and not on others. Store what hits have to show in the documents themselves.",
  legacySearch:
    "its answers count hits in another way, which cannot be put together from several nodes. Leave it off on every node.",
};

/** The old values of what is about to change. */
function partOf(before: unknown, change: unknown): unknown {
  if (!isObject(before) || !isObject(change)) return {};
  return Object.fromEntries(Object.entries(before).filter(([feature]) => feature in change));
}

function request(method: "GET" | "PATCH", body?: string): NodeRequest {
  return {
    method,
    path: "/experimental-features",
    operation: method === "GET" ? "experimental.get" : "experimental.update",
    timeoutMs: 10_000,
    repeat: method === "GET" ? "safe" : "once",
    ...(body === undefined ? {} : { body }),
  };
}
