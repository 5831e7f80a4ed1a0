/** The parts of the webhooks: what routes, the task registry and the background need of them. */
import type { Config } from "../config/config.ts";
import { createIpPolicy } from "../core/network/ip-policy.ts";
import { createHttpOutgoing } from "../outgoing/http/http-outgoing.ts";
import type { Outgoing } from "../outgoing/outgoing.ts";
import type { Clock } from "../platform/clock.ts";
import { createInTurn } from "../platform/in-turn.ts";
import type { Random } from "../platform/random.ts";
import type { Relay } from "../services/relay/relay.ts";
import type { WebhooksDeps } from "../services/webhooks/change-webhooks.ts";
import { createWebhookDelivery, type WebhookDelivery } from "../services/webhooks/deliver-webhooks.ts";
import { noticeEnds } from "../services/webhooks/notice-ends.ts";
import type { Store } from "../store/store.ts";
import type { TaskStore } from "../store/task-store.ts";
import type { Emit } from "../telemetry/event.ts";

export interface Webhooks {
  readonly routes: WebhooksDeps;
  readonly delivery: WebhookDelivery;
  /** The store of the tasks, through which the delivery hears of ends at once. */
  readonly tasks: TaskStore;
}

export interface WebhookParts {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  readonly relay: Relay;
}

export function buildOutgoing({ config, clock }: Pick<WebhookParts, "config" | "clock">): Outgoing {
  return createHttpOutgoing({ clock, allows: createIpPolicy(config.outgoing.allowed_ip_networks) });
}

export function buildWebhooks({ config, store, clock, random, emit, relay }: WebhookParts): Webhooks {
  const delivery = createWebhookDelivery({
    webhooks: store.webhooks,
    tasks: store.tasks,
    outgoing: buildOutgoing({ config, clock }),
    idFormat: config.task_registry.id_format,
    clock,
    emit,
  });
  return {
    routes: { store: store.webhooks, relay, random, turns: createInTurn<string>() },
    delivery,
    tasks: noticeEnds(store.tasks, () => delivery.wake()),
  };
}
