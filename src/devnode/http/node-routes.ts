/** What a node says about itself, and its experimental features. */
import { FEATURES } from "../node-state.ts";
import { jsonBody, type NodeReply, type NodeRequestContext } from "./request.ts";
import type { Route } from "./route.ts";
import { unsupported } from "./unsupported.ts";
import { boolean, checkFields } from "./validate.ts";

/** The engine whose behaviour this node follows. */
const ENGINE_VERSION = "1.50.0";

export const nodeRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/",
    action: null,
    handle: () => ({ status: 200, body: { status: "Meilisearch is running" } }),
  },
  { method: "GET", path: "/health", action: null, handle: () => ({ status: 200, body: { status: "available" } }) },
  {
    method: "GET",
    path: "/version",
    action: "version",
    handle: () => ({ status: 200, body: { commitSha: "unknown", commitDate: "unknown", pkgVersion: ENGINE_VERSION } }),
  },
  {
    method: "GET",
    path: "/experimental-features",
    action: "experimental.get",
    handle: (context) => ({ status: 200, body: context.node.features }),
  },
  { method: "PATCH", path: "/experimental-features", action: "experimental.update", handle: changeFeatures },
  { method: "GET", path: "/webhooks", action: "webhooks.get", handle: refuseWebhooks },
  { method: "POST", path: "/webhooks", action: "webhooks.create", handle: refuseWebhooks },
];

async function changeFeatures(context: NodeRequestContext): Promise<NodeReply> {
  const specs = Object.fromEntries(FEATURES.map((name) => [name, { check: boolean, code: "bad_request" }]));
  const changes = checkFields(await jsonBody(context), specs) as Readonly<Record<string, boolean>>;
  context.node.features = { ...context.node.features, ...changes };
  context.node.save();
  return { status: 200, body: context.node.features };
}

function refuseWebhooks(): never {
  throw unsupported("webhooks");
}
