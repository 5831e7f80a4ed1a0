/** What a node says about itself, and its experimental features. */
import { NodeError } from "../node-error.ts";
import { FEATURES } from "../node-state.ts";
import { jsonBody, type NodeReply, type NodeRequestContext } from "./request.ts";
import type { Route } from "./route.ts";
import { unsupported } from "./unsupported.ts";
import { boolean, checkFields, object, string, type Check } from "./validate.ts";

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
  { method: "POST", path: "/export", action: "export", handle: judgeExport },
  { method: "GET", path: "/webhooks/:uuid", action: "webhooks.get", handle: refuseWebhook },
  { method: "PATCH", path: "/webhooks/:uuid", action: "webhooks.update", handle: judgeWebhook },
];

async function changeFeatures(context: NodeRequestContext): Promise<NodeReply> {
  const specs = Object.fromEntries(FEATURES.map((name) => [name, { check: boolean, code: "bad_request" }]));
  const changes = checkFields(await jsonBody(context), specs) as Readonly<Record<string, boolean>>;
  context.node.features = { ...context.node.features, ...changes };
  context.node.save();
  return { status: 200, body: context.node.features };
}

/** A development node has no webhooks; it only judges what one may look like, as the router asks it to. */
async function judgeWebhook(context: NodeRequestContext): Promise<NodeReply> {
  const body = await jsonBody(context);
  for (const field of ["uuid", "isEditable"]) {
    if (typeof body === "object" && body !== null && field in body) {
      const code = field === "uuid" ? "immutable_webhook_uuid" : "immutable_webhook_is_editable";
      throw new NodeError(code, `Immutable field \`${field}\`: expected one of \`url\`, \`headers\``);
    }
  }
  checkFields(body, {
    url: { check: string, code: "invalid_webhook_url" },
    headers: { check: textsByName, code: "invalid_webhook_headers" },
  });
  return refuseWebhook(context);
}

/** Nor does it export anything. */
async function judgeExport(context: NodeRequestContext): Promise<NodeReply> {
  checkFields(await jsonBody(context), {
    url: { check: string, code: "invalid_export_url" },
    apiKey: { check: string, code: "invalid_export_api_key" },
    payloadSize: { check: (value) => value, code: "invalid_export_payload_size" },
    indexes: { check: object, code: "bad_request" },
  });
  throw unsupported("/export");
}

const textsByName: Check<unknown> = (value, path, code) => {
  for (const [name, text] of Object.entries(object(value, path, code))) {
    if (text !== null) string(text, `${path}.${name}`, code);
  }
  return value;
};

function refuseWebhook({ parameters }: NodeRequestContext): never {
  const uuid = parameters["uuid"] ?? "";
  if (!/^[0-9a-f-]{36}$/.test(uuid)) {
    throw new NodeError("invalid_webhook_uuid", `Invalid UUID: invalid length: expected 36, found ${uuid.length}`);
  }
  throw new NodeError("immutable_webhook", `Webhook \`${uuid}\` is immutable.`);
}
