/** What happens to deliveries. Webhooks by their uuid: an address or a header may hold a secret. */
import { defineEvent } from "../event.ts";

export const webhookDelivered = defineEvent<{ webhook: string; tasks: number }>({
  name: "webhook.delivered",
  level: "debug",
  message: "A webhook was told of tasks that had ended.",
  measure: (metrics) => metrics.count("webhook_deliveries_total", { outcome: "delivered" }),
});

export const webhookFailed = defineEvent<{
  webhook: string;
  tasks: number;
  attempt: number;
  pauseMs: number;
  detail: string;
}>({
  name: "webhook.failed",
  level: "warn",
  message: "A webhook did not take what it was told; it is tried again.",
  measure: (metrics) => metrics.count("webhook_deliveries_total", { outcome: "failed" }),
});

export const webhookGaveUp = defineEvent<{ webhook: string; tasks: number; detail: string }>({
  name: "webhook.gave_up",
  level: "error",
  message: "A webhook was tried as often as it is tried, and misses these tasks.",
  measure: (metrics) => metrics.count("webhook_deliveries_total", { outcome: "gave_up" }),
});
