/**
 * Webhooks as clients list and change them. They are the router's own: a node would call once per node, with numbers of
 * tasks that no client knows. A body or a uuid of the wrong shape is shown to a node, whose words the client gets.
 */
import { assert } from "../../core/assert.ts";
import { nodeError } from "../../core/errors/api-error.ts";
import {
  changedWebhook,
  newWebhook,
  refuseNil,
  tooManyWebhooks,
  webhookNotFound,
  type WebhookSettings,
  webhookSettings,
} from "../../core/webhooks/change-webhook.ts";
import { NIL_UUID, type Webhook, webhookView, type WebhookView, WEBHOOKS_MAX } from "../../core/webhooks/webhook.ts";
import type { InTurn } from "../../platform/in-turn.ts";
import type { Random } from "../../platform/random.ts";
import type { WebhookStore } from "../../store/webhook-store.ts";
import type { Relay } from "../relay/relay.ts";

export interface WebhooksDeps {
  readonly store: WebhookStore;
  readonly relay: Relay;
  readonly random: Pick<Random, "uuidV4">;
  readonly turns: InTurn<string>;
}

/** A request's body: as it came, and parsed. */
export interface WebhookBody {
  readonly text: string;
  readonly value: unknown;
}

export async function listWebhooks(deps: WebhooksDeps): Promise<{ readonly results: readonly WebhookView[] }> {
  return { results: (await deps.store.all()).map(webhookView) };
}

export async function getWebhook(deps: WebhooksDeps, id: string): Promise<WebhookView> {
  return webhookView(await find(deps, await uuidOf(deps, id)));
}

export async function createWebhook(deps: WebhooksDeps, body: WebhookBody): Promise<WebhookView> {
  const settings = await settingsOf(deps, body);
  const webhook = newWebhook(deps.random.uuidV4(), settings);
  if (!(await deps.store.add(webhook, WEBHOOKS_MAX))) throw tooManyWebhooks();
  return webhookView(webhook);
}

export async function updateWebhook(deps: WebhooksDeps, id: string, body: WebhookBody): Promise<WebhookView> {
  const settings = await settingsOf(deps, body);
  const uuid = await uuidOf(deps, id);
  refuseNil(uuid);
  return deps.turns.run(uuid, async () => {
    const webhook = changedWebhook(await find(deps, uuid), settings);
    if (!(await deps.store.replace(webhook))) throw webhookNotFound(uuid);
    return webhookView(webhook);
  });
}

export async function deleteWebhook(deps: WebhooksDeps, id: string): Promise<void> {
  const uuid = await uuidOf(deps, id);
  refuseNil(uuid);
  if (!(await deps.store.remove(uuid))) throw webhookNotFound(uuid);
}

async function find(deps: WebhooksDeps, uuid: string): Promise<Webhook> {
  const webhook = (await deps.store.all()).find((one) => one.uuid === uuid);
  if (webhook === undefined) throw webhookNotFound(uuid);
  return webhook;
}

/** The webhook of the nil uuid cannot be changed on any node, so a node looks at the shape of the body and then says no. */
async function settingsOf(deps: WebhooksDeps, { text, value }: WebhookBody): Promise<WebhookSettings> {
  const settings = webhookSettings(value);
  if (settings !== undefined) return settings;
  const judged = await deps.relay({
    method: "PATCH",
    path: `/webhooks/${NIL_UUID}`,
    body: text,
    operation: "webhooks.judge",
  });
  assert(judged.kind === "refused" && judged.error.code !== "immutable_webhook", "a node refuses what is no webhook");
  throw nodeError(judged.status, judged.error);
}

/** Hyphenated and lower case, from any of the forms that the engine takes. */
async function uuidOf(deps: WebhooksDeps, id: string): Promise<string> {
  const hex = UUID.exec(id)?.[1]?.replaceAll("-", "").toLowerCase();
  if (hex !== undefined) {
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }
  const judged = await deps.relay({
    method: "GET",
    path: `/webhooks/${encodeURIComponent(id)}`,
    operation: "webhooks.judge",
  });
  assert(judged.kind === "refused", "a node refuses what is no uuid");
  throw nodeError(judged.status, judged.error);
}

const UUID = /^(?:urn:uuid:|\{(?=.*\}$))?([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i;
