/** Tells webhooks of tasks that have ended, soon after they have. */
import type { WebhookDelivery } from "../services/webhooks/deliver-webhooks.ts";
import type { Coordinator } from "./coordinator.ts";

export function webhookDelivery(delivery: Pick<WebhookDelivery, "tick" | "onHurry">): Coordinator {
  return {
    name: "webhook-delivery",
    intervalMs: 1_000,
    tick: (signal) => delivery.tick(signal),
    onStart: (hurry) => delivery.onHurry(hurry),
  };
}
