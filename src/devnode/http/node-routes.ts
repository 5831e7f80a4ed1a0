/** What a node says about itself, its experimental features and its webhooks. */
import { FEATURES } from "../node-state.ts";
import { NodeError } from "../node-error.ts";
import { jsonBody, type NodeReply, type NodeRequestContext } from "./request.ts";
import type { Route } from "./route.ts";
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
  { method: "GET", path: "/webhooks", action: "webhooks.get", handle: listWebhooks },
  { method: "POST", path: "/webhooks", action: "webhooks.create", handle: createWebhook },
  { method: "DELETE", path: "/webhooks/:webhook", action: "webhooks.delete", handle: deleteWebhook },
];

async function changeFeatures(context: NodeRequestContext): Promise<NodeReply> {
  const specs = Object.fromEntries(FEATURES.map((name) => [name, { check: boolean, code: "bad_request" }]));
  const changes = checkFields(await jsonBody(context), specs) as Readonly<Record<string, boolean>>;
  context.node.features = { ...context.node.features, ...changes };
  context.node.save();
  return { status: 200, body: context.node.features };
}

function listWebhooks(context: NodeRequestContext): NodeReply {
  return { status: 200, body: { results: context.node.webhooks.map((webhook) => ({ ...webhook, isEditable: true })) } };
}

/** Webhooks are kept and shown; a development node does not call them. */
async function createWebhook(context: NodeRequestContext): Promise<NodeReply> {
  const headers: Check<unknown> = (value, path, code) =>
    Object.fromEntries(
      Object.entries(object(value, path, code)).map(([name, text]) => [name, string(text, `${path}.${name}`, code)]),
    );
  const specs = {
    url: { check: string, code: "invalid_webhook_url" },
    headers: { check: headers, code: "invalid_webhook_headers" },
  };
  const body = checkFields(await jsonBody(context), specs);
  const url = body["url"];
  if (typeof url !== "string") {
    throw new NodeError("invalid_webhook_url", `The URL for the webhook \`[${crypto.randomUUID()}]\` is missing.`);
  }
  if (!URL.canParse(url))
    throw new NodeError("invalid_webhook_url", `Invalid URL \`${url}\`: relative URL without a base`);
  const webhook = { uuid: crypto.randomUUID(), url, headers: (body["headers"] ?? {}) as Record<string, string> };
  context.node.webhooks = [...context.node.webhooks, webhook];
  context.node.save();
  return { status: 201, body: { ...webhook, isEditable: true } };
}

function deleteWebhook(context: NodeRequestContext): NodeReply {
  const uuid = context.parameters["webhook"] ?? "";
  if (!context.node.webhooks.some((webhook) => webhook.uuid === uuid)) {
    throw new NodeError("webhook_not_found", `Webhook \`${uuid}\` not found.`);
  }
  context.node.webhooks = context.node.webhooks.filter((webhook) => webhook.uuid !== uuid);
  context.node.save();
  return { status: 204 };
}
