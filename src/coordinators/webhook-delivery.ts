/** Tells webhooks of tasks that have ended, soon after they have. */
import type { WebhookDelivery } from "../services/webhooks/deliver-webhooks.ts";
import type { Coordinator } from "./coordinator.ts";

export function webhookDelivery(delivery: Pick<WebhookDelivery, "tick" | "onHurry">): Coordinator {
  return {
    name: "webhook-delivery",
    lease: "webhooks",
    // Finds what ended on another router.
    intervalMs: 1_000,
    tick: () => delivery.tick(),
    onStart: (hurry) => delivery.onHurry(hurry),
  };
}
