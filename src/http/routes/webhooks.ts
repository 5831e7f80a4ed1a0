/** Webhooks: the router's own, called once for each of its tasks. */
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  updateWebhook,
  type WebhooksDeps,
} from "../../services/webhooks/change-webhooks.ts";
import { jsonBody } from "../decode/json-body.ts";
import { empty, json } from "../respond.ts";
import type { RequestContext, Route } from "../route.ts";

export function webhooksRoutes(deps: WebhooksDeps): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/webhooks",
      access: { kind: "action", action: "webhooks.get" },
      answered: "from the router's store",
      handler: async () => json(200, await listWebhooks(deps)),
    },
    {
      method: "POST",
      path: "/webhooks",
      access: { kind: "action", action: "webhooks.create" },
      answered: "in the router's store; called once per task of the router, by the router",
      handler: async (context) => json(201, await createWebhook(deps, await jsonBody(context))),
    },
    {
      method: "GET",
      path: "/webhooks/{uuid}",
      access: { kind: "action", action: "webhooks.get" },
      answered: "from the router's store",
      handler: async (context) => json(200, await getWebhook(deps, idOf(context))),
    },
    {
      method: "PATCH",
      path: "/webhooks/{uuid}",
      access: { kind: "action", action: "webhooks.update" },
      answered: "in the router's store",
      handler: async (context) => json(200, await updateWebhook(deps, idOf(context), await jsonBody(context))),
    },
    {
      method: "DELETE",
      path: "/webhooks/{uuid}",
      access: { kind: "action", action: "webhooks.delete" },
      answered: "from the router's store",
      handler: async (context) => {
        await deleteWebhook(deps, idOf(context));
        return empty(204);
      },
    },
  ];
}

function idOf(context: RequestContext): string {
  return context.params["uuid"] ?? "";
}
